"""The figures as Markdown: one function a table, one a part of the document."""

import os
import platform
import re
import statistics
import subprocess

import border
import compressed
import measure
import network
import publishing
import threads
from peers import what_was_built

TITLE = "# Results of the benchmark\nWritten by `bench/run`; what the columns mean and don't mean stands in README.md.\n\n"
PLAIN, PEERS, TLS, COMPRESSED, CROWD = ("Without TLS", "Beside other libraries", "Over TLS", "Compressed", "Many connections")
MEMORY, BORDER, FFI = "Masking and UTF-8", "At the border", "Through bindings"
PARTS = (PLAIN, PEERS, TLS, COMPRESSED, CROWD, MEMORY, BORDER, FFI)
CELLS = "connections × in flight / bytes"
DEFLATE_CELLS = "connections × in flight / bytes of text"
PUBLISH_CELLS = "subscribers / bytes"
ABSOLUTE = [CELLS, "server", "CPU µs/message", "messages/s", "server busy", "load busy", "batch p50 µs", "batch p99 µs"]


def table(head, rows):
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join("| " + " | ".join(map(str, line)) + " |" for line in lines)


def number(value, digits=2):
    return "–" if value is None else f"{value:,.{digits}f}"


def significant(value):
    """Three digits that mean something, whatever the size."""
    return number(value, 2 if value < 10 else 1 if value < 100 else 0)


def ratio_columns(rounds, subject, floor):
    cpu = measure.ratios(rounds, subject, floor, "cpu_us")
    rate = measure.ratios(rounds, subject, floor, "rate")
    if not cpu:
        return ["–", "–", "–", "–"]
    return [f"**{number(statistics.median(cpu))}**", f"{measure.spread(cpu):.0%}",
            number(statistics.median(rate)), f"{measure.spread(rate):.0%}"]


def ratio_table(bench, cells, what=CELLS):
    head = [what, "rounds"]
    for peer in bench.peers[1:]:
        head += [f"{peer.name}: CPU", "spread", "throughput", "spread"]
    rows = [[cell, len(rounds), *(column for peer in bench.peers[1:] for column in ratio_columns(rounds, peer, bench.floor))]
            for cell, rounds in cells.items()]
    return table(head, rows)


def medians(rounds, peer):
    return {field: measure.median_of(rounds, peer, field) for field in measure.Sample._fields}


def absolute_row(cell, rounds, peer):
    figures = medians(rounds, peer)
    if figures["rate"] is None:
        return [cell, peer.name, *["–"] * 6]
    return [cell, peer.name, significant(figures["cpu_us"]), number(figures["rate"], 0), f"{figures['server_busy']:.0%}",
            f"{figures['load_busy']:.0%}", number(figures["p50_us"], 0), number(figures["p99_us"], 0)]


def absolute_table(bench, cells, what=CELLS):
    return table([what, *ABSOLUTE[1:]], [absolute_row(cell, rounds, peer) for cell, rounds in cells.items() for peer in bench.peers])


def handshake_row(kind, rounds, peer):
    figures = medians(rounds, peer)
    if figures["rate"] is None:
        return [kind, peer.name, *["–"] * 5]
    return [kind, peer.name, significant(figures["cpu_us"]), number(1e6 / figures["cpu_us"], 0), number(figures["rate"], 0),
            f"{figures['server_busy']:.0%}", f"{figures['load_busy']:.0%}"]


def handshake_table(bench, handshakes):
    head = ["handshakes", "server", "CPU µs/handshake", "handshakes per second of CPU", "handshakes/s", "server busy", "load busy"]
    return table(head, [handshake_row(kind, rounds, peer) for kind, rounds in handshakes.items() for peer in bench.peers])


def count_table(bench, counts, digits, what):
    head = [what, *(peer.name for peer in bench.peers)]
    return table(head, [[cell, *(number(by_peer.get(peer), digits) for peer in bench.peers)]
                        for cell, by_peer in counts.items()])


def memory_table(memory):
    return table(["server", "never spoke", f"after one message of {measure.IDLE_SIZE} bytes"],
                 [[peer.name, number(silent, 0), number(spoke, 0)] for peer, (silent, spoke) in memory.items()])


