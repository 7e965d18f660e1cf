# SPDX-License-Identifier: GPL-2.0-or-later
"""The map: the physical address space, once for each configuration, as SVG.

All columns have the same bands at the same heights, so that a page is found at the
same place in each. A band is what /proc/iomem says of a range; its height is linear
in bytes, but not less than a label needs. The pages around the granted buffer have a
band that is magnified. What nothing is known of is compressed, and marked as cut.

Nothing is told by colour alone: what is open is filled and framed, what is refused
is empty, what reads as zeros is dotted, what was not asked for is hatched, and what a
policy granted is striped, framed and pointed at.
"""
from html import escape

from measured import PAGE, WAYS

MIB = 1 << 20
LEFT = 292            # for what the bands are
COLUMN = 62           # of a configuration
SPACE = 36            # between two
LANE = 18             # of a way, three in a column
TOP = 112             # for the titles
HEAD = 46             # of it, what a page has elsewhere
PIXELS_PER_MIB = 0.62
LEAST = 13            # a band, so that it has room for a label
CUT = 22              # a gap
MOST = 46             # a band of devices: most have nothing behind them
ZOOM_PAGES = 32       # on each side of the buffer
ZOOM = 118            # height of the magnified band
WAY_LETTERS = {"read": "R", "map": "M", "map-write": "W"}

GROUND_NAMES = {
    "kernel-text": "kernel code", "kernel-rodata": "kernel read-only data",
    "kernel-data": "kernel data", "kernel-bss": "kernel bss", "ram": "RAM",
    "crash-kernel": "crash kernel", "low-ram": "RAM below 1 MiB",
    "low-megabyte": "low megabyte, no RAM", "firmware-tables": "ACPI tables",
    "reserved": "reserved by firmware", "pci": "PCI", "device": "device",
    "unknown": "nothing known",
}

STYLE = """
  .paper { fill: var(--paper, #ffffff) }
  text { font-family: system-ui, -apple-system, "Segoe UI", Roboto, "DejaVu Sans", sans-serif;
         fill: var(--ink, #1b1f24); font-size: 10.5px }
  .soft { fill: var(--soft, #5b6570) }
  .mono { font-family: ui-monospace, "Cascadia Mono", "DejaVu Sans Mono", monospace; font-size: 9.5px }
  .title { font-size: 11px; font-weight: 650 } .above { font-size: 9.5px }
  .finding { font-size: 18px; font-weight: 650 }
  .lane { fill: var(--lane, #f1f3f5) }
  .rule { stroke: var(--line, #d5dae0); stroke-width: 1 }
  .frame { fill: none; stroke: var(--line, #b4bcc5); stroke-width: 1 }
  .tick { opacity: .55 }
  .open { fill: var(--open, #d55e00) }
  .grant { stroke: var(--grant, #0072b2); stroke-width: 1.5 }
  .grant-ink { fill: var(--grant, #0072b2); font-weight: 650 }
  .cut { stroke: var(--soft, #5b6570); stroke-width: 1.2; fill: none }
  .zoom { fill: var(--zoom, #eaf3fa) }
  .stripe-a { fill: var(--grant, #0072b2) } .stripe-b { stroke: var(--paper, #ffffff); stroke-width: 2 }
  .dot { fill: var(--soft, #5b6570) } .thin { stroke: var(--soft, #9aa4af); stroke-width: .8 }
"""

DARK = """
  @media (prefers-color-scheme: dark) {
    svg.alone { --paper: #14181d; --ink: #e8ecf0; --soft: #9aa6b2; --lane: #20262d; --line: #3a434d;
                --open: #f08a3c; --grant: #56b4e9; --zoom: #182a38 }
  }
"""

