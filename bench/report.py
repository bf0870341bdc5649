# SPDX-License-Identifier: LGPL-2.1-or-later
"""Tables as Markdown, and ratios as a picture."""
import html
import math
import os
import pathlib
import platform
import re
import shutil
import subprocess
import time

COLOURS = {"porthole": "#0b7285", "mediamtx": "#e8590c", "go2rtc": "#7048e8",
           "porthole / nginx": "#0b7285"}


def cell(value):
    return str(value).replace("|", "\\|")


def table_lines(table):
    yield f"## {table.title}"
    yield ""
    if table.rows:
        yield "| " + " | ".join(table.columns) + " |"
        yield "|" + " --- |" * len(table.columns)
        for row in table.rows:
            yield "| " + " | ".join(cell(value) for value in row) + " |"
        yield ""
    for note in table.notes:
        yield f"- {note}"
    if table.notes:
        yield ""


def markdown(tables):
    return "\n".join(line for table in tables for line in table_lines(table))


def first_match(path, pattern):
    try:
        found = re.search(pattern, pathlib.Path(path).read_text(encoding="utf-8"), re.MULTILINE)
    except OSError:
        return None
    return found.group(1).strip() if found else None


def version(program, *option):
    path = shutil.which(program) or shutil.which(program, path="/usr/sbin")
    if path is None:
        return "absent: not in PATH"
    run = subprocess.run([path, *option], capture_output=True, text=True, check=False)
    return (run.stdout or run.stderr).strip().splitlines()[0]


def machine():
    """What it was measured on, as (what, value)."""
    load = os.getloadavg()
    memory = int(first_match("/proc/meminfo", r"^MemTotal: *(\d+)") or 0) / 2**20
    return [
        ("date", time.strftime("%Y-%m-%d %H:%M UTC", time.gmtime())),
        ("processor", f"{os.cpu_count()} × "
         f"{first_match('/proc/cpuinfo', r'^model name.*: (.*)$') or platform.machine()}"),
        ("memory", f"{memory:.0f} GiB"),
        ("system", f"{first_match('/etc/os-release', r'^PRETTY_NAME=.(.*).$')}, "
         f"Linux {platform.release()}"),
        ("load before the start", f"{load[0]:.1f}"),
        ("mediamtx", version("mediamtx", "--version")),
        ("go2rtc", version("go2rtc", "-version")),
        ("nginx", version("nginx", "-v")),
        ("ustreamer", version("ustreamer", "--version")),
        ("motion", version("motion", "-h")),
        ("ffmpeg", version("ffmpeg", "-version")),
    ]


def machine_table(facts):
    return "\n".join(["| | |", "| --- | --- |", *(f"| {k} | {cell(v)} |" for k, v in facts), ""])


# ---- the picture -----------------------------------------------------------------------------

ROW, LEFT, WIDTH, TOP = 26, 250, 860, 54


def position(value, low, high):
    share = (math.log(value) - math.log(low)) / (math.log(high) - math.log(low))
    return LEFT + share * (WIDTH - LEFT - 30)


def axis(low, high, bottom):
    for value in (0.1, 0.2, 0.5, 1, 2, 5, 10, 20, 50):
        if low <= value <= high:
            x = position(value, low, high)
            weight = 2 if value == 1 else 1
            yield (f'<line x1="{x:.1f}" x2="{x:.1f}" y1="{TOP - 8}" y2="{bottom}" '
                   f'stroke="#ced4da" stroke-width="{weight}"/>')
            yield f'<text x="{x:.1f}" y="{TOP - 14}" text-anchor="middle">{value:g}</text>'


def mark(name, spread, y, low, high):
    colour = COLOURS.get(name, "#495057")
    left, middle, right = (position(v, low, high) for v in
                           (spread.low, spread.median, spread.high))
    tip = html.escape(f"{name}: {spread.low:.2f} / {spread.median:.2f} / {spread.high:.2f}")
    yield (f'<g><title>{tip}</title><line x1="{left:.1f}" x2="{right:.1f}" y1="{y}" y2="{y}" '
           f'stroke="{colour}" stroke-width="3"/>'
           f'<circle cx="{middle:.1f}" cy="{y}" r="5" fill="{colour}"/></g>')


def legend(names, y):
    for i, name in enumerate(names):
        x = LEFT + 150 * i
        yield f'<circle cx="{x}" cy="{y}" r="5" fill="{COLOURS.get(name, "#495057")}"/>'
        yield f'<text x="{x + 10}" y="{y + 4}">{html.escape(name)}</text>'


def svg(tables):
    """A line for each thing measured, with all servers' ratios on it: minimum to maximum, and a dot
    for the median."""
    plots = [plot for table in tables for plot in table.plot]
    labels = list(dict.fromkeys(label for label, _, _ in plots))
    names = list(dict.fromkeys(name for _, name, _ in plots if name != "porthole / nginx"))
    low = 0.8 * min([1.0, *(s.low for _, _, s in plots)])
    high = 1.25 * max([1.0, *(s.high for _, _, s in plots)])
    bottom = TOP + ROW * len(labels)
    lines = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {bottom + 40}" '
        f'font-family="sans-serif" font-size="13" fill="#212529">',
        f'<rect width="{WIDTH}" height="{bottom + 40}" fill="#ffffff"/>',
        '<text x="12" y="20">CPU time as a ratio: to the floor server where nothing else is said '
        '(minimum, median, maximum; logarithmic)</text>',
        *axis(low, high, bottom),
    ]
    for i, label in enumerate(labels):
        y = TOP + ROW * i + ROW // 2
        lines.append(f'<text x="12" y="{y + 4}">{html.escape(label)}</text>')
        for other, name, spread in plots:
            if other == label:
                lines += mark(name, spread, y, low, high)
    return "\n".join([*lines, *legend(names, bottom + 20), "</svg>", ""])
