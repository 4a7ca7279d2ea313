"""permessage-deflate with ws for Node, which uses zlib, both ways: its options, and what the headers then say."""
import itertools
import json
import shutil
from pathlib import Path
from urllib.parse import quote

import messages
from deflate import OURS, same
from harness import holds
from messages import SMALL_LINES, SMALL_MESSAGES, printed
from websockets_peer import LARGEST

OPTIONS = {"serverNoContextTakeover": "server_no_context_takeover",
           "clientNoContextTakeover": "client_no_context_takeover",
           "serverMaxWindowBits": "server_max_window_bits", "clientMaxWindowBits": "client_max_window_bits"}
BITS = [None, 9, 10, 12, 15]
ALL = [dict(zip(OPTIONS, row)) for row in itertools.product([None, True], [None, True], BITS, BITS)]
WITH_LARGE = [dict(zip(OPTIONS, row)) for row in [(None, None, None, 15), (True, True, 9, 9)]]


def run(stage):
    node, env = shutil.which("node"), {**stage.env, "NODE_PATH": str(stage.tools.absolute() / "root/usr/share/nodejs")}
    program, places = Path(__file__).parent / "ws_peer.js", stage.tmp / "messages"
    sent = {"small": (SMALL_MESSAGES, SMALL_LINES), "large": (messages.large_messages(), messages.large_lines())}
    for size, (some, _) in sent.items():
        write(places / size, some)

    port = stage.start(node, program, "serve", places, says=r"^listening on (\d+)$", env=env).said[1]
    echo = "ws://127.0.0.1:" + stage.echo("--max-size", LARGEST).rpartition(":")[2]
    for size, rows, note in [("small", ALL, ""), ("large", WITH_LARGE, ", 1 and 16 MiB")]:
        for options in rows:
            stage.check(f"hws_cat to ws{note}: {messages.name(named(options))}", converses, stage, port, options, size,
                        *sent[size])
        out, errors, _ = stage.run([node, program, "dial", echo, places / size, *map(chosen, rows)], env=env)
        stories = [json.loads(line) for line in out.splitlines() if line.startswith("{")]
        for options, story in itertools.zip_longest(rows, stories):
            stage.check(f"ws to hws_echo{note}: {messages.name(named(options))}", is_echoed, options, story,
                        len(sent[size][0]), errors)


def write(place, some):
    place.mkdir(parents=True)
    for number, message in enumerate(some):
        if isinstance(message, str):
            (place / f"{number:03}.text").write_text(message, "utf-8", newline="")
        else:
            (place / f"{number:03}").write_bytes(message)


def named(options):
    return {OPTIONS[option]: value for option, value in options.items()}


def chosen(options):
    """As ws wants them; without a threshold it leaves short messages alone."""
    return json.dumps({"threshold": 0, **{option: value for option, value in options.items() if value}})


def converses(stage, port, options, size, some, lines):
    path = quote(json.dumps({"options": json.loads(chosen(options)), "size": size}))
    out, errors, status = stage.talk(
        [stage.bin / "hws_cat", f"ws://127.0.0.1:{port}/{path}", "--max-size", LARGEST],
        "\n".join([*lines, ""]), answers=1 + len(some) + len(lines))
    answer, _, rest = out.partition("\n")
    agreed(answer, named(options))
    same(rest, [*map(printed, some), *lines], errors)
    holds(status == 0, f"exit status {status}: {errors}")


def is_echoed(options, story, count, errors):
    holds(story, f"ws says nothing of it: {errors[-500:]}")
    windows = {option: min(OURS, options[option] or 15) for option in ("serverMaxWindowBits", "clientMaxWindowBits")}
    agreed(story["agreed"], named({**options, **windows}))
    holds(story["echoed"] == count and story["code"] == 1000 and "error" not in story, json.dumps(story))


def agreed(answer, parameters):
    """The answer has these parameters, in any order."""
    expected = {name if value is True else f"{name}={value}" for name, value in parameters.items() if value}
    name, *found = [part.strip() for part in answer.split(";")]
    holds(name == "permessage-deflate" and set(found) == expected and len(found) == len(expected),
          f"agreed: {answer}, expected: {sorted(expected)}")