PATTERNS = """
  <pattern id="granted" width="6" height="6" patternUnits="userSpaceOnUse" patternTransform="rotate(45)">
    <rect class="stripe-a" width="6" height="6"/><line class="stripe-b" x1="0" y1="0" x2="0" y2="6"/></pattern>
  <pattern id="zeros" width="4" height="4" patternUnits="userSpaceOnUse">
    <circle class="dot" cx="2" cy="2" r="0.9"/></pattern>
  <pattern id="unasked" width="5" height="5" patternUnits="userSpaceOnUse" patternTransform="rotate(-45)">
    <line class="thin" x1="0" y1="0" x2="0" y2="5"/></pattern>
"""


def size_text(count):
    """Bytes, as people say them."""
    for unit, name in ((1 << 40, "TiB"), (1 << 30, "GiB"), (MIB, "MiB"), (1 << 10, "KiB")):
        if count >= unit:
            value = count / unit
            return f"{value:.0f} {name}" if value >= 10 or value == int(value) else f"{value:.1f} {name}"
    return f"{count} bytes"


class Band:
    """A range of addresses, inclusive, and where it is drawn."""

    def __init__(self, first, last, ground, name):
        self.first, self.last = first, last
        self.ground, self.name = ground, name
        self.height = CUT
        self.top = 0.0
        self.zoomed = False
        self.compressed = False

    @property
    def size(self):
        return self.last - self.first + 1

    def at(self, address):
        """The height of an address."""
        return self.top + self.height * (address - self.first) / self.size

    def label(self):
        text = GROUND_NAMES[self.ground]
        if self.ground in ("pci", "device") and self.name:
            text = self.name if self.name.lower().startswith(text.lower()) else f"{text}: {self.name}"
        return text if len(text) <= 24 else text[:23] + "…"

    def scale(self):
        """Give it its height."""
        self.height = max(LEAST, self.size / MIB * PIXELS_PER_MIB)
        self.compressed = self.height > MOST and self.ground in ("pci", "device", "reserved")
        if self.compressed:
            self.height = MOST
        return self


def merged(spans):
    """Neighbours on the same ground are one band; so are samples and what lies between."""
    bands = []
    for span in spans:
        last = bands[-1] if bands else None
        unknown = span.ground == "unknown"
        same = last and last.ground == span.ground and (unknown or last.last + 1 == span.first)
        # Windows of a bus are one thing here, whatever is in them.
        if same and (span.ground != "device" or last.name == span.name):
            last.last = span.last
            continue
        bands.append(Band(span.first, span.last, span.ground, span.name))
    return [band if band.ground == "unknown" else band.scale() for band in bands]


def magnify(bands, buffer):
    """Cut the pages around the buffer out of their band."""
    first = buffer[0] - ZOOM_PAGES * PAGE
    last = buffer[1] + ZOOM_PAGES * PAGE
    result = []
    for band in bands:
        if not (band.first < first and last < band.last):
            result.append(band)
            continue
        around = Band(first, last, band.ground, band.name)
        around.height, around.zoomed = ZOOM, True
        result += [Band(band.first, first - 1, band.ground, band.name).scale(), around,
                   Band(last + 1, band.last, band.ground, band.name).scale()]
    return result


def place(bands):
    top = float(TOP)
    for band in bands:
        band.top = top
        top += band.height
    return top


# --- pieces of SVG ----------------------------------------------------------------

def rect(x, y, width, height, kind, more=""):
    return (f'<rect class="{kind}" x="{x:.1f}" y="{y:.2f}" width="{width:.1f}" '
            f'height="{height:.2f}"{more}/>')


def text(x, y, words, kind="", more=""):
    return f'<text class="{kind}" x="{x:.1f}" y="{y:.1f}"{more}>{escape(words)}</text>'


def line(x1, y1, x2, y2, kind):
    return f'<line class="{kind}" x1="{x1:.1f}" y1="{y1:.1f}" x2="{x2:.1f}" y2="{y2:.1f}"/>'


def zigzag(x, y, width):
    points = [f"{x + i * 4:.1f},{y + (2.5 if i % 2 else -2.5):.1f}" for i in range(int(width / 4) + 1)]
    return f'<polyline class="cut" points="{" ".join(points)}"/>'


