#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""report.py LIST DIRECTORY DEVMEMCTL CONFIGURATION...

Judge what was measured in the configurations named, and draw it together with what
there is of the others in LIST. DIRECTORY/results has a directory for each. Writes
DIRECTORY/report.html, map.svg and report.json, prints a table and what the checks came
to, and ends with "N passed, N failed".
"""
import json
import pathlib
import sys

sys.dont_write_bytecode = True

from draw import Map, size_text  # noqa: E402
from judge import Judge  # noqa: E402
from measured import PAGE, WAYS, Measured, read_list  # noqa: E402
from page import page  # noqa: E402

WHO = {
    "policy": "what is added: two programs, by name",
    "deny": "nobody",
    "killed": "as on the stock kernel",
}


def logged(one):
    """What of the refusals is on record, as it was counted"""
    if not one.audited or "end" not in one.status:
        return "no"
    counted = one.status["end"]["counters"]["denied_pages"]
    if counted == one.log.denied_pages:
        return f"all {counted:,} refusals"
    return f"{one.log.denied_pages:,} of {counted:,} refusals"


def revocable(one):
    said = one.facts.get("revocable")
    if one.name == "deny":
        return "nothing is granted"
    if said == "yes":
        return ("by itself" if one.name == "killed" else "yes") + f", {one.facts['revoked_ms']} ms"
    return "no: rmmod leaves it" if one.name == "bare" else "no"


def summary(one):
    """One row, for all forms of the report"""
    return {
        "name": one.name,
        "title": one.title,
        "release": one.facts.get("release", ""),
        "words": one.words,
        "pages": {way: one.known(way) for way in WAYS},
        "reachable": {part: one.reachable(part) for part in ("kernel", "ram", "device")},
        "samples_open": one.samples_open(),
        "zero_filled": one.zero_filled(),
        "refused_calls": {error: sum(attempts["by_errno"].get(error, 0)
                                     for attempts in one.sweep["attempts"].values())
                          for error in ("EPERM", "EINVAL", "EAGAIN", "EFAULT")},
        "logged": logged(one),
        "lost": one.log.lost,
        "revocable": revocable(one),
        "who": WHO.get(one.name, "whoever has CAP_SYS_RAWIO"),
        "secret": one.facts.get("secret_found", "?"),
        "sweep_seconds": round(one.sweep["seconds"], 1),
        "guest_seconds": int(one.facts.get("guest_seconds", 0)),
    }


def print_table(rows):
    heads = ("", "readable", "mappable", "writable", "kernel", "other RAM", "devices",
             "secret", "taken back", "logged")
    lines = [heads]
    for row in rows:
        lines.append((row["title"], *(f"{row['pages'][way]:,}" for way in WAYS),
                      *(f"{row['reachable'][part]:,}" for part in ("kernel", "ram", "device")),
                      {"yes": "found", "no": "-"}.get(row["secret"], "?"),
                      row["revocable"], row["logged"]))
    widths = [max(len(line[i]) for line in lines) for i in range(len(heads))]
    for line in lines:
        print("  ".join(cell.rjust(width) if 0 < i < 7 else cell.ljust(width)
                        for i, (cell, width) in enumerate(zip(line, widths))).rstrip())
    print(f"in pages of {PAGE // 1024} KiB; kernel image, other RAM and devices: open in any way")


def finding(all_measured):
    """The sentence above the map"""
    if "policy" in all_measured and "open-nopat" in all_measured and "stock" in all_measured:
        policy, wide = all_measured["policy"], all_measured["open-nopat"]
        more = len(policy.open["read"] - all_measured["stock"].open["read"])
        return (f"A signed policy opens {more} pages ({size_text(more * PAGE)}); without "
                f"STRICT_DEVMEM it is {wide.known('read'):,} ({size_text(wide.known('read') * PAGE)})")
    return "What /dev/mem gives, page by page"


def print_checks(checks):
    for sentence, good, seen in checks:
        print(f"ok    {sentence}" if good else f"FAIL  {sentence}: {seen}")


def main():
    path, directory, devmemctl, *chosen = sys.argv[1:]
    directory = pathlib.Path(directory)
    all_measured = {}
    for name, _, words, title in read_list(pathlib.Path(path)):
        measured = directory / "results" / name
        if measured.exists():
            all_measured[name] = Measured(name, title, words, measured)
    judge = Judge(all_measured, devmemctl)
    judge.all_of_it()
    usable = {name: one for name, one in all_measured.items() if one.sweep}
    rows = [summary(one) for one in usable.values()]
    missing = [name for name in chosen if name not in usable]
    for name in missing:
        judge.check(f"{name}: was measured", False)
    print_checks(judge.checks)
    if usable:
        drawn = Map(usable, finding(usable))
        behind = {"finding": drawn.finding, "page_bytes": PAGE, "configurations": [
            dict(row, facts=one.facts, sweep=one.sweep)
            for row, one in zip(rows, usable.values())]}
        (directory / "map.svg").write_text(drawn.svg(alone=True))
        (directory / "report.json").write_text(json.dumps(behind) + "\n")
        (directory / "report.html").write_text(page(drawn, rows, usable, judge.checks, behind))
        print_table(rows)
        print(f"{directory}/report.html, map.svg, report.json")
    failed = sum(not good for _, good, _ in judge.checks)
    print(f"{len(judge.checks) - failed} passed, {failed} failed")
    return 1 if failed or not judge.checks else 0


if __name__ == "__main__":
    sys.exit(main())