def tls_memory_table(plain, tls):
    def row(peer, silent, spoke):
        added = None if silent is None or plain[peer] is None else silent - plain[peer]
        return [peer.name, number(plain[peer], 0), number(silent, 0), number(added, 0), number(spoke, 0)]
    return table(["server", "never spoke, without TLS", "never spoke", "so TLS adds", f"after one message of {measure.IDLE_SIZE} bytes"],
                 [row(peer, *columns) for peer, columns in tls.items()])


def first_line(*command):
    try:
        return subprocess.run(command, capture_output=True, text=True, check=True).stdout.splitlines()[0]
    except (OSError, subprocess.CalledProcessError, IndexError):
        return "none"


def cpu_model():
    with open("/proc/cpuinfo", encoding="utf-8") as file:
        found = re.search(r"^model name\s*: (.*)$", file.read(), re.MULTILINE)
    return found.group(1) if found else platform.machine()


def method(bench, plan, mode, compiler):
    return "\n".join([
        f"- Run: {mode}; {plan.rounds} or more rounds a cell, each with a fresh process of every server and a window of "
        f"{plan.seconds} s; medians of ratios paired within a round",
        f"- Processors: {cpu_model()}, {os.cpu_count()} of them; server on {bench.server_cpu}, load generator on {bench.load_cpu}",
        f"- Kernel: {platform.system()} {platform.release()}, loopback, congestion control {network.congestion_control()}; "
        f"load average at the start {os.getloadavg()[0]:.2f}",
        f"- Compilers: {first_line(compiler, '--version')}; {first_line('rustc', '--version')}"])


def section(title, why, body):
    return f"### {title}\n{why}\n\n{body}\n"


def counts_or_reason(bench, counts, tool, digits, what=CELLS):
    return count_table(bench, counts, digits, what) if counts is not None else f"Skipped: {tool} is not installed."


def failures(bench):
    return ["### What failed", *(f"- {failure}" for failure in bench.failures), ""] if bench.failures else []


RATIOS = ("CPU: the server's processor time per echoed message, floor = 1, less is better. Throughput: floor = 1, more is "
          "better. Spread: interquartile range over the median.")


def plain_part(bench, header, cells, syscalls, instructions, memory, idle_connections):
    return "\n".join([
        header, "",
        section("CPU and throughput relative to the floor", RATIOS, ratio_table(bench, cells)),
        section("Behind the ratios", "Medians; comparable within this run only.", absolute_table(bench, cells)),
        section("System calls per message", "Counted by strace, which slows the server down.",
                counts_or_reason(bench, syscalls, "strace", 3)),
        section("User-space instructions per message", "Counted by callgrind; the kernel's are not in it.",
                counts_or_reason(bench, instructions, "valgrind", 0)),
        section("Memory per idle connection",
                f"Bytes of the server's private memory, with {idle_connections} connections; the kernel's are not in it.",
                memory_table(memory)),
        *failures(bench)])


def comparison_row(bench, cell, rounds):
    """hws_echo to the best of the others, who that is, and everybody to the floor."""
    to_best, columns = bench.to_best(rounds), ["–"] * 3
    if to_best:
        columns = [f"**{number(statistics.median(to_best))}**", f"{measure.spread(to_best):.0%}", bench.best(rounds).name]
    ratios = [bench.cpu_ratios(rounds, peer) for peer in bench.peers[1:]]
    middles = [statistics.median(values) if values else None for values in ratios]
    least = min((middle for middle in middles if middle), default=None)
    return [cell, len(rounds), *columns, *(f"**{number(middle)}**" if middle and middle == least else number(middle) for middle in middles)]


def comparison_table(bench, cells, what=CELLS):
    head = [what, "rounds", "hws_echo / best of the others", "spread", "which", *(peer.name for peer in bench.peers[1:])]
    return table(head, [comparison_row(bench, cell, rounds) for cell, rounds in cells.items()])


def servers_table(bench, cells, figure, what=CELLS):
    """figure(rounds, server) of everybody but the floor."""
    return table([what, *(peer.name for peer in bench.peers[1:])],
                 [[cell, *(figure(rounds, peer) for peer in bench.peers[1:])] for cell, rounds in cells.items()])


def spread_table(bench, cells):
    def spread(rounds, peer):
        values = bench.cpu_ratios(rounds, peer)
        return f"{measure.spread(values):.0%}" if values else "–"
    return servers_table(bench, cells, spread)


