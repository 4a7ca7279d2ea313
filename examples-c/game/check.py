#!/usr/bin/env python3
"""What a run of the game has left behind.

check.py picture FILE...   a window's picture (BMP or TGA) shows two squares, of the first two players' colours
check.py frames LOG        the times of the frames, while the server was live and while it had stalled: prints their
                           histograms, and fails if hawser took more than a millisecond of CPU in any frame, or
                           waited: gave the processor up. On a busy machine it may be taken away; that shows in the other times
"""

import struct
import sys

SIDE = 24
BACKGROUND, PLAYERS = (16, 24, 48), [(240, 80, 60), (60, 180, 250)]
CPU_MAX = 1000  # microseconds
FEWEST = 100  # frames of a kind, less show nothing
BOUNDS = {"frame ms": [16, 17, 18, 20, 25, 34, 50], "hawser us": [10, 20, 50, 100, 200, 500, 1000, 5000]}


def pixels(path):
    """Of an uncompressed picture with 32 bits a pixel: red, green, blue."""
    with open(path, "rb") as file:
        data = file.read()
    if data[:2] == b"BM":
        start, (width, height), depth = struct.unpack_from("<I", data, 10)[0], struct.unpack_from("<ii", data, 18), data[28]
    else:
        start, (width, height), depth = 18 + data[0], struct.unpack_from("<HH", data, 12), data[16]
        if data[2] != 2:
            sys.exit(f"{path}: neither BMP nor uncompressed TGA")
    if depth != 32:
        sys.exit(f"{path}: {depth} bits a pixel")
    at = range(start, start + width * abs(height) * 4, 4)
    return width, [(data[i + 2], data[i + 1], data[i]) for i in at]


def near(one, other):
    return all(abs(a - b) <= 3 for a, b in zip(one, other))


def check_picture(path):
    width, colours = pixels(path)
    for number, wanted in enumerate(PLAYERS):
        places = [i for i, colour in enumerate(colours) if near(colour, wanted)]
        xs, ys = [i % width for i in places], [i // width for i in places]
        # the square, and perhaps the frame around one's own
        if not places or not SIDE <= max(xs) - min(xs) + 1 <= SIDE + 4 or not SIDE <= max(ys) - min(ys) + 1 <= SIDE + 4:
            return f"{path}: player {number} is not there: {len(places)} pixels of its colour"
        if len(places) < SIDE * SIDE:
            return f"{path}: the square of player {number} is not whole: {len(places)} pixels"
    if sum(near(colour, BACKGROUND) for colour in colours) < len(colours) // 2:
        return f"{path}: there is no background"
    print(f"{path}: both squares, whole")
    return None


def quantile(values, share):
    return sorted(values)[min(len(values) - 1, int(len(values) * share))]


def histogram(label, values):
    bounds = BOUNDS[label if label in BOUNDS else "hawser us"]
    counts = [sum(low <= v < high for v in values) for low, high in zip([0, *bounds], [*bounds, float("inf")])]
    columns = [f"<{bound} {count}" for bound, count in zip(bounds, counts)] + [f"more {counts[-1]}"]
    p50, p99 = quantile(values, 0.5), quantile(values, 0.99)
    print(f"    {label:13} p50 {p50:8.1f}  p99 {p99:8.1f}  max {max(values):8.1f}   {'  '.join(columns)}")


def check_frames(path):
    frames = {"live": [], "stalled": []}
    with open(path, encoding="ascii") as log:
        for line in log:
            kind, *numbers = line.split()
            frames[kind].append([float(number) for number in numbers])
    problem = None
    for kind, rows in frames.items():
        if len(rows) < FEWEST:
            return f"{path}: only {len(rows)} frames with the server {kind}"
        total, wall, cpu, waits = zip(*rows)
        print(f"  server {kind}, {len(rows)} frames")
        histogram("frame ms", [t / 1000 for t in total])
        histogram("hawser us", wall)
        histogram("hawser CPU us", cpu)
        print(f"    hawser waited in {sum(count > 0 for count in waits)} frames")
        if any(waits):
            problem = f"{path}: hawser waited with the server {kind}"
        if max(cpu) > CPU_MAX:
            problem = f"{path}: hawser took {max(cpu):.0f} us of CPU in a frame with the server {kind}"
    return problem


def main(what, *paths):
    check = {"picture": check_picture, "frames": check_frames}[what]
    problems = [problem for problem in map(check, paths) if problem]
    sys.exit("\n".join(problems) or 0)


main(*sys.argv[1:])
