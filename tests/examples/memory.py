"""What the memory of a process holds: memory.py PID TEXT OTHER...

Fails unless TEXT is there, which shows that the search finds something, and none of the others.

SPDX-License-Identifier: MIT
"""

import sys

PART = 1 << 20
OVERLAP = 200  # longer than the texts
SHADOW = 1 << 32  # an area of this size is a sanitizer's, and no data


def parts(pid):
    """The octets that the process can write to, in parts that overlap."""
    with open(f"/proc/{pid}/maps") as maps, open(f"/proc/{pid}/mem", "rb", 0) as memory:
        for line in maps:
            area, access = line.split()[:2]
            begin, end = (int(number, 16) for number in area.split("-"))
            if not access.startswith("rw") or end - begin >= SHADOW:
                continue
            for at in range(begin, end, PART):
                memory.seek(at)
                yield memory.read(min(end - at, PART + OVERLAP))


def main():
    pid, wanted, *others = sys.argv[1:]
    found = set()
    try:
        for part in parts(pid):
            found.update(text for text in (wanted, *others) if text.encode() in part)
    except OSError as error:
        print("skipped:", error)
        return
    if found != {wanted}:
        sys.exit(f"in memory: {sorted(found)}")


if __name__ == "__main__":
    main()