def throughput_table(bench, cells):
    def throughput(rounds, peer):
        values = measure.ratios(rounds, peer, bench.floor, "rate")
        return number(statistics.median(values)) if values else "–"
    return servers_table(bench, cells, throughput)


def bytes_out_table(bench, cells):
    def bytes_out(rounds, peer):
        return number(measure.median_of(rounds, peer, "bytes_out"), 0)
    return servers_table(bench, cells, bytes_out, DEFLATE_CELLS)


def latency_table(bench, cell, rounds):
    def row(peer):
        figures = medians(rounds, peer)
        if figures["p50_us"] is None:
            return [peer.name, "–", "–"]
        return [peer.name, number(figures["p50_us"], 0), number(figures["p99_us"], 0)]
    return table(["server", f"{cell}: p50 µs", "p99 µs"], [row(peer) for peer in bench.peers])


BESIDE = ("CPU relative to the floor, medians; less is better, and the least of a row is bold. *hws_echo / best of the others*: "
          "its CPU relative to that of the one that takes the least in this cell, paired within a round; below 1, hws_echo takes "
          "less.")


def comparison_sections(plain, cells, tls, tls_cells, deflate, deflate_cells, memory, idle_connections):
    first = next(iter(cells))
    sections = [
        section("CPU beside other libraries", f"{BESIDE}\n\n![CPU of hws_echo and the others, relative to the floor](RESULTS.svg)",
                comparison_table(plain, cells)),
        section("Spread of these",
                "Interquartile range over the median of each ratio to the floor; a difference smaller than it means nothing.",
                spread_table(plain, cells)),
        section("Throughput beside other libraries", "Messages per second relative to the floor; more is better.",
                throughput_table(plain, cells)),
        section("Latency beside other libraries", "From sending a message to its echo, one connection, one message at a time.",
                latency_table(plain, first, cells[first]))]
    if memory:
        sections.append(section("Memory per idle connection beside other libraries",
                                f"Bytes of the server's private memory, with {idle_connections} connections; the kernel's are not "
                                "in it.", memory_table(memory)))
    if tls_cells:
        sections.append(section("CPU over TLS beside other libraries", f"The floor is an echo with OpenSSL. {BESIDE}",
                                comparison_table(tls, tls_cells)))
    if deflate_cells:
        sections += [section("CPU with permessage-deflate beside other libraries",
                             f"Relative to the floor and zlib-rs alone, together; with takeover. {BESIDE}",
                             comparison_table(deflate, deflate_cells, DEFLATE_CELLS)),
                     section("Bytes out with permessage-deflate", "Per message. Who compresses better takes more CPU for it.",
                             bytes_out_table(deflate, deflate_cells))]
    return sections


def versions(bench, missing):
    """One line of what the others are, and one for each that is not there."""
    built = [f"{peer.name} {what_was_built(peer, bench.places)}" for peer in bench.peers[2:]]
    return [f"- Others: {'; '.join(built) or 'none'}", *(f"- Skipped: {name}: {why}" for name, why in missing.items())]


def comparison_part(header, notes, bench, sections):
    return "\n".join([header, *notes, "", *sections, *failures(bench)])


def tls_part(bench, header, cells, handshakes, syscalls, plain_memory, memory, idle_connections):
    return "\n".join([
        header,
        "- TLS 1.3, AES-128-GCM, X25519, a certificate with ECDSA P-256; the floor and the load generator: "
        f"{first_line('openssl', 'version')}; the floor reads ahead and releases its buffers (`SSL_MODE_RELEASE_BUFFERS`)", "",
        section("CPU and throughput relative to the floor over TLS", "The floor is an echo with OpenSSL. " + RATIOS,
                ratio_table(bench, cells)),
        section("Behind the ratios over TLS", "Medians; comparable within this run only.", absolute_table(bench, cells)),
        section("Handshakes relative to the floor",
                "A connection comes, shakes hands and goes. hws_echo also upgrades it to a WebSocket and closes that; "
                "the floor has nothing to do between the two.", ratio_table(bench, handshakes, "handshakes")),
        section("Behind the handshakes",
                f"Medians; {measure.HANDSHAKES[0].at_once} connections at once.", handshake_table(bench, handshakes)),
        section("System calls per message over TLS", "Counted by strace, which slows the server down.",
                counts_or_reason(bench, syscalls, "strace", 3)),
        section("Memory per idle connection over TLS",
                f"Bytes of the server's private memory, with {idle_connections} connections; the kernel's are not in it. "
                "What TLS adds is the TLS library and whatever else TLS alone needs.", tls_memory_table(plain_memory, memory)),
        *failures(bench)])


