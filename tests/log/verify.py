#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""An independent verifier of the log, written from devmem-policy-log(5) alone.

verify.py [--after HASH] [--head HASH] FILE...   (oldest first)

Prints "intact", "tampered: FILE:LINE: why" or "incomplete: why; ...", and exits
with 0, 8 or 9, as "devmemctl log verify" does.
"""
import argparse
import collections
import functools
import hashlib
import re
import sys

ZEROS = "0" * 64
LINE_MAX = 65536
INTEGER_MAX = 2**63 - 1
EXITS = {"intact": 0, "tampered": 8, "incomplete": 9}
CUT_OFF = "cut off"
CAUSES = {"start", "stop", "rotated", "continued", "records", "time", "idle"}
LEDGER = ("count", "first_seq", "last_seq", "granted_pages", "denied_pages",
          "permitted_pages", "lost_pages")
COUNTERS = ("granted_pages", "denied_pages", "permitted_pages", "unrecorded_denials",
            "unrecorded_events", "misses")
KERNEL = ("newest", "acknowledged", "reserved") + COUNTERS

NAME = r'"[a-z0-9_]{1,32}"'
STRING = r'"(?:[^"\\\x00-\x1f\x7f-\x9f]|\\["\\])*"'
SIMPLE = rf"(?:{STRING}|0|-?[1-9][0-9]{{0,18}}|true|false)"
OBJECT = rf"\{{{NAME}:{SIMPLE}(?:,{NAME}:{SIMPLE})*\}}"
FIELD = re.compile(rf"({NAME}):(?:({SIMPLE})|({OBJECT}))(?:,|\Z)")
INNER = re.compile(rf"({NAME}):({SIMPLE})(?:,|\Z)")
LINE = re.compile(
    rf'\{{"prev":"([0-9a-f]{{64}})",({NAME}:(?:{SIMPLE}|{OBJECT})(?:,{NAME}:(?:{SIMPLE}|{OBJECT}))*)\}}')
WORD = re.compile(r"[a-z0-9-]{1,32}")
HASH = re.compile(r"[0-9a-f]{64}")
INSTANCE = re.compile(r"[0-9a-f]{16}")
BOOT_ID = re.compile(r"[0-9a-f-]{36}")


class Tampered(Exception):
    """A line breaks a rule that says so."""


def need(condition, why):
    if not condition:
        raise Tampered(why)


# --- lines --------------------------------------------------------------------

def simple(text):
    if text[0] == '"':
        return re.sub(r"\\(.)", r"\1", text[1:-1])
    if text in ("true", "false"):
        return text == "true"
    number = int(text)
    need(-INTEGER_MAX - 1 <= number <= INTEGER_MAX, "an integer is out of range")
    return number


def fields_of(pattern, text):
    found, count = {}, 0
    for match in pattern.finditer(text):
        name = match[1][1:-1]
        need(name not in found, f"{name} is there twice")
        count += 1
        if match[2] is not None:
            found[name] = simple(match[2])
        else:
            found[name], inner = fields_of(INNER, match[3][1:-1])
            count += inner
    return found, count


@functools.lru_cache(maxsize=4096)
def parse(line):
    """The fields of a line of bytes; the same line is parsed once."""
    need(len(line) <= LINE_MAX, "longer than a line can be")
    try:
        text = line.decode("utf-8")
    except UnicodeDecodeError:
        raise Tampered("not UTF-8") from None
    match = LINE.fullmatch(text)
    need(match, "not an object as the log has them")
    fields, count = fields_of(FIELD, match[2])
    need("prev" not in fields and count <= 64, "prev twice, or too many fields")
    fields["prev"] = match[1]
    return fields


def is_text(value, pattern):
    return isinstance(value, str) and pattern.fullmatch(value)


def is_count(value):
    return isinstance(value, int) and not isinstance(value, bool) and value >= 0


# --- what is known ------------------------------------------------------------

class Instance:
    """What the records of one instance add up to."""

    def __init__(self, name, boot_id):
        self.name = name
        self.boot_id = boot_id
        self.sums = dict.fromkeys(LEDGER, 0)
        self.above = 0  # numbers must be above it, and none up to it are missing
        self.whole = True
        self.newest = None  # what the kernel said last
        self.unloaded = False  # its last record is module-unloading


class Verifier:
    def __init__(self, after=None, head=None):
        self.after = after
        self.wanted = head
        self.head = after or ZEROS
        self.head_seen = False
        self.instance = None
        self.ended = collections.deque(maxlen=32)
        self.lacks = set()
        self.missing = []  # (instance, first, last)
        self.lines = 0
        self.last_cause = None  # of the last line, if that is a checkpoint
        self.stopped = False  # the last line says so, and the module was there
        self.cut_off = []  # (instance, last)

    # --- files ---

    def file(self, data):
        """Take a file, given as bytes. Raises Tampered with the line number."""
        lines = data.split(b"\n")
        rest = lines.pop()
        for number, line in enumerate(lines, 1):
            try:
                self.line(line, number == 1)
            except Tampered as reason:
                raise Tampered(f"{number}: {reason}") from None
        if rest:
            self.lacks.add("a file ends in the middle of a line")

    def end(self):
        if not self.lines:
            self.lacks.add("there is no line")
        elif self.last_cause is None:
            self.lacks.add("the last line is not a checkpoint")
        elif self.last_cause == "rotated":
            self.lacks.add("another file follows")
        self.end_instance()
        if self.wanted and not self.head_seen:
            self.lacks.add("the head is not there")

    def line(self, line, first):
        fields = parse(line)
        kind = fields.get("kind")
        follows = fields["prev"] == self.head
        need(is_text(kind, WORD), "no kind")
        need(not first or kind == "checkpoint", "a file does not begin with a checkpoint")
        need(follows or first, "not the hash of the line before")
        if kind == "checkpoint":
            self.checkpoint(line, fields, first, follows)
        elif kind == "repaired":
            self.repaired(fields)
        else:
            self.record(fields)
        self.last_cause = fields["cause"] if kind == "checkpoint" else None
        self.stopped = self.last_cause == "stop" and "kernel_newest" in fields
        self.head = hashlib.sha256(line).hexdigest()
        self.head_seen |= self.head == self.wanted
        self.lines += 1

    @staticmethod
    def repaired(fields):
        dropped = fields.get("dropped_bytes")
        need(is_count(dropped) and dropped and "seq" not in fields and
             is_text(fields.get("dropped_sha256"), HASH), "not a repair as the log has them")

    # --- instances ---

    def miss(self, first, last):
        self.lacks.add("records are missing")
        self.missing.append((self.instance.name, first, last))
        self.instance.whole = False

    def end_instance(self):
        if not self.instance:
            return
        last = self.instance.sums["last_seq"]
        if self.instance.newest is not None and self.instance.newest > last:
            self.miss(last + 1, self.instance.newest)
        self.ended.append(self.instance.name)

    def judge(self):
        """Another instance begins: was this one closed?"""
        if self.instance and not self.instance.unloaded and not self.stopped:
            self.cut_off.append((self.instance.name, self.instance.sums["last_seq"]))

    def identify(self, fields, adopted=False):
        """Begin the instance of a line, if it is another one."""
        name, boot_id = fields.get("instance"), fields.get("boot_id")
        need(is_text(name, INSTANCE) and is_text(boot_id, BOOT_ID), "no instance or boot id")
        if not self.instance or name != self.instance.name:
            if not adopted:
                self.judge()
            self.end_instance()
            need(name not in self.ended, "an instance that had ended")
            self.instance = Instance(name, boot_id)
        need(boot_id == self.instance.boot_id, "another boot id")

    # --- records ---

    def record(self, fields):
        seq, pages, lost = fields.get("seq"), fields.get("pages", 0), fields.get("lost", "denial")
        need(is_count(seq) and seq, "no sequence number")
        need(is_count(pages) and is_text(lost, WORD), "pages or lost are malformed")
        self.identify(fields)
        sums = self.instance.sums
        before = max(sums["last_seq"], self.instance.above)
        need(seq > before, "out of order")
        if seq > before + 1:
            self.miss(before + 1, seq - 1)
        need(seq != 1 or fields["kind"] == "module-loaded", "does not begin with module-loaded")
        sums["count"] += 1
        sums["first_seq"] = sums["first_seq"] or seq
        sums["last_seq"] = seq
        self.instance.unloaded = fields["kind"] == "module-unloading"
        self.add_pages(fields["kind"], lost, pages)
        if fields["kind"] == "module-unloading" and "counters" in fields:
            self.unloading(fields["counters"], seq)

    def add_pages(self, kind, lost, pages):
        if kind == "loss":
            name = {"denial": "lost_pages", "permitted": "permitted_pages"}.get(lost)
        else:
            name = {"grant": "granted_pages", "denial": "denied_pages",
                    "permitted": "permitted_pages"}.get(kind)
        if name:
            self.instance.sums[name] += pages
            need(self.instance.sums[name] <= INTEGER_MAX, "too many pages")

    def unloading(self, counters, seq):
        need(isinstance(counters, dict) and all(is_count(counters.get(name)) for name in COUNTERS),
             "counters are malformed")
        self.compare({**counters, "newest": seq}, True)

    # --- checkpoints ---

    @staticmethod
    def check_form(line, fields, first):
        need(is_text(fields.get("self"), HASH), "no self")
        tail = b',"self":"' + fields["self"].encode() + b'"}'
        need(line.endswith(tail) and
             hashlib.sha256(line[:-len(tail)]).hexdigest() == fields["self"], "self is wrong")
        need("seq" not in fields and fields.get("cause") in CAUSES, "no cause")
        need(isinstance(fields.get("settled"), bool), "settled is malformed")
        need(all(is_count(fields.get(name)) for name in LEDGER), "a sum is malformed")
        names = ["kernel_" + name for name in KERNEL]
        need(not any(name in fields for name in names) or
             all(is_count(fields.get(name)) for name in names), "a counter is malformed")
        need(fields.get("continues") == (fields["prev"] if first and fields["prev"] != ZEROS
                                         else None), "continues is wrong")
        if fields["count"]:
            need(fields["first_seq"] >= 1 and
                 fields["count"] <= fields["last_seq"] - fields["first_seq"] + 1,
                 "numbers contradict each other")
        else:
            need(not any(fields[name] for name in LEDGER), "numbers contradict each other")

    def checkpoint(self, line, fields, first, follows):
        self.check_form(line, fields, first)
        self.identify(fields, adopted=not follows)
        said = {name: fields[name] for name in LEDGER}
        if not follows:
            self.adopt(said)
        elif not self.lines and self.after:
            self.instance.sums = said
            self.instance.whole = said["count"] == said["last_seq"]
        else:
            need(said == self.instance.sums, "does not add up")
        if "kernel_newest" in fields:
            self.compare({name: fields["kernel_" + name] for name in KERNEL}, fields["settled"])

    def adopt(self, said):
        instance = self.instance
        self.lacks.add("a file is missing" if self.lines else "the beginning is missing")
        if said["count"]:
            need(said["last_seq"] >= max(instance.sums["last_seq"], instance.above) and
                 said["count"] >= instance.sums["count"], "older than the file before")
            if said["last_seq"] > instance.sums["last_seq"]:
                self.miss(instance.sums["last_seq"] + 1, said["last_seq"])
        else:
            instance.above = max(instance.above, instance.sums["last_seq"])
        instance.unloaded &= said["last_seq"] == instance.sums["last_seq"]
        instance.sums = said
        instance.whole = False

    def compare(self, kernel, settled):
        sums = self.instance.sums
        need(sums["last_seq"] <= kernel["newest"] and
             sums["granted_pages"] <= kernel["granted_pages"] and
             sums["denied_pages"] <= kernel["denied_pages"] and
             sums["permitted_pages"] <= kernel["permitted_pages"] and
             sums["lost_pages"] <= kernel["unrecorded_denials"], "more than the kernel counted")
        self.instance.newest = kernel["newest"]
        if not settled:
            return
        denied = sums["denied_pages"] + kernel["unrecorded_denials"]
        need(denied <= kernel["denied_pages"], "more than the kernel counted")
        if self.instance.whole and (
                sums["granted_pages"] != kernel["granted_pages"] or
                denied != kernel["denied_pages"] or
                (not kernel["unrecorded_events"] and
                 sums["permitted_pages"] != kernel["permitted_pages"])):
            self.lacks.add("the kernel counted more pages")


def verify(files, after=None, head=None):
    """files: (name, bytes) pairs, oldest first. Return: (class, list of details)."""
    verifier = Verifier(after, head)
    for name, data in files:
        try:
            verifier.file(data)
        except Tampered as reason:
            return "tampered", [f"{name}:{reason}"]
    verifier.end()
    details = sorted(verifier.lacks)
    details += [f"records {first} to {last} of {name}" for name, first, last in verifier.missing]
    details += [f"{CUT_OFF} behind record {last} of {name}" for name, last in verifier.cut_off]
    return "incomplete" if details else "intact", details


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--after", help="hash of the line before the first")
    parser.add_argument("--head", help="hash of a line that must be there")
    parser.add_argument("files", nargs="+", metavar="FILE")
    arguments = parser.parse_args()
    files = []
    for name in arguments.files:
        with open(name, "rb") as file:
            files.append((name, file.read()))
    verdict, details = verify(files, arguments.after, arguments.head)
    print(f"{verdict}: {'; '.join(details)}" if details else verdict)
    return EXITS[verdict]


if __name__ == "__main__":
    sys.exit(main())
