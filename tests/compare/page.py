# SPDX-License-Identifier: GPL-2.0-or-later
"""The report as one HTML file that needs nothing else."""
import json
from html import escape

from draw import size_text
from measured import PAGE, WAYS

STYLE = """
:root { --paper:#ffffff; --ink:#1b1f24; --soft:#59636e; --line:#d8dde3; --lane:#f1f3f5; --open:#d55e00;
        --grant:#0072b2; --zoom:#eaf3fa; --panel:#f7f8fa; color-scheme: light dark }
@media (prefers-color-scheme: dark) {
  :root { --paper:#14181d; --ink:#e8ecf0; --soft:#9aa6b2; --line:#353e48; --lane:#20262d; --open:#f08a3c;
          --grant:#56b4e9; --zoom:#182a38; --panel:#1a2027 } }
* { box-sizing: border-box }
body { margin:0; background:var(--paper); color:var(--ink);
       font: 15px/1.5 system-ui,-apple-system,"Segoe UI",Roboto,"DejaVu Sans",sans-serif }
main { max-width: 1180px; margin: 0 auto; padding: 40px 28px 64px }
h1 { font-size: 30px; line-height: 1.2; font-weight: 680; letter-spacing: -.012em; margin: 0 0 10px; max-width: 30em; text-wrap: balance }
h2 { text-wrap: balance; font-size: 19px; line-height: 1.3; font-weight: 650; margin: 52px 0 4px }
p { max-width: 46em; margin: 6px 0 14px } .soft, footer { color: var(--soft) }
.eyebrow { color: var(--soft); font-size: 12.5px; letter-spacing: .06em; text-transform: uppercase; margin: 0 0 10px }
.figures { display: grid; grid-template-columns: repeat(auto-fit, minmax(190px, 1fr)); gap: 1px; background: var(--line);
           border: 1px solid var(--line); border-radius: 8px; overflow: hidden; margin: 26px 0 0 }
.figures div { background: var(--paper); padding: 16px 18px } .figures b { display: block; font-size: 24px;
  line-height: 1.2; font-weight: 660; font-variant-numeric: tabular-nums } .figures span { font-size: 13px; color: var(--soft) }
.figures .g b { color: var(--grant) } .figures .o b { color: var(--open) }
.wide { overflow-x: auto }
table { border-collapse: collapse; width: 100%; font-size: 13px; margin: 14px 0; font-variant-numeric: tabular-nums }
th { text-align: left; font-weight: 600; vertical-align: bottom; padding: 6px 10px 6px 0; border-bottom: 1.5px solid var(--ink) }
th.n, td.n { text-align: right } td.n { white-space: nowrap } td { padding: 7px 10px 7px 0; border-bottom: 1px solid var(--line); vertical-align: top }
td small { display: block; color: var(--soft); font-size: 11.5px } tr.ours td:first-child { border-left: 3px solid var(--grant); padding-left: 9px }
tr td:first-child, tr th:first-child { padding-left: 12px; min-width: 142px } td.zero { color: var(--soft) } .bad { color: var(--open); font-weight: 640 }
thead tr:first-child:not(:last-child) th:not(.span) { border: 0 }
th.span { text-align: center; border-bottom: 1px solid var(--line); color: var(--soft); font-weight: 500 }
figure { margin: 18px 0 0 } svg.map { width: 100%; height: auto; display: block }
code { font-family: ui-monospace,"Cascadia Mono","DejaVu Sans Mono",monospace; font-size: .9em }
ul { padding-left: 1.2em; max-width: 48em } li { margin: 4px 0 } details { margin: 12px 0 } summary { cursor: pointer }
footer { margin-top: 52px; border-top: 1px solid var(--line); padding-top: 14px; font-size: 13px }
@media (max-width: 760px) { .figures { grid-template-columns: repeat(2, 1fr) } h1 { font-size: 25px } }
@media print { main { max-width: none; padding: 0 } h2 { break-after: avoid } tr, .figures, figure { break-inside: avoid }
  details { display: none } body { font-size: 11px } table { font-size: 9.5px } td small { font-size: 8.5px } h1 { font-size: 22px } @page { margin: 14mm } }
"""

OURS = ("policy", "deny", "killed")


def cell(pages):
    if not pages:
        return '<td class="n zero">0</td>'
    return f'<td class="n">{pages:,}<small>{size_text(pages * PAGE)}</small></td>'