def deflate_ratio_table(bench, cells):
    def columns(rounds, peer):
        values = bench.cpu_ratios(rounds, peer)
        return [f"**{number(statistics.median(values))}**", f"{measure.spread(values):.0%}"] if values else ["–", "–"]
    head = [DEFLATE_CELLS, "rounds", *(column for peer in bench.peers[1:] for column in (f"{peer.name}: CPU", "spread"))]
    return table(head, [[cell, len(rounds), *(column for peer in bench.peers[1:] for column in columns(rounds, peer))]
                        for cell, rounds in cells.items()])


def deflate_cost_row(bench, cell, rounds, peer):
    subjects = (peer, compressed.Uncompressed(peer), bench.codec, bench.floor)
    figures = [measure.median_of(rounds, subject, "cpu_us") for subject in subjects]
    if None in figures:
        return [cell, peer.name, *["–"] * 6]
    compressing, echoing, codec, floor = figures
    added = compressing - echoing
    return [cell, peer.name, *map(significant, (compressing, echoing, added, codec)), number(added / codec), significant(floor)]


def deflate_cost_table(bench, cells):
    head = [DEFLATE_CELLS, "server", "with compression", "without, same bytes", "difference", "codec", "difference / codec",
            "floor"]
    return table(head, [deflate_cost_row(bench, cell, rounds, peer)
                        for cell, rounds in cells.items() for peer in bench.peers[1:]])


def deflate_bytes_row(cell, rounds, subject):
    return [cell, subject.name, *(number(measure.median_of(rounds, subject, field), 0) for field in ("bytes_in", "bytes_out"))]


def deflate_bytes_table(bench, cells):
    return table([DEFLATE_CELLS, "server", "bytes in", "bytes out"],
                 [deflate_bytes_row(cell, rounds, subject) for cell, rounds in cells.items()
                  for subject in (bench.floor, bench.codec, *bench.peers[1:])])


def deflate_memory_table(memory):
    return table(["server", "agreed", "never spoke", f"after one message of {measure.IDLE_SIZE} bytes each way"],
                 [[peer.name, agreement, number(silent, 0), number(spoke, 0)]
                  for (peer, agreement), (silent, spoke) in memory.items()])


def deflate_part(bench, header, cells, memory, idle_connections):
    return "\n".join([
        header, "",
        section("CPU relative to the floor and the codec together",
                "The server's processor time per echoed message; 1 is what an echo that looks at nothing takes for the same "
                "bytes, plus zlib-rs alone, set as in hws_echo. Less is better. Spread: interquartile range over the median.",
                deflate_ratio_table(bench, cells)),
        section("Where the time goes", "µs of CPU per message, medians; comparable within this run only.",
                deflate_cost_table(bench, cells)),
        section("Behind the ratios with compression", "Medians; comparable within this run only.",
                absolute_table(bench, cells, DEFLATE_CELLS)),
        section("Bytes per message", "On the wire; the codec has no frame headers.", deflate_bytes_table(bench, cells)),
        section("Memory per idle connection with compression",
                f"Bytes of the server's private memory, with {idle_connections} connections; the kernel's are not in it.",
                deflate_memory_table(memory)),
        *failures(bench)])


def crowd_ratio_table(bench, cells):
    head = [CELLS, "idle", "server", "rounds", "CPU with / without", "spread", "throughput with / without", "spread"]
    return table(head, [[cell, number(bench.idle, 0), peer.name, len(rounds), *ratio_columns(rounds, *reversed(bench.among(peer)))]
                        for cell, rounds in cells.items() for peer in bench.peers])


def crowd_memory_table(memory):
    return table(["server", "bytes per idle connection"], [[peer.name, number(each, 0)] for peer, each in memory.items()])


