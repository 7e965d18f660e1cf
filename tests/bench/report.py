#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""report.py LINES DIRECTORY KEPT [keep]

LINES has a JSON object a line, as the cases of tests/vm/bench print them, with the
kernel that each is of: what a use of /dev/mem, a policy, a record cost, in instructions.
Prints tables, writes figures.json and cost.svg to DIRECTORY, and compares what the module
costs with KEPT: each figure as a multiple of what a bare kretprobe (or the kernel, for
what it does as well) costs in the same run, since kernels differ. Ends with "N passed, N
failed"; "keep" makes the figures the ones to compare with.
"""
import json
import math
import pathlib
import sys

WORSE = 1.03
# Kernel alone or not: what the kernel's allocators cost there differs by up to a tenth
# from boot to boot, which is more than the 3 percent that a comparison shall find.
NOT_KEPT = {("map", "denied")}
RULES = (1, 64, 4096, 65536)
RANGES = {"ram": "refused RAM", "claimed": "claimed range", "free": "free range"}
COLUMNS = ("stock", "bare", "denied", "untouched", "rules-1", "rules-65536", "rules-65536-uid")

MIB = 1 << 20
# What the module shall cost at most, as a multiple: with, than, uses, most
GOALS = (
    ("a granted read of 4 KiB", "rules-1", "bare", [("ram", "read", 4096)], 1.10),
    ("a granted mapping of 4 KiB", "rules-1", "bare", [("claimed", "map", 4096)], 1.10),
    ("granted mappings of 4 and 256 MiB", "rules-1", "bare",
     [("claimed", "map", 4 * MIB), ("claimed", "map", 256 * MIB)], 1.10),
    ("65,536 rules against one", "rules-65536", "rules-1", None, 1.10),
    ("65,536 rules for a user against one", "rules-65536-uid", "rules-1-uid", None, 1.10),
    ("a mapping that no rule touches", "untouched", "bare",
     [("free", "map", 4096), ("free", "map", 4 * MIB), ("free", "map", 256 * MIB)], 1.05),
    ("a read that no rule touches", "untouched", "bare",
     [("free", "read", 64), ("free", "read", 4096)], 1.05),
    ("a write of 4 KiB that no rule touches", "untouched", "bare",
     [("free", "write", 4096)], 1.05),
    ("a write of 64 bytes that no rule touches", "untouched", "bare",
     [("free", "write", 64)], 1.05),
    ("what is no use of /dev/mem", "rules-65536", "stock", [("free", "other", 4096)], 1.01),
)
LOAD_MOST = 2.0  # times what the kernel needs to verify the signature
MEMORY_MOST = 64  # bytes a rule
PARTS = ("transfer", "signature", "decode", "index", "marks", "rest")


def size(count):
    for unit, factor in (("MiB", 1 << 20), ("KiB", 1 << 10)):
        if count >= factor:
            return f"{count // factor} {unit}"
    return f"{count} B"


class Figures:
    """What was measured, by what it is of, in the order in which it was"""

    def __init__(self, path):
        self.uses, self.floor = {}, {}  # {use: {with: instructions}}
        self.loads = {}  # {rules: {part: instructions}}
        self.drains = {}  # {records at once: {where: instructions}}
        self.records = self.memory = self.module = None
        for line in pathlib.Path(path).read_text().splitlines():
            self.add(json.loads(line))
        for parts in self.loads.values():
            spent = parts.pop("commit")
            parts["total"] = parts["transfer"] + spent
            # Made afterwards, when nobody waits for it
            parts["afterwards"] = parts.pop("digest")
            parts["rest"] = spent - sum(parts[name] for name in PARTS[1:-1])

    @staticmethod
    def cost(one, before):
        """Where it was measured what a call costs there without probes, as if it cost that
        what it does with the kernel alone, which is the first that is measured"""
        if "without" not in one:
            return one["instructions"]
        return before.get("stock", one["without"]) + one["instructions"] - one["without"]

    def add(self, one):
        if "with" in one:
            where = self.uses if one["kernel"] == "debian" else self.floor
            use = (one["range"], one["operation"], one["bytes"])
            where.setdefault(use, {})[one["with"]] = self.cost(one, where.get(use, {}))
        elif "load" in one:
            self.loads.setdefault(one["load"], {})[one["part"]] = one["instructions"]
        elif "drain" in one:
            self.drains[one["drain"]] = {name: one[name] for name in
                                         ("user", "netlink", "file", "waiting")}
        elif "records" in one:
            self.records = one
        elif "memory" in one:
            self.memory = one["bytes"] / one["memory"]
        elif "module" in one:
            self.module = one


def ratio(figures, what, than):
    if what not in figures or than not in figures:
        return None
    return figures[what] / figures[than]


def print_table(uses):
    print(f"{'instructions a call':30}" + "".join(f"{name:>17}" for name in COLUMNS))
    for (where, operation, count), figures in uses.items():
        print(f"{operation:6}{size(count):>8}  {RANGES[where]:14}" +
              "".join(f"{figures.get(name, ''):>17,}" if name in figures else " " * 17
                      for name in COLUMNS))
        over = [ratio(figures, name, "bare") for name in COLUMNS]
        print(" " * 30 + "".join(f"{value:>16.3f}x" if value else " " * 17 for value in over))


def print_floor(floor):
    names = ("open", "stock", "bare", "rules-1")
    print("\non a small kernel, instructions a call, and as a multiple of STRICT_DEVMEM=n:")
    print(" " * 30 + "".join(f"{name:>17}" for name in ("STRICT_DEVMEM=n", *names[1:])))
    for (where, operation, count), figures in floor.items():
        if "open" not in figures:
            continue
        print(f"{operation:6}{size(count):>8}  {RANGES[where]:14}" +
              "".join(f"{figures[name]:>17,}" if name in figures else " " * 17 for name in names))
        over = [ratio(figures, name, "open") for name in names]
        print(" " * 30 + "".join(f"{value:>16.3f}x" if value else " " * 17 for value in over))


def print_loads(figures):
    print("\nregistering a policy, instructions:")
    print(f"{'rules':>8}" + "".join(f"{name:>13}" for name in (*PARTS, "total")) +
          f"{'of signature':>14}{'afterwards':>13}")
    for rules, parts in figures.loads.items():
        print(f"{rules:>8,}" + "".join(f"{parts[name]:>13,}" for name in (*PARTS, "total")) +
              f"{ratio(parts, 'total', 'signature'):>13.3f}x{parts['afterwards']:>13,}")
    print(f"kernel memory a rule: {figures.memory:.1f} bytes, of 65,536 without conditions")


def print_records(figures):
    one = figures.records
    print("\na record, instructions: "
          f"a refused read {one['alone']:,} without the module, {one['counted']:,} with it and no "
          f"record, {one['recorded']:,} with one, {one['summed']:,} with one of several calls;\n"
          f"  the kernel's workers for it {one['errands']:,}; devmemd, so many at once: " +
          ", ".join(f"{count}: {sum(parts.values()):,}" for count, parts in figures.drains.items()))
    module = figures.module
    print(f"the module: {module['text']:,} bytes of code, {module['data']:,} of data, "
          f"{module['bss']:,} zero")


def reached(uses, what, than, which):
    """The largest multiple, or None where it was not measured"""
    found = [ratio(figures, what, than) for use, figures in uses.items()
             if which is None or use in which]
    return max((value for value in found if value), default=None)


def all_goals(figures):
    """Goal, what was reached, what shall be at most"""
    for text, what, than, which, most in GOALS:
        yield text, reached(figures.uses, what, than, which), most
    largest = figures.loads[max(RULES)]
    yield ("registering 65,536 rules, in signatures of theirs",
           ratio(largest, "total", "signature"), LOAD_MOST)
    yield "kernel memory a rule, bytes", figures.memory, MEMORY_MOST


def print_goals(figures):
    goals = []
    print("\nat most, as a multiple of the bare kretprobe or of what is named:")
    for text, seen, most in all_goals(figures):
        goals.append({"goal": text, "most": most, "reached": round(seen, 4)})
        print(f"  {'reached' if seen <= most else 'missed ':8} {text:50} {seen:.3f} of {most:.2f}")
    return goals


def multiples(figures):
    """What is kept: {"range operation bytes with": multiple of bare, or of stock}, and so on"""
    kept = {}
    for (where, operation, count), with_what in figures.uses.items():
        for name in with_what:
            if name in ("stock", "bare") or (operation, name) in NOT_KEPT:
                continue
            kept[f"{where} {operation} {count} {name}"] = round(
                ratio(with_what, name, "bare" if "bare" in with_what else "stock"), 4)
    for rules, parts in figures.loads.items():
        kept[f"load {rules}"] = round(ratio(parts, "total", "signature"), 4)
    for name in ("counted", "recorded", "summed"):
        kept[f"record {name}"] = round(figures.records[name] / figures.records["alone"], 4)
    for count, parts in figures.drains.items():
        kept[f"drain {count}"] = round(sum(parts.values()) / figures.records["alone"], 4)
    kept["memory a rule"] = round(figures.memory, 2)
    kept["module text"] = figures.module["text"]
    return kept


def compare(now, kept):
    """Return: how many are as they were, and how many are worse or gone"""
    worse = [(name, before, now.get(name)) for name, before in kept.items()
             if now.get(name) is None or now[name] > before * WORSE]
    for name, before, seen in worse:
        print(f"FAIL  {name}: {'not measured' if seen is None else f'{seen:.3f}'}, was {before:.3f}")
    return len(kept) - len(worse), len(worse)


# --- the picture ---------------------------------------------------------------------

WIDTH, HEIGHT, LEFT, TOP, BETWEEN = 420, 300, 70, 70, 110
LINES = {
    "stock": ("#5b6570", "stock kernel", ""),
    "bare": ("#d55e00", "bare kretprobe", "6 3"),
    "untouched": ("#009e73", "devmem-policy, no rule for it", "2 3"),
    "rules-1": ("#0072b2", "devmem-policy, granted", ""),
    "rules-uid": ("#cc79a7", "devmem-policy, granted to a user", "6 3"),
    "load": ("#0072b2", "registering, all of it", ""),
    "signature": ("#5b6570", "the kernel's check of its signature", "2 3"),
}


class Plot:
    """Two logarithmic axes, at x; a title; lines with a label at their ends."""

    def __init__(self, x, title, across, xs, ys):
        self.x, self.parts = x, []
        self.span = [math.log10(v) for v in (min(xs), max(xs), min(ys) / 1.3, max(ys) * 1.3)]
        self.text(x, TOP - 30, title, weight="650", size=14)
        self.text(x + WIDTH / 2, TOP + HEIGHT + 38, across, anchor="middle")
        self.parts.append(f'<rect x="{x}" y="{TOP}" width="{WIDTH}" height="{HEIGHT}" '
                          'fill="none" stroke="#b4bcc5"/>')
        for power in range(math.ceil(self.span[2]), math.floor(self.span[3]) + 1):
            y = self.place(1, 10 ** power)[1]
            self.parts.append(f'<line x1="{x}" x2="{x + WIDTH}" y1="{y:.1f}" y2="{y:.1f}" '
                              'stroke="#e3e7eb"/>')
            self.text(x - 8, y + 4, f"{10 ** power:,}", anchor="end")
        for value in xs:
            self.text(self.place(value, min(ys))[0], TOP + HEIGHT + 18, f"{value:,}",
                      anchor="middle")

    def text(self, x, y, text, anchor="start", weight="400", size=11, colour="#1b1f24"):
        self.parts.append(f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}" fill="{colour}" '
                          f'font-weight="{weight}" font-size="{size}">{text}</text>')

    def place(self, x, y):
        left, right, low, high = self.span
        return (self.x + WIDTH * (math.log10(x) - left) / (right - left),
                TOP + HEIGHT * (high - math.log10(y)) / (high - low))

    def line(self, name, points):
        colour, _, dashes = LINES[name]
        places = [self.place(x, y) for x, y in points]
        way = " ".join(f"{x:.1f},{y:.1f}" for x, y in places)
        self.parts.append(f'<polyline points="{way}" fill="none" stroke="{colour}" '
                          f'stroke-width="2" stroke-dasharray="{dashes}"/>')
        self.parts += [f'<circle cx="{x:.1f}" cy="{y:.1f}" r="3" fill="{colour}"/>'
                       for x, y in places]


def legend(x, names):
    parts = []
    for number, name in enumerate(names):
        colour, text, dashes = LINES[name]
        at = x + number * 205
        parts.append(f'<line x1="{at}" x2="{at + 26}" y1="{TOP - 12}" y2="{TOP - 12}" '
                     f'stroke="{colour}" stroke-width="2" stroke-dasharray="{dashes}"/>'
                     f'<text x="{at + 32}" y="{TOP - 8}" font-size="11" fill="#1b1f24">{text}</text>')
    return parts


def draw(figures):
    uses = figures.uses
    sizes = (4096, 4 * MIB, 256 * MIB)
    maps = {name: [(count // 4096, uses[(where, "map", count)][name]) for count in sizes]
            for name, where in (("stock", "free"), ("bare", "claimed"), ("untouched", "free"),
                                ("rules-1", "claimed"))}
    pages = Plot(LEFT, "mapping it, by pages", "pages", [count // 4096 for count in sizes],
                 [y for points in maps.values() for _, y in points])
    for name, points in maps.items():
        pages.line(name, points)
    read = uses[("ram", "read", 4096)]
    reads = {"bare": [(rules, read["bare"]) for rules in RULES],
             "rules-1": [(rules, read[f"rules-{rules}"]) for rules in RULES],
             "rules-uid": [(rules, read[f"rules-{rules}-uid"]) for rules in RULES]}
    rules = Plot(LEFT + WIDTH + BETWEEN, "reading 4 KiB, by rules", "rules", RULES, [1000, 100000])
    for name, points in reads.items():
        rules.line(name, points)
    loads = {"load": [(count, figures.loads[count]["total"]) for count in RULES],
             "signature": [(count, figures.loads[count]["signature"]) for count in RULES]}
    load = Plot(LEFT + 2 * (WIDTH + BETWEEN), "registering a policy, by rules", "rules", RULES,
                [y for points in loads.values() for _, y in points])
    for name, points in loads.items():
        load.line(name, points)
    width = LEFT + 3 * WIDTH + 2 * BETWEEN + 30
    return (f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {TOP + HEIGHT + 60}" '
            'font-family="system-ui, DejaVu Sans, sans-serif">'
            f'<rect width="{width}" height="{TOP + HEIGHT + 60}" fill="#ffffff"/>'
            f'<text x="{LEFT}" y="22" font-size="16" font-weight="650" fill="#1b1f24">'
            'What a use of /dev/mem costs, and a policy, in instructions</text>' +
            "".join(pages.parts + rules.parts + load.parts + legend(LEFT, LINES)) + "</svg>\n")


def as_json(figures, now, goals):
    return {
        "instructions": [{"kernel": kernel, "range": use[0], "operation": use[1], "bytes": use[2],
                          **with_what}
                         for kernel, uses in (("debian", figures.uses), ("own", figures.floor))
                         for use, with_what in uses.items()],
        "loads": [{"rules": rules, **parts} for rules, parts in figures.loads.items()],
        "memory_bytes_a_rule": figures.memory,
        "records": {name: value for name, value in figures.records.items()
                    if name not in ("kernel", "records")},
        "drains": [{"at_once": count, **parts} for count, parts in figures.drains.items()],
        "module": {name: figures.module[name] for name in ("text", "data", "bss")},
        "multiples": now, "goals": goals}


def main():
    lines, directory, kept_path = sys.argv[1:4]
    figures, directory = Figures(lines), pathlib.Path(directory)
    print_table(figures.uses)
    print_floor(figures.floor)
    print_loads(figures)
    print_records(figures)
    goals = print_goals(figures)
    now = multiples(figures)
    directory.joinpath("figures.json").write_text(
        json.dumps(as_json(figures, now, goals), indent=1) + "\n")
    directory.joinpath("cost.svg").write_text(draw(figures))
    kept_path = pathlib.Path(kept_path)
    if sys.argv[4:] == ["keep"]:
        kept_path.write_text(json.dumps(now, indent=1) + "\n")
    passed, failed = compare(now, json.loads(kept_path.read_text()))
    print(f"\n{directory}/cost.svg, {directory}/figures.json\n{passed} passed, {failed} failed")
    return 1 if failed or not passed else 0


if __name__ == "__main__":
    sys.exit(main())
