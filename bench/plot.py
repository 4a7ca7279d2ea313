"""The comparison as a picture: one row a cell, one mark a server, to the right what takes more CPU than the floor."""

import math
import statistics

LEFT, RIGHT, TOP, ROW, FOOT = 172, 640, 74, 34, 46
WIDTH = LEFT + RIGHT + 28
TICKS = (0.5, 0.7, 1, 1.5, 2, 3, 5, 10, 20, 50, 100)
SIZE = 5.5
LEGEND_COLUMNS, LEGEND_COLUMN, LEGEND_ROW = 4, 168, 20

KEY = "rows: connections × in flight / bytes; squares: C++, diamonds: C, circles: Rust, triangles: JavaScript, Python"

# Marks by language, for colours alone do not tell a dozen apart; within a language by shade.
SHADES = {"C": ("a", "b"), "C++": ("a", "b"), "Rust": ("a", "b", "c", "d", "e"), "JavaScript": ("d",), "Python": ("e",)}

STYLE = """
text { font: 12px system-ui, sans-serif; fill: #3d3d3a }
.title { font-size: 15px; font-weight: 600; fill: #14140f }
.ours-text { font-weight: 600; fill: #14140f }
.page { fill: #fcfcfa }
.grid { stroke: #e4e4de }
.floor { stroke: #8c8c84; stroke-width: 1.5 }
.ours { fill: #d4380d; stroke: #fcfcfa; stroke-width: 1.5 }
.path { fill: none; stroke: #d4380d; stroke-width: 2; stroke-opacity: .55 }
.mark { stroke: #fcfcfa; stroke-width: 1 }
.a { fill: #7390a8 } .b { fill: #a3b4c2 } .c { fill: #8c9b7a } .d { fill: #b5a489 } .e { fill: #a690ac }
@media (prefers-color-scheme: dark) {
  text { fill: #c3c2b7 }
  .title, .ours-text { fill: #fffffb }
  .page { fill: #1a1a19 }
  .grid { stroke: #33332f }
  .floor { stroke: #7d7d75 }
  .ours { fill: #ff7a45; stroke: #1a1a19 }
  .path { stroke: #ff7a45 }
  .mark { stroke: #1a1a19 }
  .a { fill: #6f8ba3 } .b { fill: #5b7488 } .c { fill: #75845f } .d { fill: #8f7d5f } .e { fill: #83698a }
}"""


class Scale:
    """Ratios to places, by their logarithms."""

    def __init__(self, ratios):
        self.low = min(0.8, *ratios) / 1.06
        self.high = max(2, *ratios) * 1.08

    def x(self, ratio):
        return LEFT + RIGHT * math.log(ratio / self.low) / math.log(self.high / self.low)

    def ticks(self):
        return [tick for tick in TICKS if self.low <= tick <= self.high]


def text(x, y, words, style="", anchor="start"):
    return f'<text class="{style}" x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}">{words}</text>'


def line(x1, y1, x2, y2, style):
    return f'<line class="{style}" x1="{x1:.1f}" y1="{y1:.1f}" x2="{x2:.1f}" y2="{y2:.1f}"/>'


def mark(x, y, language, style, says, size=SIZE):
    """Squares for C++, diamonds for C, circles for Rust, triangles for what is interpreted."""
    title = f"<title>{says}</title>"
    if language in ("C", "C++"):
        turn = f' transform="rotate(45 {x:.1f} {y:.1f})"' if language == "C" else ""
        side = 2 * size - 1.5
        return (f'<rect class="{style}" x="{x - side / 2:.1f}" y="{y - side / 2:.1f}" '
                f'width="{side:.1f}" height="{side:.1f}"{turn}>{title}</rect>')
    if language in ("JavaScript", "Python"):
        up = f"M{x:.1f},{y - size:.1f} l{size:.1f},{2 * size - 1:.1f} h{-2 * size:.1f} z"
        return f'<path class="{style}" d="{up}">{title}</path>'
    return f'<circle class="{style}" cx="{x:.1f}" cy="{y:.1f}" r="{size}">{title}</circle>'


def styles(peers):
    """A shade for each, those of one language after one another."""
    left = {language: list(shades) for language, shades in SHADES.items()}
    return {peer: f"mark {left[peer.language].pop(0)}" for peer in peers}


def medians(bench, cells):
    """{cell: {peer: its median ratio to the floor}}"""
    found = {cell: {peer: bench.cpu_ratios(rounds, peer) for peer in bench.peers[1:]} for cell, rounds in cells.items()}
    return {cell: {peer: statistics.median(ratios) for peer, ratios in row.items() if ratios} for cell, row in found.items()}


def legend(bench, style, y):
    places = [(LEFT + i % LEGEND_COLUMNS * LEGEND_COLUMN, y + i // LEGEND_COLUMNS * LEGEND_ROW)
              for i in range(len(bench.peers) - 1)]
    entries = []
    for (x, row), peer in zip(places, bench.peers[1:]):
        ours = peer is bench.ours
        entries.append(mark(x + 7, row - 4, "Rust" if ours else peer.language, "ours" if ours else style[peer], peer.name,
                            SIZE + 1.5 if ours else SIZE))
        entries.append(text(x + 19, row, peer.name, "ours-text" if ours else ""))
    return entries


def svg(bench, cells):
    rows = medians(bench, cells)
    scale = Scale([ratio for row in rows.values() for ratio in row.values()] or [1])
    style = styles(bench.peers[2:])
    bottom = TOP + ROW * len(rows)
    legend_rows = -(-(len(bench.peers) - 1) // LEGEND_COLUMNS)
    height = bottom + FOOT + LEGEND_ROW * legend_rows
    parts = [f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" role="img" '
             f'aria-label="CPU of hws_echo and other servers, relative to the floor">', f"<style>{STYLE}\n</style>",
             f'<rect class="page" width="{WIDTH}" height="{height}"/>',
             text(16, 26, "CPU per echoed message, relative to an echo of bytes that knows no WebSocket", "title"),
             text(16, 45, "to the left is better; the scale is logarithmic; medians of paired rounds")]
    for tick in scale.ticks():
        x = scale.x(tick)
        parts += [line(x, TOP - 4, x, bottom, "floor" if tick == 1 else "grid"),
                  text(x, TOP - 9, f"{tick:g}", anchor="middle")]
    for number, (cell, row) in enumerate(rows.items()):
        y = TOP + ROW * (number + 0.5)
        parts += [line(LEFT, y, LEFT + RIGHT, y, "grid"), text(LEFT - 14, y + 4, str(cell), anchor="end")]
        parts += [mark(scale.x(row[peer]), y, peer.language, style[peer], f"{peer.name}, {cell}: {row[peer]:.2f}")
                  for peer in bench.peers[2:] if peer in row]
    ours = [(scale.x(row[bench.ours]), TOP + ROW * (number + 0.5), cell, row[bench.ours])
            for number, (cell, row) in enumerate(rows.items()) if bench.ours in row]
    if ours:
        parts.append('<path class="path" d="M' + " L".join(f"{x:.1f},{y:.1f}" for x, y, *_ in ours) + '"/>')
    parts += [mark(x, y, "Rust", "ours", f"hws_echo, {cell}: {ratio:.2f}", SIZE + 1.5) for x, y, cell, ratio in ours]
    parts.append(text(16, bottom + 18, KEY))
    return "\n".join([*parts, *legend(bench, style, bottom + FOOT), "</svg>", ""])
