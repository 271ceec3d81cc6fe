#!/usr/bin/env python3
# Which transcript brings about which row of the reply table, and which tests of the policy host name
# it. Fails for a row without a transcript, or without its codes to the letter in both sets.
# scripts/replies/row-NN-id-cause.txt is one way to a row; where a session can show one set only, the
# other stands in row-NN-id-cause-registry.txt.
# SPDX-License-Identifier: MIT
import pathlib
import re
import sys
from collections import namedtuple

TESTS = pathlib.Path(__file__).resolve().parent.parent
TABLE = TESTS / "tables" / "reply-rows.tsv"
CATALOGUE = TESTS.parent / "lib" / "reply" / "catalogue.def"
REPLIES = TESTS / "scripts" / "replies"
POLICY = TESTS / "policy"

# The client gives these; here a hook hands them on.
CLIENT_ROWS = range(45, 50)
# Greetings and replies to EHLO, where the registry set shows no enhanced code (RFC 2034 3).
NEVER_ENHANCED_ROWS = {5, 17, 36, 44}
# What examples/smtpd --policy decides; each needs a test that names it ("row 36").
POLICY_ROWS = {*range(7, 14), *range(19, 45), 50}

Row = namedtuple("Row", "number code enhanced id phrase")
Said = namedtuple("Said", "codes enhanced hello text")  # one S line, and where it was said

ENTRY = re.compile(r'ROW\((\d+), (\w+), (\d+), (NONE|E\(\d+, \d+\)), (\d+), (NONE|E\(\d+, \d+\)), "(.*)"\)')
VERDICT = re.compile(r"^(?:V: \w+|! resume \w+) .*?\b([A-Z][A-Z0-9_]+)(?: about (.*))?$")
TEST_BEGINS = re.compile(r'\s*(?:(?:async )?def \w+|Case\("[^"]*|\w+ ?\(\) ?\{)')


def read_table():
    lines = (line for line in TABLE.read_text().splitlines() if not line.startswith("#"))
    return [Row(int(number), *rest) for number, *rest in (line.split("\t") for line in lines)]


def enhanced(code, packed):
    numbers = re.findall(r"\d+", packed)
    return ".".join([code[0], *numbers]) if numbers else ""


def registry_pairs():
    """The registry pairs of each (code, enhanced code, phrase) of the table set, by id: some ids
    split a row and share these."""
    pairs = {}
    for entry in ENTRY.findall(CATALOGUE.read_text()):
        _, name, code, packed, registry_code, registry_packed, phrase = entry
        same = pairs.setdefault((code, enhanced(code, packed), phrase), {})
        same[name] = registry_code, enhanced(registry_code, registry_packed)
    return pairs


def read_transcript(path):
    """What the server says in it, and what the replies are about."""
    said, subjects = [], {None}
    codes, shows_enhanced, hello = "table", True, True
    for line in path.read_text().splitlines():
        verdict = VERDICT.match(line)
        if verdict:
            subjects.add(verdict[2])
        elif line.startswith("! config codes "):
            codes = line.split()[-1]
        elif line.startswith("! config disabled_extensions"):
            shows_enhanced = "enhancedstatuscodes" not in line
        elif line.startswith("C") and said:
            hello = line[3:7].upper() in ("EHLO", "HELO", "LHLO")
        elif line.startswith(("S:", "S+")):
            said.append(Said(codes, shows_enhanced, hello, line[3:]))
    return said, subjects


def wire(code, enhanced_code, phrase, subjects):
    """The reply as it is sent, about each of the subjects."""
    front = f"{code} {enhanced_code} " if enhanced_code else f"{code} "
    for subject in subjects:
        if "%s" not in phrase:
            yield front + (f"{subject} " if subject else "") + phrase
        else:
            yield front + (phrase.replace("%s", subject) if subject else re.sub(" ?%s ?", " ", phrase).strip())


def forms_shown(row, pairs, path):
    """Of the row's forms those that are in this transcript: table, registry (another id's of the
    same row too), own (the row's own registry pair), short (without the extension)."""
    said, subjects = read_transcript(path)
    shown = set()
    for line in said:
        def has(code, enhanced_code):
            return line.text in wire(code, enhanced_code, row.phrase, subjects)

        if not line.enhanced:
            shown |= {"short"} if line.codes == "table" and has(row.code, "") else set()
        elif line.codes == "table":
            shown |= {"table"} if has(row.code, row.enhanced or f"{row.code[0]}.0.0") else set()
        else:
            for name, (code, enhanced_code) in pairs.items():
                if has(code, "" if line.hello else enhanced_code):
                    shown.add("registry")
                    if name == row.id and (not line.hello or row.number in NEVER_ENHANCED_ROWS):
                        shown.add("own")
    return shown