def crowd_sections(bench, cells, memory):
    return [
        section("Active connections among idle ones",
                f"What the same active connections cost with {bench.idle:,} idle ones beside them, relative to without. At the end "
                "each idle one sent a message and got its echo.", crowd_ratio_table(bench, cells)),
        section("Behind the active connections", "Medians; comparable within this run only.",
                table(ABSOLUTE, [absolute_row(cell, rounds, subject)
                                 for cell, rounds in cells.items() for subject in bench.subjects])),
        section("Memory per connection of the crowd",
                f"Bytes of the server's private memory, with {bench.idle:,} connections that never spoke; the kernel's are not in "
                "it.", crowd_memory_table(memory))]


def publishing_sections(bench, cells, syscalls, instructions):
    return [
        section("One message to many, relative to the floor",
                "CPU: the server's processor time for each subscriber that got the message; the floor writes a frame that is ready "
                "to one after the other. Everybody got every message, byte for byte. " + RATIOS.split(". ", 1)[1],
                ratio_table(bench, cells, PUBLISH_CELLS)),
        section("Behind one message to many",
                "A message counts once for each subscriber, and a batch is over when all have it. Medians; comparable within this "
                "run only.", absolute_table(bench, cells, PUBLISH_CELLS)),
        section("System calls per subscriber", "Counted by strace, which slows the server down.",
                counts_or_reason(bench, syscalls, "strace", 3, PUBLISH_CELLS)),
        section("User-space instructions per subscriber",
                "Counted by callgrind, which cannot count Node's, nor what is built for this machine's processor.",
                counts_or_reason(bench, instructions, "valgrind", 0, PUBLISH_CELLS))]


def threads_sections(bench, cells):
    if cells is None:
        return [section("Two threads", "Skipped: there is one processor only.", "")]
    where = "a processor of its own" if bench.apart else \
        "none of its own and takes its time from theirs, so throughput does not say what two threads can do"
    return [
        section("Two threads, relative to one",
                f"`hws_echo --threads {threads.THREADS}` on {len(bench.server_cpus)} processors. The load generator has {where}. CPU: "
                "of all its threads, per echoed message; one thread = 1, less is better.", ratio_table(bench, cells)),
        section("Behind the threads", "Medians; comparable within this run only.", absolute_table(bench, cells))]


def fewer(what, wanted, found):
    return [] if found >= wanted else [f"- {what}: {found:,} instead of {wanted:,}; the limit of open files allows no more here"]


def node_version(bench):
    node = bench.places.get("node")
    return f"- Node {first_line(node, '--version')}, ws {publishing.ws_version(bench.places)}" if node else \
        "- Skipped: ws for Node; `scripts/need node=nodejs && scripts/peers-install` brings both"


def crowd_part(header, notes, bench, *sections):
    return "\n".join([header, *notes, "", *(one for several in sections for one in several), *failures(bench)])


def border_part(bench, header, runs):
    return "\n".join([
        header, "",
        section("Single calls", f"ns per message, medians of {border.RUNS} runs; by themselves: less what the kernel takes for the "
                "same, an epoll_wait and the reads, or random bytes for a masking key. Their goals are for a machine that does "
                "nothing else.",
                table(["call", "connection", "ns", "kernel's", "by itself", "spread", "goal"], border.rows(runs))),
        *failures(bench)])


def ffi_part(bench, header, cells):
    notes = [*(f"- {first_line(*language.version)}" for language in bench.languages),
             *(f"- Skipped: {why}" for why in bench.skipped)]
    return "\n".join([
        header, *notes, "",
        section("An echo in other languages, relative to C",
                "CPU: the server's processor time per echoed message; hws_echo = 1. A language alone: its binding, which copies what "
                "an event points to. With cgo, P/Invoke or ffi: the functions of C, and nothing copied. Throughput: hws_echo = 1, "
                "more is better. Spread: interquartile range over the median.", ratio_table(bench, cells)),
        section("Behind the languages", "Medians; comparable within this run only.", absolute_table(bench, cells)),
        *failures(bench)])


def document(parts, earlier=""):
    """The parts as one text, each in its place; parts that were not measured come from the earlier text."""
    _, *found = re.split(r"^## (.+)\n", earlier, flags=re.MULTILINE)
    texts = {**dict(zip(found[0::2], found[1::2])), **parts}
    return TITLE + "\n".join(f"## {name}\n{texts[name].strip()}\n" for name in PARTS if name in texts)
