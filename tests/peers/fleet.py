"""Topics that span processes: fleet with the real nats-server, which is killed and comes back, and with brokers that
talk nonsense. Counts are (sent, lost, received, missed), as fleet.c explains them."""
import contextlib
import os
import random
import signal
import socket
import struct

from websockets.exceptions import ConnectionClosed
from websockets.sync.client import connect

import servers
from harness import PATIENCE, free_port, holds

KIB = 1024
CHANCE = random.Random(7)
MESSAGES = ["hello", "", b"", "äöü€😀", bytes(range(256)), "€" * (200 * KIB // 3), CHANCE.randbytes(200 * KIB),
            b"\r\nPUB\r\n", *map(str, range(100))]
INFO = b'INFO {"server_id":"fake","max_payload":%d}\r\n'


def run(stage):
    with_nats(stage)
    with_nonsense(stage)


class Fleet:
    """A process, its clients, and what it says about its broker."""

    def __init__(self, stage, broker):
        self.peer = stage.start(stage.bin / "fleet", "127.0.0.1:0", f"127.0.0.1:{broker}", says=r"^listening on .*:(\d+)$")
        self.port, self.stage = self.peer.said[1], stage

    def connect(self, topic):
        return self.stage.enter(connect(f"ws://127.0.0.1:{self.port}/{topic}", max_size=None, proxy=None,
                                        open_timeout=PATIENCE, close_timeout=PATIENCE))

    def join(self, topic="deck"):
        """A client that has subscribed: when the second ping is read, what the first one's poll gave has been handled."""
        client = self.connect(topic)
        for _ in range(2):
            holds(client.ping().wait(PATIENCE), "no pong")
        return client

    def hears(self, news):
        """Waits for news of the broker; the counts that come with it."""
        self.peer.await_line(f"^broker: {news}")
        return self.counts()

    def counts(self, strange=0):
        *counts, found = map(int, self.peer.await_line(
            r"^sent=(\d+) lost=(\d+) received=(\d+) missed=(\d+) strange=(\d+)$").groups())
        equal(found, strange)
        return tuple(counts)

    def ends(self, number=signal.SIGTERM, broker=None, **more):
        """The counts at the end, for which a broker of ours has to read everything."""
        os.kill(self.peer.process.pid, number)  # timeout hands it on
        if broker:
            read_until(broker, b"PING\r\n")
            broker.sendall(b"PONG\r\n")
        counts = self.counts(**more)
        status = self.peer.process.wait(PATIENCE)
        holds(status == 0, f"exit status {status}")
        return counts


def got(client, expected):
    for number, message in enumerate(expected):
        found = client.recv(PATIENCE)
        holds(type(found) is type(message) and found == message,
              f"message {number}: {found[:40]!r} ({len(found)}), not {message[:40]!r} ({len(message)})")


def equal(found, expected):
    holds(found == expected, f"{found}, not {expected}")


# ---- a real broker

def nats(stage, port=-1):
    program, env = servers.unpacked(stage, "nats-server")
    return stage.start(program, "-a", "127.0.0.1", "-p", port, env=env, says=r"client connections on 127\.0\.0\.1:(\d+)")


def with_nats(stage):
    broker = nats(stage)
    port = broker.said[1]
    a, b = Fleet(stage, port), Fleet(stage, port)
    for fleet in a, b:
        equal(fleet.hears("connected"), (0, 0, 0, 0))
    clients = a1, a2, b1, b2 = a.join(), a.join(), b.join(), b.join()
    stage.check("every kind of message, in order, once", every_kind, clients)
    stage.check("each topic by itself", each_by_itself, a, b)
    stage.check("no wildcards for clients", no_wildcards, a)
    stage.check("from all sides at once", at_once, clients)
    stage.check("more than max_payload", too_large, clients)
    stage.check("SIGKILL for the broker, and its return", killed, stage, broker, a, b, clients)
    stage.check("who comes later has missed nothing", later, stage, port, a1)
    stage.check("the end", at_the_end, a, b, clients)
    stage.check("what was said before the end arrives", last_words, stage, port)
    stage.check("SIGKILL for the broker in full flight", in_full_flight, stage)
    stage.check("no broker at first", none_at_first, stage)
    stage.check("no address of a broker", no_address, stage)


def every_kind(clients):
    a1, a2, b1, b2 = clients
    for message in MESSAGES:
        a1.send(message)
    b1_says = ["over", b"and out"]
    for client in a2, b1, b2:
        got(client, MESSAGES)
    for message in b1_says:
        b1.send(message)
    for client in a1, a2, b2:  # next for all: nothing came twice, nor back
        got(client, b1_says)
    a1.send("end")
    got(b1, ["end"])
    for client in a2, b2:
        got(client, ["end"])


def each_by_itself(a, b):
    """Also with a slash, and in a tongue of their own."""
    pairs = [(topic, a.join(topic), b.join(topic)) for topic in ("hold", "a%2Fb", "caf%C3%A9", "x" * 1024)]
    for topic, near, _ in pairs:
        near.send(topic)
    for topic, near, far in pairs:
        got(far, [topic])
        far.send(topic + "!")
        got(near, [topic + "!"])


def no_wildcards(fleet):
    """Nor other topics that are none; and what they say is heard by nobody."""
    for topic in "+", "%23", "a%2F%23", "de%00ck", "x" * 1025:
        with contextlib.suppress(ConnectionClosed):
            client = fleet.connect(topic)
            client.send("too early")
            client.recv(PATIENCE)
            holds(False, f"{topic} is let in")
        equal(client.close_code, 1008)


def at_once(clients):
    for number in range(200):
        for who, client in enumerate(clients):
            client.send(f"{who} {number}")
    for who, client in enumerate(clients):
        found = [client.recv(PATIENCE).split() for _ in range(200 * (len(clients) - 1))]
        for other in set(range(len(clients))) - {who}:
            equal([number for name, number in found if name == str(other)], [*map(str, range(200))])


def too_large(clients):
    a1, a2, b1, b2 = clients
    large = CHANCE.randbytes(KIB * KIB)
    for message in large, "after it":
        a1.send(message)
    got(a2, [large, "after it"])
    for client in b1, b2:
        got(client, ["after it"])


def killed(stage, broker, a, b, clients):
    """Three times. What is said without a broker is heard at home only. Nothing is on its way when the broker dies, so that
    the one side has lost what the other has missed: `the end` compares."""
    a1, a2, b1, b2 = clients
    port = broker.said[1]
    for turn in range(1, 4):
        broker.kill(signal.SIGKILL)
        before = [fleet.hears("gone: ") for fleet in (a, b)]
        for here, there, count in (a1, a2, 7), (b1, b2, 3):
            alone = [f"alone {turn} {number}" for number in range(count)]
            for message in alone:
                here.send(message)
            got(there, alone)
        broker = nats(stage, port)
        for fleet, count, (sent, lost, received, missed) in zip((a, b), (7, 3), before):
            equal(fleet.hears("connected"), (sent, lost + count, received, missed))
        for here, others in (a1, (a2, b1, b2)), (b1, (b2, a1, a2)):
            here.send(f"again {turn}")
            for other in others:
                got(other, [f"again {turn}"])


def later(stage, port, a1):
    c = Fleet(stage, port)
    c.hears("connected")
    client = c.join()
    a1.send("welcome")
    got(client, ["welcome"])
    equal(c.ends(), (0, 0, 1, 0))


def at_the_end(a, b, clients):
    for client in clients[1:]:
        got(client, ["welcome"])
    sent, lost, received, missed = a.ends()
    equal(lost, 1 + 3 * 7)
    equal(missed, 3 * 3)
    equal(b.ends(signal.SIGINT), (received, missed, sent, lost))
    for client in clients:
        with contextlib.suppress(ConnectionClosed):
            client.recv(PATIENCE)
            holds(False, "more messages")
        equal(client.close_code, 1001)


def last_words(stage, port):
    """A process ends while the broker has much of it to read; it has lost nothing."""
    a, b = Fleet(stage, port), Fleet(stage, port)
    for fleet in a, b:
        fleet.hears("connected")
    near, other, far = a.join(), a.join(), b.join()
    words = [f"{number} " + "x" * 20000 for number in range(300)]
    for word in words:
        near.send(word)
    got(other, words)
    equal(a.ends(), (300, 0, 0, 0))
    got(far, words)
    equal(b.ends(), (0, 0, 300, 0))


def in_full_flight(stage):
    """What is on its way when the broker dies was sent, and arrives nowhere: more is missed than was lost. But all is in
    the counts; nothing comes twice or before what was said before it; and at home all is heard."""
    broker = nats(stage)
    port = broker.said[1]
    a, b = Fleet(stage, port), Fleet(stage, port)
    for fleet in a, b:
        fleet.hears("connected")
    near, other, far = a.join(), a.join(), b.join()
    said, heard = 0, 0
    for _ in range(3):
        first = said
        near.send(str(said))
        got(far, [str(said)])  # the first of all, so that a gap is seen from here on
        for said in range(first + 1, first + 3001):
            if said == first + 1500:
                broker.kill(signal.SIGKILL)
            near.send(str(said))
        for fleet in a, b:
            fleet.hears("gone: ")
        got(other, map(str, range(first, said + 1)))
        broker = nats(stage, port)
        for fleet in a, b:
            fleet.hears("connected")
        near.send("again")
        got(other, ["again"])
        numbers = [*iter(lambda: far.recv(PATIENCE), "again")]
        equal(numbers, sorted(set(numbers), key=int))
        heard, said = heard + 1 + len(numbers) + 1, said + 1
    published = said + 3
    sent, lost, _, _ = a.ends()
    _, _, received, missed = b.ends()
    equal((sent + lost, received + missed, received), (published, published, heard))
    holds(missed >= lost, f"lost {lost}, missed {missed}")


def none_at_first(stage):
    port = free_port()
    fleet = Fleet(stage, port)
    equal(fleet.hears("gone: Connection refused"), (0, 0, 0, 0))
    speaks_locally(fleet.join(), fleet.join(), "alone")
    nats(stage, port)
    equal(fleet.hears("connected"), (0, 1, 0, 0))
    equal(fleet.ends(), (0, 1, 0, 0))


def no_address(stage):
    for address in "localhost:4222", "127.0.0.1", "127.0.0.1:", "127.0.0.1:99999", "127.0.0.1:4222x", "1.2.3:4":
        found = stage.run([stage.bin / "fleet", "127.0.0.1:0", address])
        equal(found, ("", "fleet: where is NATS?\n", 2))


def speaks_locally(one, other, message):
    one.send(message)
    got(other, [message])


# ---- brokers that talk nonsense: on each connection another piece of it

GREETINGS = [
    ("speaks HTTP", b"HTTP/1.1 400 Bad Request\r\n\r\n", "this is not NATS"),
    ("all bytes there are", bytes(range(256)), "a line end is missing"),
    ("a MSG for a greeting", b"MSG hawser.fleet 1 5\r\nhello\r\n", "this is not NATS"),
    ("a line without an end", b"INFO " + b"x" * 70000, "a line without an end"),
    ("hangs up", b"", "it has hung up"),
    ("refuses", b"-ERR 'Authorization \x1b[31mViolation'\r\n", r"-ERR 'Authorization \\x1b\[31mViolation'"),
]


def payload(topic=b"deck", data=b"hello", who=0xABC, number=1, opcode=b"1", topic_len=None):
    return b"%016x%016x%s%04x%s%s" % (who, number, opcode, len(topic) if topic_len is None else topic_len, topic, data)


def message(payload):
    return b"MSG hawser.fleet 1 %d\r\n%s\r\n" % (len(payload), payload)


TALK = [
    ("half a MSG", message(payload())[:30], "it has hung up"),
    ("half a line", b"MSG hawser.fl", "it has hung up"),
    ("a huge length", b"MSG hawser.fleet 1 99999999999999999999\r\n", "a message of an impossible length"),
    ("more than we take", b"MSG hawser.fleet 1 2000000\r\n", "a message of an impossible length"),
    ("a negative length", b"MSG hawser.fleet 1 -1\r\n", "a message of an impossible length"),
    ("no length", b"MSG hawser.fleet 1 \r\n", "a message of an impossible length"),
    ("another subject", b"MSG hawser.other 1 5\r\nhello\r\n", "this is not what we asked for"),
    ("longer than it says", b"MSG hawser.fleet 1 4\r\nhello\r\n", "a line end is missing"),
    ("shorter than it says", b"MSG hawser.fleet 1 6\r\nhello\r\nPING\r\n", "a line end is missing"),
    ("random bytes", CHANCE.randbytes(4096), "a line end is missing"),
    ("an error", b"-ERR 'Slow Consumer'\r\n", "-ERR 'Slow Consumer'"),
    ("a line without an end", b"x" * 70000, "a line without an end"),
]


STRANGE = [b"hello", b"", b"z" * 40, payload(topic_len=10), payload().replace(b"0004", b"-004"), payload(b""),
           payload(b"#"), payload(b"de\0ck"), payload(opcode=b"9"), payload(data=b"\xff")]


def with_nonsense(stage):
    mute = stage.enter(socket.create_server(("127.0.0.1", 0)))  # it accepts nobody: the kernel does, and says nothing
    waiting = Fleet(stage, mute.getsockname()[1])
    shy = stage.enter(Broker(stage))
    shy.accept(INFO % 1000)

    stage.check("a broker that takes nothing", takes_nothing, stage)
    for name, greeting, why in GREETINGS:
        stage.check(f"greeting: {name}", greets, stage, greeting, why)
    for name, talk, why in TALK:
        stage.check(f"talk: {name}", talks, stage, talk, why)
    for body in resets, writes_strange_things, speaks_in_crumbs, takes_little:
        stage.check(f"a broker that {body.__name__.replace('_', ' ')}", body, stage)

    stage.check("a broker that says nothing", waiting.hears, "gone: no answer")
    stage.check("a broker without PONG", shy.fleet.hears, "gone: no answer")


class Broker:
    """A socket where a fleet expects its broker, and this fleet with two clients."""

    def __init__(self, stage):
        self.listener = stage.enter(socket.socket())
        self.listener.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        self.listener.bind(("127.0.0.1", 0))
        self.listener.listen()
        self.listener.settimeout(PATIENCE)
        self.fleet = Fleet(stage, self.listener.getsockname()[1])
        self.clients = self.fleet.join(), self.fleet.join()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.listener.close()

    def accept(self, greeting):
        connection, _ = self.listener.accept()
        connection.settimeout(PATIENCE)
        connection.sendall(greeting)
        return connection

    def join(self, max_payload=1000):
        """As a broker should."""
        connection = self.accept(INFO % max_payload)
        said = read_until(connection, b"PING\r\n")
        holds(b'"echo":false' in said and b"\r\nSUB hawser.fleet 1\r\n" in said, f"it says {said}")
        connection.sendall(b"PONG\r\n")
        return connection, self.fleet.hears("connected")


def read_until(connection, end):
    data = b""
    while not data.endswith(end):
        more = connection.recv(1 << 16)
        holds(more, f"the end after {data[-100:]!r}")
        data += more
    return data


def greets(stage, greeting, why):
    with Broker(stage) as broker, broker.accept(greeting) as connection:
        if not greeting:
            connection.close()
        broker.fleet.hears(f"gone: {why}$")
        lives_on(broker)


def lives_on(broker):
    """Its clients talk, it dials again, and ends as it should."""
    speaks_locally(*broker.clients, "alone")
    connection, (sent, lost, received, missed) = broker.join()
    with connection:
        speaks_locally(*broker.clients, "not alone")
        equal(broker.fleet.ends(broker=connection), (sent + 1, lost, received, missed))


def talks(stage, talk, why):
    with Broker(stage) as broker:
        connection, _ = broker.join()
        with connection:
            connection.sendall(talk)
            if why == "it has hung up":
                connection.close()
            broker.fleet.hears(f"gone: {why}$")
        lives_on(broker)


def resets(stage):
    with Broker(stage) as broker:
        connection, _ = broker.join()
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        connection.close()
        broker.fleet.hears("gone: Connection reset")
        lives_on(broker)
def writes_strange_things(stage):
    """Others may write to our subject, too: it costs a count, and not the connection."""
    with Broker(stage) as broker:
        connection, _ = broker.join()
        with connection:
            for talk in *STRANGE, payload(number=3), *STRANGE, payload(number=5):
                connection.sendall(message(talk))
            for client in broker.clients:
                got(client, ["hello", "hello"])
            equal(broker.fleet.ends(broker=connection, strange=2 * len(STRANGE)), (0, 0, 2, 1))


def speaks_in_crumbs(stage):
    """Byte by byte; PING, +OK and another INFO are among it, and what the fleet itself has said."""
    with Broker(stage) as broker:
        connection, _ = broker.join()
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        with connection:
            one, other = broker.clients
            numbers = [(5, 1), (5, 2), (5, 5), (5, 5), (5, 4), (5, 10), (6, 100), (6, 101)]  # two are missing, then four
            for who, number in numbers:
                talk = message(payload(data=b"%d" % number, who=who, number=number))
                talk = talk.replace(b" 1 ", b" 1 reply.to ", who - 5)
                for byte in talk + b"PING\r\n+OK\r\n" + INFO % 1000:
                    connection.sendall(bytes([byte]))
                equal(read_until(connection, b"PONG\r\n"), b"PONG\r\n")
            for client in broker.clients:
                got(client, [str(number) for _, number in numbers])
            one.send("mine")
            mine = read_until(connection, b"mine\r\n")
            connection.sendall(mine.replace(b"PUB hawser.fleet", b"MSG hawser.fleet 1") + message(payload(data=b"next")))
            got(other, ["mine", "next"])
            got(one, ["next"])
            equal(broker.fleet.ends(broker=connection), (1, 0, len(numbers) + 1, 2 + 4))


def takes_little(stage):
    with Broker(stage) as broker:
        connection, _ = broker.join(100)
        with connection:
            one, other = broker.clients
            room = 100 - len(payload(data=b""))
            for size in room, room + 1:
                one.send("x" * size)
            got(other, ["x" * room, "x" * (room + 1)])
            holds(b" 100\r\n" in read_until(connection, b"x\r\n"), "not what fits")
            equal(broker.fleet.ends(broker=connection), (1, 1, 0, 0))


def takes_nothing(stage):
    """It has a window of a few KiB, and reads nothing: clients at home do not wait for it, and nothing goes uncounted."""
    with Broker(stage) as broker:
        connection, _ = broker.join(10**6)
        with connection:
            for number in range(60):
                speaks_locally(*broker.clients, f"{number} " + "x" * 500000)
            sent, lost, _, _ = broker.fleet.hears("gone: no answer")
        equal(sent + lost, 60)
        holds(lost > 60 - (16 << 20) // 500000, f"sent {sent}, lost {lost}")
        equal(broker.fleet.ends(), (sent, lost, 0, 0))
