#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Read what mutate writes, verify it anew, and compare.

A log that was not changed must be intact. One that was must not be when its head
is known, and both verifiers must agree on the class, with and without the head.
"""
import collections
import sys

import verify

COMPLAINTS_MAX = 20


def read_cases(stream):
    while header := stream.readline():
        name, known, unknown, head, *lengths = header.decode().split()
        yield name, known, unknown, head, [("", stream.read(int(length))) for length in lengths]


def check(case):
    """What is wrong with a case, or nothing."""
    name, known, unknown, head, files = case
    ours = verify.verify(files, head=head)
    ours_unknown = verify.verify(files)
    if ours[0] != known:
        return f"{name}: {known}, but {ours}"
    if ours_unknown[0] != unknown:
        return f"{name}, head unknown: {unknown}, but {ours_unknown}"
    if (known == "intact") != (name == "none"):
        return f"{name}: {known}"
    if unknown != "intact" and name == "none":
        return f"{name}, head unknown: {unknown}"
    return ""


def main():
    classes = collections.defaultdict(collections.Counter)
    wrong = 0
    for case in read_cases(sys.stdin.buffer):
        name, known, unknown = case[:3]
        classes[name][known] += 1
        classes[name]["intact, head unknown"] += unknown == "intact"
        complaint = check(case)
        wrong += bool(complaint)
        if complaint and wrong <= COMPLAINTS_MAX:
            print(complaint, file=sys.stderr)
    columns = ("intact", "tampered", "incomplete", "intact, head unknown")
    print(f"{'change':16}" + "".join(f"{column:>22}" for column in columns))
    for name in sorted(classes):
        print(f"{name:16}" + "".join(f"{classes[name][column]:22}" for column in columns))
    changed = sum(classes[name][column] for name in classes if name != "none"
                  for column in columns[:3])
    logs = sum(classes["none"][column] for column in columns[:3])
    print(f"{logs} logs and {changed} changed ones")
    print(f"{logs + changed - wrong} passed, {wrong} failed")
    return 1 if wrong or not changed else 0


if __name__ == "__main__":
    sys.exit(main())