def fill_of(answer, granted):
    if granted:
        return "granted", ' fill="url(#granted)"'
    if answer == "allowed":
        return "open", ""
    if answer == "zero-filled":
        return "zeros", ' fill="url(#zeros)"'
    if answer == "not-asked":
        return "unasked", ' fill="url(#unasked)"'
    return None, ""


class Map:
    """Bands on the left, and a column for each configuration."""

    def __init__(self, all_measured, finding):
        self.all = all_measured
        self.finding = finding
        self.ticks = set()
        reference = next(iter(all_measured.values()))
        self.marked = next((one for one in all_measured.values() if one.name == "policy"), None)
        self.buffer = self.marked.buffer() if self.marked else None
        self.bands = merged(reference.spans)
        if self.buffer:
            self.bands = magnify(self.bands, self.buffer)
        self.bottom = place(self.bands)
        self.width = LEFT + len(all_measured) * (COLUMN + SPACE) + 70

    def column_x(self, number):
        return LEFT + number * (COLUMN + SPACE)

    # --- columns

    def rectangles(self, one, span, band, lane_x, way):
        """The part of a span that is in a band; what a policy granted is apart."""
        answer = span.answers[way]
        first, last = max(span.first, band.first), min(span.last, band.last)
        granted = one.name == "policy" and answer == "allowed" and self.buffer and \
            self.buffer[0] <= first and last <= self.buffer[1]
        kind, more = fill_of(answer, granted)
        if not kind:
            return ""
        if band.ground == "unknown":
            # A sample is a tick: nobody knows of the pages beside it. One for each pixel.
            tick = (lane_x, round(band.at(first)), kind)
            if tick in self.ticks:
                return ""
            self.ticks.add(tick)
            return rect(lane_x + 1, band.at(first), LANE - 2, 0.6, "tick " + kind, more)
        top, bottom = band.at(first), band.at(last + 1)
        return rect(lane_x + 1, top, LANE - 2, max(bottom - top, 0.8), kind, more)

    def column(self, number, one):
        x = self.column_x(number)
        out = [self.heading(x, one)]
        for i, way in enumerate(WAYS):
            lane_x = x + i * (LANE + 4)
            out.append(rect(lane_x, TOP, LANE, self.bottom - TOP, "lane"))
            out.append(text(lane_x + LANE / 2, TOP - 6, WAY_LETTERS[way], "soft", ' text-anchor="middle"'))
            for span in one.spans:
                for band in self.bands:
                    if span.first <= band.last and span.last >= band.first:
                        out.append(self.rectangles(one, span, band, lane_x, way))
            out.append(rect(lane_x, TOP, LANE, self.bottom - TOP, "frame"))
        return "\n".join(out)

    @staticmethod
    def heading(x, one):
        """What a title has before its comma stands above the rest."""
        above, _, rest = one.title.rpartition(", ")
        lines = [""]
        for word in (rest if len(rest) < 13 else rest.replace("=", "= ")).split(" "):
            if lines[-1] and len(lines[-1]) + len(word) > 11:
                lines.append("")
            lines[-1] = (lines[-1] + " " + word).strip()
        y = TOP - 22 - 13 * (len(lines) - 1)
        ours = "grant-ink" if one.audited else "soft"
        return "\n".join([text(x, y - 13, above, "above " + ours), *(
            text(x, y + 13 * i, part, "title") for i, part in enumerate(lines))])

    # --- bands

    def band_label(self, band):
        middle = band.top + band.height / 2 + 3.5
        if band.ground == "unknown":
            return text(LEFT - 16, middle, f"{size_text(band.size)}: nothing known, samples only",
                        "soft", ' text-anchor="end"')
        out = [text(0, band.top + 10, f"{band.first:#011x}", "mono soft"),
               text(82, band.top + 10, band.label(), "soft" if band.ground == "ram" else ""),
               text(LEFT - 16, band.top + 10, size_text(band.size), "soft", ' text-anchor="end"'),
               line(0, band.top, self.width - 62, band.top, "rule")]
        if band.compressed:
            out.append(text(82, band.top + 24, "compressed", "soft"))
        return "\n".join(out)

    def zoom_marks(self):
        band = next((band for band in self.bands if band.zoomed), None)
        if not band:
            return "", ""
        number = list(self.all).index("policy")
        x = self.column_x(number)
        top, bottom = band.at(self.buffer[0]), band.at(self.buffer[1] + 1)
        behind = rect(0, band.top, self.width - 62, band.height, "zoom")
        times = (band.height / band.size) / (PIXELS_PER_MIB / MIB)
        front = [
            text(82, band.top + 24, f"magnified {times:.0f} times", "soft"),
            text(82, (top + bottom) / 2 + 4, "granted buffer", "grant-ink"),
            text(82, (top + bottom) / 2 + 18, f"{self.buffer[0]:#x}, {size_text(self.buffer[1] + 1 - self.buffer[0])}",
                 "mono soft"),
            f'<path class="grant-ink" d="M {x - 14:.1f} {(top + bottom) / 2 - 6:.1f} l 10 6 l -10 6 z"/>',
        ]
        for i in range(len(WAYS)):
            front.append(f'<rect class="grant" fill="none" x="{x + i * (LANE + 4) - 0.5:.1f}" y="{top - 0.5:.2f}" '
                         f'width="{LANE + 1}" height="{bottom - top + 1:.2f}"/>')
        return behind, "\n".join(front)

    def kernel_bracket(self):
        bands = [band for band in self.bands if band.ground.startswith("kernel-")]
        if not bands:
            return ""
        x = self.width - 56
        top, bottom = bands[0].top + 1, bands[-1].top + bands[-1].height - 1
        return (f'<path class="cut" d="M {x} {top:.1f} h 5 V {bottom:.1f} h -5"/>'
                + text(x + 9, (top + bottom) / 2, "kernel") + text(x + 9, (top + bottom) / 2 + 12, "image"))

    def legend(self, y):
        entries = (("open", "", "open"), ("granted", ' fill="url(#granted)"', "open by the policy"),
                   ("frame", "", "refused"), ("zeros", ' fill="url(#zeros)"', "reads as zeros"),
                   ("unasked", ' fill="url(#unasked)"', "not asked: device memory is not read"))
        out, x = [], 0
        for kind, more, words in entries:
            out.append(rect(x, y, 16, 11, kind, more) + rect(x, y, 16, 11, "frame"))
            out.append(text(x + 22, y + 9.5, words))
            x += 42 + 6.0 * len(words)
        out.append(text(0, y + 30, "R  by read(2)      M  mapped      W  mapped to write", "soft",
                        ' xml:space="preserve"'))
        return "\n".join(out)

    def svg(self, alone):
        """alone: a file by itself; else for a page that has the colours."""
        self.ticks.clear()
        behind, front = self.zoom_marks()
        top = 0 if alone else HEAD
        height = self.bottom + 62 - top
        parts = [
            f'<svg xmlns="http://www.w3.org/2000/svg" class="{"alone" if alone else "map"}" '
            f'viewBox="-12 {top} {self.width + 24:.0f} {height:.0f}" role="img" aria-label="{escape(self.finding)}">',
            f"<title>{escape(self.finding)}</title>",
            f"<defs><style>{STYLE}{DARK if alone else ''}</style>{PATTERNS}</defs>",
            rect(-12, top, self.width + 24, height, "paper"),
            text(0, 26, self.finding, "finding") if alone else "",
            behind,
            *(self.band_label(band) for band in self.bands),
            *(self.column(i, one) for i, one in enumerate(self.all.values())),
            *(zigzag(LEFT - 8, band.top + band.height / 2, self.width - LEFT - 54)
              for band in self.bands if band.ground == "unknown"),
            front, self.kernel_bracket(), self.legend(self.bottom + 18), "</svg>",
        ]
        return "\n".join(part for part in parts if part) + "\n"
