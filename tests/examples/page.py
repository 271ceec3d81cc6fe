"""The page of replies in a real browser: page.py PROGRAM

Whether it is whole and well-formed, fits phones and desktops, can be read in the light and in the
dark, is searched rightly, and needs neither the network nor its own script.

SPDX-License-Identifier: MIT
"""
import html.parser
import pathlib
import subprocess
import sys
import tempfile

sys.dont_write_bytecode = True
import chromium  # noqa: E402

SIZES = ((320, 640), (412, 915), (1280, 800))
CONTRAST = 4.5  # WCAG 2.1, 1.4.3
VOID = {"meta", "link", "input", "br", "img", "hr"}

OVERFLOW = """(() => {
  const width = document.documentElement.clientWidth;
  const wide = [...document.body.querySelectorAll("*")].filter(element => {
    const box = element.getBoundingClientRect();
    return box.right > width + 0.5 || box.left < -0.5 || element.scrollWidth > element.clientWidth &&
      element.clientWidth > 0 && element.tagName !== "INPUT";
  });
  return {whole: document.documentElement.scrollWidth, room: innerWidth,
    wide: wide.slice(0, 3).map(element => element.outerHTML.slice(0, 200))};
})()"""

PALE = """(() => {
  const canvas = document.createElement("canvas").getContext("2d", {willReadFrequently: true});
  const parts = colour => {
    canvas.clearRect(0, 0, 1, 1);
    canvas.fillStyle = colour;
    canvas.fillRect(0, 0, 1, 1);
    return [...canvas.getImageData(0, 0, 1, 1).data];
  };
  const light = colour => parts(colour).slice(0, 3).map(part => part / 255)
    .map(part => part <= 0.03928 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4)
    .reduce((sum, part, i) => sum + part * [0.2126, 0.7152, 0.0722][i], 0);
  const ground = element => {
    const own = getComputedStyle(element).backgroundColor;
    return parts(own)[3] === 255 || !element.parentElement ? own : ground(element.parentElement);
  };
  const seen = {};
  for (const element of document.body.querySelectorAll("*")) {
    const text = [...element.childNodes].some(node => node.nodeType === 3 && node.data.trim());
    if (!text || ["SCRIPT", "STYLE"].includes(element.tagName))
      continue;
    const pair = getComputedStyle(element).color + " on " + ground(element);
    seen[pair] = seen[pair] || element;
  }
  return Object.keys(seen).map(pair => {
    const [first, second] = pair.split(" on ").map(light).sort((a, b) => b - a);
    return [pair, (first + 0.05) / (second + 0.05)];
  });
})()"""

SHOWN = """[...document.querySelectorAll("article")].filter(card => card.checkVisibility())
  .map(card => card.id.slice(4)).join(" ")"""

GROUPS = """[...document.querySelectorAll("section")].map(group =>
  [...group.querySelectorAll("article")].map(card => card.dataset.table[0] + card.id.slice(4)))"""

CARDS = """[...document.querySelectorAll("article")].map(card => [card.id.slice(4),
  card.querySelector("h3 a").textContent, card.querySelector("dl code").textContent,
  card.querySelector(".phrase").textContent, card.querySelector("h3").id,
  ...[...card.querySelectorAll("dd")].slice(1).map(part => part.textContent)].join("\\t"))"""

failures = []


def check(fits, message):
    """Notes a failure and goes on."""
    if not fits:
        failures.append(message)
        print("FAILED:", message)


class Nesting(html.parser.HTMLParser):
    """Whether elements close in order, ids are unique, and nothing comes from elsewhere."""

    def __init__(self):
        super().__init__()
        self.open, self.ids, self.faults, self.targets = [], set(), [], []

    def handle_starttag(self, tag, attrs):
        if tag not in VOID:
            self.open.append(tag)
        for name, value in attrs:
            if name == "id" and value in self.ids:
                self.faults.append(f"the id {value} stands twice")
            if name == "id":
                self.ids.add(value)
            if name in ("href", "src") and value.startswith("#"):
                self.targets.append(value[1:])
            elif name in ("href", "src") and value != "data:,":
                self.faults.append(f"the page needs {value}")

    def handle_endtag(self, tag):
        if not self.open or self.open.pop() != tag:
            self.faults.append(f"</{tag}> at {self.getpos()}")


