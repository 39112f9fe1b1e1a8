"""Charts as SVG, written by hand: no library that a reader would have to trust."""

import math
from xml.sax.saxutils import escape

WIDTH = 760
FONT = 'font-family="DejaVu Sans, sans-serif" font-size="13"'
OURS, PEER, INK, GRID = "#1b6e53", "#9aa5b1", "#222222", "#dddddd"
LINES = {"toll in process": OURS, "toll over HTTP": "#57b894", "redis": "#c0392b", "rocksdb": "#8e5ea2",
         "mutex": "#7f8c8d", "postgres-application": "#2c6fbb", "postgres-function": "#7fb0e6",
         "mariadb-application": "#b9770e", "mariadb-function": "#e8b765"}
LABEL_HEIGHT = 16


def text(x, y, words, anchor="start", size=13, colour=INK):
    return (f'<text x="{x:.0f}" y="{y:.0f}" text-anchor="{anchor}" font-size="{size}" '
            f'fill="{colour}">{escape(words)}</text>')


def document(height, parts):
    return (f'<svg xmlns="http://www.w3.org/2000/svg" width="{WIDTH}" height="{height}" {FONT}>'
            f'<rect width="{WIDTH}" height="{height}" fill="white"/>' + "".join(parts) + "</svg>\n")


def decades(low, high):
    return [10 ** power for power in range(math.floor(math.log10(low)), math.ceil(math.log10(high)) + 1)]


def bars(samples, shape, title):
    """Deductions a second of every system at 64 clients, on a logarithmic scale."""
    found = [(samples.median(system, shape, 64), system) for system in samples.systems(shape)
             if "," not in system]
    found = sorted(((value, system) for value, system in found if value), reverse=True)
    if not found:
        return None
    left, right, top, step = 210, 90, 64, 30
    marks = decades(found[-1][0], found[0][0])
    place = lambda value: left + (WIDTH - left - right) * (
        math.log10(value / marks[0]) / math.log10(marks[-1] / marks[0]))
    bottom = top + step * len(found)
    parts = [text(16, 26, title, size=16), text(16, 46, "deductions a second, 64 clients, "
                                                "each on disk before it is answered; logarithmic")]
    for mark in marks:
        parts.append(f'<line x1="{place(mark):.0f}" x2="{place(mark):.0f}" y1="{top}" y2="{bottom}" '
                     f'stroke="{GRID}"/>')
        parts.append(text(place(mark), bottom + 18, f"{mark:,}", "middle", 11))
    for line, (value, system) in enumerate(found):
        y = top + step * line
        colour = OURS if system.startswith("toll") else PEER
        parts.append(f'<rect x="{left}" y="{y + 5}" width="{max(1, place(value) - left):.0f}" '
                     f'height="{step - 10}" fill="{colour}"/>')
        parts.append(text(left - 10, y + 20, system, "end"))
        parts.append(text(place(value) + 8, y + 20, f"{value:,.0f}"))
    return document(bottom + 34, parts)


def spaced(places):
    """Moves labels down until none is on another."""
    result, lowest = {}, -math.inf
    for name, place in sorted(places.items(), key=lambda item: item[1]):
        lowest = result[name] = max(place, lowest + LABEL_HEIGHT)
    return result


def lines(samples, shape, systems, title):
    """Deductions a second by number of clients, both logarithmic."""
    curves = [(system, samples.by_clients(system, shape)) for system in systems]
    curves = [(system, {count: value for count, value in curve.items() if count > 0 and value})
              for system, curve in curves]
    curves = [(system, curve) for system, curve in curves if len(curve) > 1]
    if not curves:
        return None
    counts = sorted({count for _, curve in curves for count in curve})
    values = [value for _, curve in curves for value in curve.values()]
    marks = decades(min(values), max(values))
    left, right, top, bottom = 90, 190, 64, 360
    x = lambda count: left + (WIDTH - left - right) * (
        math.log2(count / counts[0]) / math.log2(counts[-1] / counts[0]))
    y = lambda value: bottom - (bottom - top) * (
        math.log10(value / marks[0]) / math.log10(marks[-1] / marks[0]))
    parts = [text(16, 26, title, size=16), text(16, 46, "deductions a second; both axes logarithmic")]
    for mark in marks:
        parts.append(f'<line x1="{left}" x2="{WIDTH - right}" y1="{y(mark):.0f}" y2="{y(mark):.0f}" '
                     f'stroke="{GRID}"/>')
        parts.append(text(left - 8, y(mark) + 4, f"{mark:,}", "end", 11))
    for count in counts:
        parts.append(text(x(count), bottom + 18, str(count), "middle", 11))
    parts.append(text((left + WIDTH - right) / 2, bottom + 40, "clients", "middle"))
    label_y = spaced({system: y(curve[max(curve)]) + 4 for system, curve in curves})
    for system, curve in curves:
        colour = LINES.get(system, PEER)
        points = " ".join(f"{x(count):.0f},{y(value):.0f}" for count, value in sorted(curve.items()))
        parts.append(f'<polyline points="{points}" fill="none" stroke="{colour}" stroke-width="2.5"/>')
        for count, value in curve.items():
            parts.append(f'<circle cx="{x(count):.0f}" cy="{y(value):.0f}" r="3.5" fill="{colour}"/>')
        last = max(curve)
        end = WIDTH - right
        parts.append(f'<line x1="{x(last):.0f}" y1="{y(curve[last]):.0f}" x2="{end + 14}" '
                     f'y2="{label_y[system] - 4:.0f}" stroke="{colour}" stroke-dasharray="2 3"/>')
        parts.append(text(end + 18, label_y[system], system, colour=colour))
    return document(bottom + 56, parts)


def write(samples, folder):
    """The names of the charts that there is something to show in."""
    charts = {
        "hot.svg": bars(samples, "hot", "One hot subscription"),
        "uniform.svg": bars(samples, "uniform", "10,000 subscriptions"),
        "clients.svg": lines(samples, "hot", list(LINES),
                             "One hot subscription, by number of clients"),
    }
    for name, chart in charts.items():
        if chart:
            (folder / name).write_text(chart)
    return [name for name, chart in charts.items() if chart]
