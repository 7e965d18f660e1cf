#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Read what mutate writes, verify it anew, and compare.

A log that was not changed must be intact, or incomplete for the instances that were
cut off when it was made, and for nothing else. One that was changed must be neither
when its head is known. Both verifiers must agree on the class, with and without the
head.
"""
import collections
import sys

import verify

COMPLAINTS_MAX = 20


def read_cases(stream):
    while header := stream.readline():
        name, known, unknown, head, *lengths = header.decode().split()
        yield name, known, unknown, head, [("", stream.read(int(length))) for length in lengths]


def word(found):
    """The class as mutate writes it."""
    verdict, details = found
    if verdict == "incomplete" and all(text.startswith(verify.CUT_OFF) for text in details):
        return f"cut-off-{len(details)}"
    return verdict


def is_unchanged(name):
    return name == "none" or name.startswith("cut-off-")


def is_whole(verdict):
    """Nothing speaks against it but how it was made."""
    return verdict == "intact" or verdict.startswith("cut-off-")


def check(case):
    """What is wrong with a case, or nothing."""
    name, known, unknown, head, files = case
    ours = verify.verify(files, head=head)
    ours_unknown = verify.verify(files)
    if word(ours) != known:
        return f"{name}: {known}, but {ours}"
    if word(ours_unknown) != unknown:
        return f"{name}, head unknown: {unknown}, but {ours_unknown}"
    if not is_unchanged(name):
        return f"{name}: {known}" if is_whole(known) else ""
    wanted = "intact" if name == "none" else name
    return "" if known == unknown == wanted else f"{name}: {known}; head unknown: {unknown}"


def main():
    classes = collections.defaultdict(collections.Counter)
    wrong = 0
    for case in read_cases(sys.stdin.buffer):
        name, known, unknown = case[:3]
        row = classes["cut-off" if name.startswith("cut-off-") else name]
        row["cut-off" if known.startswith("cut-off-") else known] += 1
        row["intact, head unknown"] += unknown == "intact"
        row["cut-off, head unknown"] += unknown.startswith("cut-off-")
        complaint = check(case)
        wrong += bool(complaint)
        if complaint and wrong <= COMPLAINTS_MAX:
            print(complaint, file=sys.stderr)
    columns = ("intact", "cut-off", "tampered", "incomplete", "intact, head unknown",
               "cut-off, head unknown")
    print(f"{'change':16}" + "".join(f"{column:>22}" for column in columns))
    for name in sorted(classes):
        print(f"{name:16}" + "".join(f"{classes[name][column]:22}" for column in columns))
    changed = sum(classes[name][column] for name in classes if name not in ("none", "cut-off")
                  for column in columns[:4])
    logs = sum(classes[name][column] for name in ("none", "cut-off") for column in columns[:4])
    print(f"{logs} logs and {changed} changed ones")
    print(f"{logs + changed - wrong} passed, {wrong} failed")
    return 1 if wrong or not changed else 0


if __name__ == "__main__":
    sys.exit(main())