def run(program, *arguments):
    """What the program prints."""
    return subprocess.run([program, *arguments], check=True, capture_output=True, text=True).stdout


def table(program, codes):
    """The rows of a code set: id, code, enhanced, phrase, description, remedy."""
    return [line.split("\t") for line in run(program, "--tsv", "--codes", codes).splitlines()[1:]]


class Page:
    """The page, open in the browser, and what it has to show."""

    def __init__(self, browser, program, directory):
        self.browser, self.program = browser, program
        self.table, self.registry = table(program, "table"), table(program, "registry")
        self.source = run(program, "--html")
        path = pathlib.Path(directory, "replies.html")
        path.write_text(self.source, encoding="utf-8")
        self.url = path.as_uri()

    def source_is_sound(self):
        nesting = Nesting()
        nesting.feed(self.source)
        nesting.close()
        nesting.faults += [f"#{name} leads nowhere" for name in set(nesting.targets) - nesting.ids]
        nesting.faults += [f"<{tag}> is left open" for tag in nesting.open]
        check(not nesting.faults, f"the source: {nesting.faults[:5]}")
        for part in ("<!DOCTYPE html>", '<html lang="en">', 'name="viewport"', '<label for="query">',
                     "<h1>"):
            check(part in self.source, f"{part} is missing")

    def is_whole(self):
        """Every row stands there, with both pairs of codes and all words."""
        wanted = []
        for row, other in zip(self.table, self.registry):
            codes = [" ".join(filter(None, pair[1:3])) for pair in (row, other)]
            wanted.append([row[0], *codes, row[3], None, *row[4:]])
        cards = [card.split("\t") for card in self.browser.value(CARDS)]
        check(len(cards) == len(wanted), f"{len(cards)} rows of {len(wanted)}")
        for card, row in zip(cards, wanted):
            row[4] = card[4]
            check(card == row, f"row {row[0]}: {card} is not {row}")
            check(f"  {row[0]} {card[4]}" in run(self.program, card[4]), f"name {card[4]}")

    def is_grouped(self):
        """The 50 of the policy table, then the others by the first digit of their code."""
        policy, *others = self.browser.value(GROUPS)
        check([card[1:] for card in policy] == [str(number) for number in range(1, 51)], "policy")
        check([{card[0] for card in group} for group in others] == [{"2"}, {"3"}, {"4"}, {"5"}],
              f"groups: {others}")

    def fits(self, size):
        found = self.browser.value(OVERFLOW)
        check(found["whole"] <= found["room"] and not found["wide"], f"{size}: overflow: {found}")
        check(found["room"] == size[0], f"{size}: the page takes {found['room']} for its width")

    def can_be_read(self, scheme):
        pairs = self.browser.value(PALE)
        check(len(pairs) >= 6, f"{scheme}: only {len(pairs)} colours were seen")
        for pair, ratio in pairs:
            check(ratio >= CONTRAST, f"{scheme}: contrast {ratio:.2f} of {pair}")
        dark = self.browser.value("getComputedStyle(document.body).backgroundColor")
        check((scheme == "dark") == (dark == "rgb(18, 21, 24)"), f"{scheme}: the page is {dark}")

    def search(self, text):
        """Types a text into the emptied field; returns the ids shown and the count told."""
        self.browser.value("document.getElementById('query').select()")
        self.browser.call("Input.dispatchKeyEvent", type="keyDown", key="Delete", code="Delete",
                          windowsVirtualKeyCode=46)
        for letter in text:
            self.browser.call("Input.dispatchKeyEvent", type="keyDown", text=letter)
        check(self.browser.value("document.getElementById('query').value") == text,
              f"the field does not take {text}")
        return (self.browser.value(SHOWN).split(),
                self.browser.value("document.getElementById('count').textContent"))

    def finds(self, text, fits):
        """The rows that fit in either code set, no others, and so many are told."""
        wanted = [row[0] for row, other in zip(self.table, self.registry) if fits(row) or fits(other)]
        shown, told = self.search(text)
        check(shown == wanted, f"search for {text}: {shown}, not {wanted}")
        check(told == f"{len(wanted)} of {len(self.table)} replies", f"search for {text}: {told}")
        none = self.browser.value("document.getElementById('none').checkVisibility()")
        check(none == (not wanted), f"search for {text}: 'No reply fits' is wrong")
        groups = self.browser.value("[...document.querySelectorAll('section')].filter(group =>"
                                    "group.checkVisibility() !== [...group.querySelectorAll("
                                    "'article')].some(card => card.checkVisibility())).length")
        check(groups == 0, f"search for {text}: empty groups are shown")
        return wanted

    def can_be_searched(self):
        every = [row[0] for row in self.table]
        for code in sorted({row[1] for row in self.table + self.registry}) + ["559"]:
            self.finds(code, lambda row, code=code: row[1] == code)
        for code in ("5.7.1", "5.7.8", "4.4.2", "5.1.10", "5.9.9"):
            self.finds(code, lambda row, code=code: row[2] == code)
        check(self.finds("5.7.", lambda row: row[2].startswith("5.7.")), "5.7. is nowhere")
        self.finds("42", lambda row: row[1].startswith("42"))
        self.finds("554 5.4.6 too MANY", lambda row: row[0] == "50")
        self.finds("circles", lambda row: row[0] == "50")
        self.finds("user_unknown", lambda row: row[0] == "21")
        check(len(self.finds("relay", lambda row: row[0] in self.ids("relay"))) > 2, "relay")
        self.finds("nonsense", lambda row: False)
        shown, told = self.search("")
        check(shown == every and told == f"{len(every)} replies", f"emptied: {told}")

    def ids(self, *words):
        """What the program itself finds."""
        return [line.split()[0] for line in run(self.program, *words).splitlines()
                if line[:2] == "  " and line[2:3].isdigit()]

    def anchors(self):
        """A link to a row shows it, also if the search hides it."""
        for anchor, row in (("row-21", "21"), ("TOO_MANY_HOPS", "50"), ("HOLD_QUOTA", "277")):
            self.search("4.4.2")
            self.browser.open(f"{self.url}#{anchor}")
            top, bar = self.browser.value(
                "new Promise(done => requestAnimationFrame(() => setTimeout(done, 200)))"
                f".then(() => [document.getElementById('row-{row}'),"
                "document.getElementById('search')].map(part => part.getBoundingClientRect()))"
                ".then(([card, form]) => [card.top, form.bottom])")
            height = self.browser.value("innerHeight")
            check(bar - 1 <= top < height - 100, f"#{anchor}: its row is at {top} of {height}")

    def stays_at_home(self):
        """Nothing was asked for but the page, and nothing was complained of."""
        for event in self.browser.events:
            method, told = event.get("method", ""), event.get("params", {})
            url = told.get("request", {}).get("url", self.url)
            check(method != "Network.requestWillBeSent" or url.split("#")[0] == self.url or
                  url in ("about:blank", "data:,"), f"the page asks for {url}")
            check(method not in ("Runtime.exceptionThrown", "Runtime.consoleAPICalled",
                                 "Log.entryAdded"), f"the page complains: {told}")


