# SPDX-License-Identifier: GPL-2.0-or-later
"""What was measured in one configuration: the sweep, the facts, the log."""
import json
import re

WAYS = ("read", "map", "map-write")
KERNEL = ("kernel-text", "kernel-rodata", "kernel-data", "kernel-bss")
PAGE = 4096


def pages_of(first, last):
    """The numbers of the pages from one address to another, inclusive."""
    return range(first // PAGE, last // PAGE + 1)


class Span:
    """Pages that are alike, as in the JSON of devmemctl exposure."""

    def __init__(self, entry):
        self.first = int(entry["first"], 16)
        self.last = int(entry["last"], 16)
        self.ground = entry["ground"]
        self.name = entry["name"]
        self.ram = entry["ram"]
        self.answers = {way: entry[way] for way in WAYS}
        self.errors = {way: entry.get(way + "-errno", "") for way in WAYS}

    @property
    def pages(self):
        return pages_of(self.first, self.last)

    @property
    def part(self):
        """Of what the summary tells apart."""
        if self.ground in KERNEL:
            return "kernel"
        if self.ground == "unknown":
            return "unknown"
        return "ram" if self.ram else "device"


class Log:
    """Sums of the log's records, by what they are about."""

    def __init__(self, directory):
        self.denied = {}     # pages, by the name of the thread
        self.lost = 0        # pages of denials without a record of their own
        self.granted = {}
        self.ranges = {}     # of denials: (first, last), by the name of the thread
        self.records = 0
        self.files = sorted(directory.glob("audit.jsonl*"), key=self.age, reverse=True)
        for path in self.files:
            with path.open(encoding="utf-8") as lines:
                for line in lines:
                    self.take(json.loads(line))

    @staticmethod
    def age(path):
        number = path.name.rpartition(".")[2]
        return int(number) if number.isdigit() else 0

    def take(self, record):
        kind = record["kind"]
        comm = record.get("comm", "")
        self.records += kind != "checkpoint"
        if kind == "denial":
            self.denied[comm] = self.denied.get(comm, 0) + record["pages"]
            self.ranges.setdefault(comm, set()).add((record["first"], record["last"]))
        elif kind == "grant":
            self.granted[comm] = self.granted.get(comm, 0) + record["pages"]
        elif kind == "loss" and record.get("lost") == "denial":
            self.lost += record["pages"]

    @property
    def denied_pages(self):
        return sum(self.denied.values()) + self.lost

    def names(self, comm, address):
        """Is there a denial of that page to that program?"""
        return any(int(first, 16) <= address <= int(last, 16)
                   for first, last in self.ranges.get(comm, ()))


class Measured:
    """All of one configuration; what is missing shows as an empty part."""

    def __init__(self, name, title, words, directory):
        self.name, self.title, self.words = name, title, words
        self.directory = directory
        self.facts = self.read_facts()
        self.trouble = self.read_trouble()
        self.sweep = self.read_json("exposure.json")
        self.spans = [Span(entry) for entry in self.sweep.get("spans", ())]
        self.status = {path.stem.removeprefix("status-"): json.loads(path.read_text())
                       for path in directory.glob("status-*.json") if path.stat().st_size}
        self.audited = bool(self.status)
        self.log = Log(directory)
        self.open = {way: self.open_pages(way) for way in WAYS}

    def read_facts(self):
        path = self.directory / "facts"
        lines = path.read_text().splitlines() if path.exists() else []
        return dict(line.partition(" ")[::2] for line in lines)

    def read_trouble(self):
        path = self.directory / "said"
        lines = path.read_text(errors="replace").splitlines() if path.exists() else []
        return [line for line in lines if line.startswith(("not ok", "#"))]

    def read_json(self, name):
        path = self.directory / name
        return json.loads(path.read_text()) if path.exists() and path.stat().st_size else {}

    def open_pages(self, way):
        """The numbers of all open pages. Some ten thousand to some hundred thousand."""
        pages = set()
        for span in self.spans:
            if span.answers[way] == "allowed":
                pages.update(span.pages)
        return pages

    def known(self, way):
        """Open pages of what /proc/iomem knows: samples are not the whole."""
        return sum(len(span.pages) for span in self.spans
                   if span.answers[way] == "allowed" and span.part != "unknown")

    def samples_open(self):
        return sum(len(span.pages) for span in self.spans
                   if span.part == "unknown" and "allowed" in span.answers.values())

    def reachable(self, part):
        """Pages of a part that are open in any way."""
        return sum(len(span.pages) for span in self.spans
                   if span.part == part and "allowed" in span.answers.values())

    def zero_filled(self):
        return sum(len(span.pages) for span in self.spans
                   if span.answers["read"] == "zero-filled")

    def refused_calls(self, error="EPERM"):
        return sum(attempts["by_errno"].get(error, 0)
                   for attempts in self.sweep.get("attempts", {}).values())

    def denied_between(self, before, after):
        """Pages that the module counted as denied between two moments."""
        return (self.status[after]["counters"]["denied_pages"] -
                self.status[before]["counters"]["denied_pages"])

    def buffer(self):
        return (int(self.facts["buffer_first"], 16), int(self.facts["buffer_last"], 16))

    def buffer_pages(self):
        return set(pages_of(*self.buffer()))


def read_list(path):
    """Names of configurations, with the words for the kernel and the title."""
    entries = []
    for line in path.read_text().splitlines():
        match = re.match(r"([a-z-]+)\s+(\S+)\s+(\S+)\s+(.+)", line)
        if match:
            name, kernel, words, title = match.groups()
            entries.append((name, kernel, "" if words == "-" else words, title))
    return entries