def table_row(row):
    lost = f'<small>{row["lost"]:,} as counted losses</small>' if row["lost"] else ""
    secret = {"yes": '<span class="bad">found</span>', "no": "not found"}.get(row["secret"], "?")
    words = f'<small><code>{escape(row["words"])}</code></small>' if row["words"] not in row["title"] else ""
    return (f'<tr{" class=ours" if row["name"] in OURS else ""}><td>{escape(row["title"])}{words}</td>'
            + "".join(cell(row["pages"][way]) for way in WAYS)
            + "".join(cell(row["reachable"][part]) for part in ("kernel", "ram", "device"))
            + f'<td>{secret}</td><td>{escape(row["logged"])}{lost}</td><td>{escape(row["revocable"])}</td>'
            f'<td>{escape(row["who"])}</td></tr>')


def table(rows):
    return ('<div class="wide"><table><thead><tr><th></th><th class="span" colspan="3">pages that can be</th>'
            '<th class="span" colspan="3">reachable in any way</th><th class="span" colspan="4"></th></tr>'
            '<tr><th>Configuration</th><th class="n">read</th><th class="n">mapped</th><th class="n">mapped<br>to write</th>'
            '<th class="n">kernel<br>image</th><th class="n">other RAM</th><th class="n">devices,<br>reserved</th>'
            '<th>Secret</th><th>On record</th><th>Taken back</th><th>Who may</th></tr></thead><tbody>'
            + "".join(map(table_row, rows)) + "</tbody></table></div>")


def figures(usable):
    """The numbers that matter, if they were measured"""
    entries = []
    if "policy" in usable and "stock" in usable:
        policy = usable["policy"]
        added = len(policy.open["read"] - usable["stock"].open["read"])
        entries.append(("g", f"{added} pages", "more than stock are readable with one signed policy: those it names, to the page"))
        entries.append(("", f"{policy.reachable('kernel')}", "pages of the kernel's image reachable with devmem-policy"))
        entries.append(("", f"{policy.log.denied_pages:,}", "refused pages in the policy guest's log; the kernel counted "
                        f"{policy.status['end']['counters']['denied_pages']:,}" if "end" in policy.status else "refused pages in the log"))
    for name in ("open-nopat", "bare", "open"):
        if name in usable:
            wide = usable[name]
            entries.insert(1, ("o", f"{wide.known('read'):,} pages", f"are readable with {wide.title}: "
                               f"{size_text(wide.known('read') * PAGE)}, the kernel's image with them"))
            break
    return '<div class="figures">' + "".join(
        f'<div class="{kind}"><b>{escape(number)}</b><span>{escape(words)}</span></div>'
        for kind, number, words in entries) + "</div>"


def accounting(usable):
    rows = []
    for one in usable.values():
        if not one.audited or "end" not in one.status:
            continue
        rows.append(f"<tr><td>{escape(one.title)}</td><td class=n>{one.refused_calls():,}</td>"
                    f"<td class=n>{one.denied_between('before', 'swept'):,}</td>"
                    f"<td class=n>{one.status['end']['counters']['denied_pages']:,}</td>"
                    f"<td class=n>{sum(one.log.denied.values()):,}</td><td class=n>{one.log.lost:,}</td></tr>")
    if not rows:
        return ""
    return ("<h2>Every refused page is on record, by count</h2><p>The sweep counts the calls that were refused. The kernel ends a call "
            "at the first page it refuses, so each of them is one page. What the log could not keep up with, it has as counted losses.</p>"
            '<div class="wide"><table><thead><tr><th></th><th class=n>refused to the sweep</th><th class=n>counted meanwhile</th>'
            "<th class=n>counted in all, with the search</th><th class=n>denied, in the log</th><th class=n>lost, in the log</th></tr></thead><tbody>"
            + "".join(rows) + "</tbody></table></div>")


def readers(usable):
    """Those in which RAM above 1 MiB can be read that no policy names"""
    return {one.name for one in usable.values() if one.reachable("kernel")}


def table_title(usable):
    if readers(usable) and not readers(usable) & set(OURS):
        return "The kernel’s image is open where all is open, and in no other configuration"
    return "Who gets what, under which protection"