def try_page(browser, program, directory):
    """All that is asked of the page."""
    page = Page(browser, program, directory)
    page.source_is_sound()
    for scheme in ("light", "dark"):
        browser.colours(scheme)
        for size in SIZES:
            browser.window(*size)
            browser.open("about:blank")
            browser.open(page.url)
            page.fits(size)
        page.can_be_read(scheme)
    page.is_whole()
    page.is_grouped()
    browser.value("document.getElementById('query').focus()")
    page.can_be_searched()
    page.fits(SIZES[-1])
    browser.window(*SIZES[0])
    page.anchors()
    browser.call("Emulation.setScriptExecutionDisabled", value=True)
    browser.open("about:blank")
    browser.open(page.url)
    page.fits(SIZES[0])
    check(len(browser.value(SHOWN).split()) == len(page.table), "not all is shown without script")
    check(not browser.value("document.getElementById('query').checkVisibility()"),
          "a search field is shown that does nothing")
    page.stays_at_home()


def main():
    program = chromium.find()
    if program is None:
        print("skipped: no Chromium")
        return 77
    with tempfile.TemporaryDirectory() as directory, chromium.Chromium(program) as browser:
        try_page(browser, sys.argv[1], directory)
    print("the page of replies: as expected" if not failures else f"{len(failures)} failures")
    return 1 if failures else 0


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit("usage: page.py PROGRAM")
    sys.exit(main())