def check_row(row, pairs, paths, faults):
    """Counts the ways to a row; `paths` are its transcripts."""
    prefix = f"row-{row.number:02}-{row.id.lower().replace('_', '-')}"
    ways = {}
    for path in paths:
        if path.stem != prefix and not path.stem.startswith(prefix + "-"):
            faults.append(f"{path.name}: row {row.number} is {row.id}")
            continue
        ways.setdefault(path.stem.removesuffix("-registry"), set()).update(forms_shown(row, pairs, path))
    if not ways:
        faults.append(f"row {row.number}, {row.id}: no transcript replies/{prefix}-....txt")
        return 0
    for way, shown in ways.items():
        faults.extend(f"{way}.txt: the reply is not said in the {codes} set"
                      for codes in ("table", "registry") if codes not in shown)
    shown = set.union(*ways.values())
    if "own" not in shown:
        faults.append(f"row {row.number}, {row.id}: its own registry codes are said nowhere")
    if not row.enhanced and "short" not in shown:
        faults.append(f"row {row.number}, {row.id}: not said without an enhanced code, as it stands in the table")
    return sum(1 for shown in ways.values() if {"table", "registry"} <= shown)


def rows_named(line):
    """Numbers behind "row" or "rows": row 36, row_36, rows 8, 9 and 20-22."""
    for text in re.findall(r"(?i)(?<![a-z])rows?[ _](\d+(?:(?:, | and | or |-)\d+)*)", line):
        for first, last in re.findall(r"(\d+)(?:-(\d+))?", text):
            yield from range(int(first), int(last or first) + 1)


def tests_naming(path):
    """(row, test) for each row that a file names. A test begins at a function or at Case("..."; a
    comment right above belongs to it; "" is what stands before the first."""
    test, above = "", []
    for line in path.read_text(errors="replace").splitlines():
        begun = TEST_BEGINS.match(line)
        if begun:
            test = begun[0]
        elif line.lstrip().startswith(("#", "@")):
            above.extend(rows_named(line))
            continue
        yield from ((row, test) for row in [*above, *rows_named(line)])
        above = []
    yield from ((row, test) for row in above)


def policy_tests():
    """How many tests of the policy host name a row: of a file its tests, or else itself."""
    count = {}
    for path in sorted(POLICY.rglob("*")):
        if path.suffix not in (".py", ".sh", ".c"):
            continue
        named = set(tests_naming(path))
        for row in {row for row, _ in named}:
            tests = sum(1 for number, test in named if number == row and test)
            count[row] = count.get(row, 0) + (tests or 1)
    return count


def main():
    faults = []
    rows = read_table()
    pairs = registry_pairs()
    policy = policy_tests()
    transcripts = {}
    for path in sorted(REPLIES.glob("row-*.txt")):
        number = re.match(r"row-(\d\d)-", path.name)
        if number and 1 <= int(number[1]) <= len(rows):
            transcripts.setdefault(int(number[1]), []).append(path)
        else:
            faults.append(f"{path.name}: there is no such row")
    print("row  codes      id                          ways tested  policy host  on the wire")
    for row in rows:
        key = row.code, row.enhanced, row.phrase
        if row.id not in pairs.get(key, {}):
            faults.append(f"row {row.number}, {row.id}: not so in {CATALOGUE.name}")
            continue
        before = len(faults)
        ways = check_row(row, pairs[key], transcripts.get(row.number, []), faults)
        named = policy.get(row.number, 0)
        if row.number in POLICY_ROWS and not named:
            faults.append(f"row {row.number}, {row.id}: no test of the policy host names it")
        reachable = "no: the client's" if row.number in CLIENT_ROWS else "yes" if ways else "no"
        print(f"{row.number:>3}  {row.code + ' ' + row.enhanced:<9}  {row.id:<26}  {ways + named:>11}  {named:>11}"
              f"  {reachable}{'' if len(faults) == before else ', with faults'}")
    for fault in faults:
        print(fault)
    return 1 if faults else 0


sys.exit(main())