def map_title(usable):
    if "policy" in usable and "stock" in usable and all(
            usable["policy"].open[way] - usable["stock"].open[way] == usable["policy"].buffer_pages() and
            not usable["stock"].open[way] - usable["policy"].open[way] for way in WAYS):
        return "The policy adds one buffer to what the stock kernel gives, and nothing else"
    return "The physical address space, in each configuration"


def secret_title(usable):
    found = {one.name for one in usable.values() if one.facts.get("secret_found") == "yes"}
    if found and found == readers(usable):
        return "A secret in kernel memory is found where RAM is open, and stays one where it is not"
    return "What a page of kernel memory gives"


def secret(usable):
    found = [one.title for one in usable.values() if one.facts.get("secret_found") == "yes"]
    kept = [one.title for one in usable.values() if one.facts.get("secret_found") == "no"]
    named = [one for one in usable.values() if one.audited and one.facts.get("secret") and
             one.log.names("seek", int(one.facts["secret"], 16))]
    out = [f"<h2>{secret_title(usable)}</h2><p>A module keeps 32 random bytes in memory from <code>kmalloc</code> and tells "
           "them to nobody. A program reads all that <code>/dev/mem</code> gives it and looks for them; the module says whether it has found them.</p><ul>"]
    if found:
        out.append(f"<li><b class=bad>Found</b>: {escape('; '.join(found))}.</li>")
    if kept:
        out.append(f"<li><b>Not found</b>: {escape('; '.join(kept))}.</li>")
    for one in named:
        out.append(f"<li>{escape(one.title)}: the log has the refusal of that page, <code>{one.facts['secret']}</code>, to "
                   "<code>seek</code>.</li>")
    return "".join(out) + "</ul>"


METHOD = """
<h2>How it was measured</h2>
<ul>
<li>The same small kernel, built from Debian's sources, in the same virtual machine (512 MiB, no KASLR, so that pages can be compared);
 <code>STRICT_DEVMEM=n</code> is the same with these two options off.</li>
<li><code>devmemctl exposure</code> asks for each page that <code>/proc/iomem</code> knows, and for samples of what it does not know (not in these
 counts): by <code>read(2)</code>, by a mapping, and by a writable mapping. Nothing is written. Memory of devices is mapped and not read.</li>
<li>“Mapped to write” is mmap. The kernel decides <code>write(2)</code> as it does <code>read(2)</code>: where the first column has a page, it can be written as well,
 also where PAT keeps it from being mapped.</li>
<li>x86 answers reads of RAM below 1 MiB with zeros on a strict kernel. Those pages do not count as readable; they can be mapped, there as everywhere.</li>
<li>Devices and reserved ranges are mostly address space with nothing behind it.</li>
</ul>
"""


def checks_list(checks):
    failed = sum(not good for _, good, _ in checks)
    return (f"<details><summary>{len(checks) - failed} checks passed, {failed} failed</summary><ul>" + "".join(
        f"<li>{'ok' if good else '<b class=bad>failed</b>'}: {escape(sentence)}{'' if good else ' (' + escape(seen) + ')'}</li>"
        for sentence, good, seen in checks) + "</ul></details>")


def page(drawn, rows, usable, checks, behind):
    data = json.dumps(behind).replace("</", "<\\/")
    first = next(iter(usable.values()))
    return f"""<!doctype html>
<!-- SPDX-License-Identifier: GPL-2.0-or-later -->
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<title>{escape(drawn.finding)}</title><style>{STYLE}</style></head><body><main>
<p class="eyebrow">/dev/mem · what is reachable, under which protection</p>
<h1>{escape(drawn.finding)}</h1>
<p class="soft">Measured page by page on {len(rows)} configurations of Linux {escape(first.facts.get("release", ""))},
{escape(first.sweep["time"][:10])}.</p>
{figures(usable)}
<h2>{table_title(usable)}</h2>
{table(rows)}
<h2>{map_title(usable)}</h2>
<p>The physical address space in each configuration. All columns have the same scale, from address 0 down. Small ranges are drawn larger than they are, the pages around the granted buffer are magnified, and a
range that nothing is known of is cut.</p>
<figure>{drawn.svg(alone=False)}</figure>
{secret(usable)}
{accounting(usable)}
{METHOD}
{checks_list(checks)}
<footer>Made by <code>make compare</code> of devmem-policy. The sweeps are in this file as JSON
(<code>document.getElementById("measured")</code>), and beside it in <code>report.json</code>.</footer>
</main><script type="application/json" id="measured">{data}</script></body></html>
"""
