#!/usr/bin/env python3
"""Draws docs/picture.svg: who asks for one unit, who answers, and what is written. `docs/picture.py > docs/picture.svg`"""

INK, SOFT, LINE, WARM = "#1f2937", "#6b7280", "#9ca3af", "#b45309"
WIDTH, HEIGHT = 860, 330


def box(x, y, width, height, title, lines, colour=INK, fill="white"):
    parts = [f'<rect x="{x}" y="{y}" width="{width}" height="{height}" rx="8" fill="{fill}" stroke="{colour}" stroke-width="1.5"/>',
             f'<text x="{x + width / 2}" y="{y + 24}" text-anchor="middle" font-weight="bold" fill="{colour}">{title}</text>']
    for number, line in enumerate(lines):
        parts.append(f'<text x="{x + width / 2}" y="{y + 44 + 17 * number}" text-anchor="middle" fill="{SOFT}">{line}</text>')
    return "\n".join(parts)


def arrow(x1, y1, x2, y2, colour=LINE):
    return f'<line x1="{x1}" y1="{y1}" x2="{x2}" y2="{y2}" stroke="{colour}" stroke-width="1.5" marker-end="url(#tip)"/>'


def label(x, y, text, colour=SOFT, anchor="middle"):
    return f'<text x="{x}" y="{y}" text-anchor="{anchor}" fill="{colour}">{text}</text>'


def main():
    callers = [("timer", "minute 10 is over"), ("patient's phone", "POST .../deduct"), ("doctor's phone", "POST .../deduct"),
               ("call server", "POST .../end")]
    out = [f'<svg xmlns="http://www.w3.org/2000/svg" width="{WIDTH}" height="{HEIGHT}" viewBox="0 0 {WIDTH} {HEIGHT}" '
           'font-family="DejaVu Sans, Helvetica, sans-serif" font-size="13" role="img" '
           'aria-label="A timer, two phones and a call server ask one session for the same unit; one record is written">',
           '<defs><marker id="tip" markerWidth="9" markerHeight="8" refX="8" refY="4" orient="auto">'
           f'<path d="M0,0 L9,4 L0,8 z" fill="{LINE}"/></marker></defs>',
           f'<rect width="{WIDTH}" height="{HEIGHT}" fill="white"/>',
           label(16, 26, "Within the same second, for the same unit", INK, "start")]
    for number, (title, line) in enumerate(callers):
        y = 44 + 68 * number
        out.append(box(16, y, 170, 56, title, [line]))
        out.append(arrow(186, y + 28, 318, 163))
    out += [box(320, 104, 200, 118, "one session", ["an actor: its mailbox", "puts the four in order;", "it owns its next unit", "before it needs it"],
                WARM, "#fffbeb"),
            arrow(520, 163, 598, 163),
            box(600, 104, 244, 118, "one record", ["unit 1 of c1 taken from s1", "doctor d1 earns 3500.00 MWK", "unit 2 of c1 held", "on disk before any answer"], INK, "#f0fdf4"),
            label(420, 252, "the first takes 1 unit,", INK), label(420, 270, "the others are told 0", INK),
            label(722, 252, "kill -9 at any point:", INK), label(722, 270, "it is there once, or not at all", INK), "</svg>"]
    print("\n".join(out))


main()
