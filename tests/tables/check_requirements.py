#!/usr/bin/env python3
# Which test proves which requirement. requirements.tsv lists every id with the tests that name it;
# this check fails for an id that is due and has none, for a test that names an unknown id, and
# for a list that is not up to date (--update writes it anew).
# SPDX-License-Identifier: MIT
import pathlib
import re
import sys

TESTS = pathlib.Path(__file__).resolve().parent.parent
TABLE = TESTS / "tables" / "requirements.tsv"
ID = re.compile(r"\bR(?:SEC|ENG|LOGIN|PROXY|XCLIENT|XFORWARD|\d+)-[A-Za-z0-9.]+(?:-[A-Za-z0-9.]+)*")
KINDS = {".c", ".h", ".txt", ".sh", ".py"}


def named_in_tests():
    named = {}
    for path in sorted(TESTS.rglob("*")):
        if path.suffix not in KINDS or "tables" in path.parts[len(TESTS.parts):-1]:
            continue
        for text in ID.findall(path.read_text(errors="replace")):
            named.setdefault(text.rstrip("."), set()).add(str(path.relative_to(TESTS)))
    return named


def read_table():
    head, rows = [], []
    for line in TABLE.read_text().splitlines():
        if line.startswith("#"):
            head.append(line)
            continue
        rows.append((line.split("\t") + ["", "", ""])[:4])
    return head, rows


def main():
    named = named_in_tests()
    head, rows = read_table()
    known = {row[0] for row in rows}
    fresh = [[i, side, due, ",".join(sorted(named.get(i, ())))] for i, side, due, _ in rows]
    if "--update" in sys.argv[1:]:
        TABLE.write_text("\n".join(head + ["\t".join(row).rstrip("\t") for row in fresh]) + "\n")
        rows = fresh
    faults = [f"{i}: due, and no test names it" for i, _, due, tests in fresh if due == "now" and not tests]
    faults += [f"{i}: unknown id, named in {', '.join(sorted(named[i]))}" for i in sorted(named) if i not in known]
    if rows != fresh:
        faults.append("requirements.tsv is not up to date: tests/tables/check_requirements.py --update")
    for fault in faults:
        print(fault)
    due = [row for row in fresh if row[2] == "now"]
    print(f"{sum(1 for row in due if row[3])} of {len(due)} due requirements have a test; "
          f"{len(fresh) - len(due)} belong to later work")
    return 1 if faults else 0


sys.exit(main())
