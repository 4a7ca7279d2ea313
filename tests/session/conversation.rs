//! One long conversation, in every chunking from one byte up: what is told and what stands on the wire must not
//! depend on how the bytes were cut.

use hawser::error::Error;
use hawser::handshake::{ClientRequest, ServerPolicy};
use hawser::http::Uri;
use hawser::protocol::{Opcode, Role};
use hawser::session::{Settings, State};

use crate::pair::*;

/// Around every border between the three forms of a length (RFC 6455 §5.2), and larger than a direct write.
const SIZES: [usize; 8] = [0, 1, 125, 126, 127, 65_535, 65_536, 200_000];

/// A pair and what its hosts should have been told.
struct Script {
    pair: Pair,
    at_client: Vec<Seen>,
    at_server: Vec<Seen>,
}

impl Script {
    fn new(chunk: usize) -> Self {
        let mut script = Self { pair: Pair::open(&settings()), at_client: vec![], at_server: vec![] };
        script.pair.chunk = chunk;
        script
    }

    /// `from` has done something, and this is what the other end is told.
    fn told(&mut self, from: Role, seen: Seen) {
        match from {
            Role::Client => self.at_server.push(seen),
            Role::Server => self.at_client.push(seen),
        }
        self.pair.run();
    }

    fn message(&mut self, from: Role, opcode: Opcode, data: &[u8]) {
        let (speaker, _) = self.pair.from(from);
        speaker.fragment(opcode, data, false).unwrap();
        self.told(from, Seen::Message(opcode, data.to_vec()));
    }

    /// A message in pieces; a ping goes between every two and is answered there.
    fn fragments(&mut self, from: Role, opcode: Opcode, pieces: &[&[u8]]) {
        for (i, piece) in pieces.iter().enumerate() {
            let (opcode, more) = (if i == 0 { opcode } else { Opcode::Continuation }, i + 1 < pieces.len());
            self.pair.from(from).0.fragment(opcode, piece, more).unwrap();
            if more {
                self.ping(from, format!("between {i}").as_bytes(), i as u64);
            }
        }
        self.told(from, Seen::Message(opcode, pieces.concat()));
    }

    fn ping(&mut self, from: Role, payload: &[u8], token: u64) {
        self.pair.from(from).0.ping(payload, token).unwrap();
        self.pair.from(from).0.flush();
        self.pair.wait(7 * MILLISECOND);
        self.told(other(from), Seen::Pong(payload.to_vec(), token, 7 * MILLISECOND));
        self.told(from, Seen::Ping(payload.to_vec()));
    }

    fn close(&mut self, from: Role) {
        self.pair.from(from).0.close(4001, "enough").unwrap();
        self.pair.run();
    }

    /// Holds what was told against what should have been.
    fn end(self) -> Transcript {
        let Self { pair, at_client, at_server } = self;
        assert_same(&pair.client.seen, &at_client, "told to the client");
        assert_same(&pair.server.seen, &at_server, "told to the server");
        Transcript { client: End::of(pair.client), server: End::of(pair.server) }
    }
}

/// Everything that one end did.
#[derive(PartialEq)]
struct End {
    seen: Vec<Seen>,
    wire: Vec<u8>,
    outcome: Error,
}

impl End {
    fn of(peer: Peer) -> Self {
        Self { outcome: peer.outcome(), seen: peer.seen, wire: peer.wire }
    }
}

#[derive(PartialEq)]
struct Transcript {
    client: End,
    server: End,
}

/// Compares lists too long to print.
fn assert_same<T: PartialEq>(got: &[T], want: &[T], what: &str) {
    let same = got.iter().zip(want).take_while(|(got, want)| got == want).count();
    assert!(same == got.len() && same == want.len(), "{what}: {} for {}, same up to {same}", got.len(), want.len());
}

fn settings() -> Settings {
    Settings { deliver_pings: true, ..Settings::default() }
}

/// UTF-8 of exactly `len` bytes, with characters of one to four.
fn text_of(len: usize) -> String {
    let mut text: String = "aé€😀".chars().cycle().take(len / 10 * 4).collect();
    text.extend(std::iter::repeat_n('x', len % 10));
    text
}

/// Bytes that are not UTF-8 and do not repeat in step with a masking key.
fn bytes_of(len: usize) -> Vec<u8> {
    (0..len).map(|i| (i * 7 % 251) as u8).collect()
}

/// Everything that `from` can say to the other end.
fn conversation(from: Role, chunk: usize) -> Transcript {
    let mut script = Script::new(chunk);
    for size in SIZES {
        script.message(from, Opcode::Text, text_of(size).as_bytes());
        script.message(from, Opcode::Binary, &bytes_of(size));
    }
    script.fragments(from, Opcode::Binary, &[b"one", b"", b"two", b""]);
    script.fragments(from, Opcode::Binary, &[&bytes_of(70_000), &bytes_of(300), b"end"]);
    // Every character but the first is cut, the last one twice.
    script.fragments(from, Opcode::Text, &[b"a\xc3", b"\xa9\xe2", b"", b"\x82", b"\xac\xf0\x9f", b"\x98", b"\x80"]);
    script.ping(from, b"", 1);
    script.ping(from, &[0xff; 125], 2);
    script.close(from);
    script.end()
}

#[test]
fn what_a_client_says_is_the_same_in_every_chunking() {
    assert_same_in_every_chunking(Role::Client);
}

#[test]
fn what_a_server_says_is_the_same_in_every_chunking() {
    assert_same_in_every_chunking(Role::Server);
}

fn assert_same_in_every_chunking(from: Role) {
    let whole = conversation(from, WHOLE);
    for chunk in chunkings() {
        let cut = conversation(from, chunk);
        for (cut, whole) in [(&cut.client, &whole.client), (&cut.server, &whole.server)] {
            assert_same(&cut.seen, &whole.seen, &format!("told, in chunks of {chunk}"));
            assert_same(&cut.wire, &whole.wire, &format!("sent, in chunks of {chunk}"));
            assert_eq!(cut.outcome, whole.outcome, "in chunks of {chunk}");
        }
    }
}

#[test]
fn the_same_inputs_give_the_same_bytes() {
    for from in ROLES {
        assert!(conversation(from, 1000) == conversation(from, 1000));
    }
}

#[test]
fn every_frame_of_a_client_has_a_key_of_its_own() {
    let mut client = Peer::open(Role::Client, &Settings::default());
    for _ in 0..100 {
        client.binary(b"").unwrap();
    }
    client.flush();
    let mut keys: Vec<_> = client.wire.chunks(6).map(|frame| frame[2..].to_vec()).collect();
    keys.sort();
    keys.dedup();
    assert_eq!(keys.len(), 100);
}

#[test]
fn the_opening_handshake_in_every_chunking() {
    let mut request = ClientRequest::new(Uri::parse("ws://example.com:8080/chat?room=1").unwrap());
    request.subprotocols = vec!["v2.chat".into(), "v1.chat".into()];
    request.headers = vec![("X-Trace".into(), "7".into())];
    let policy = ServerPolicy { subprotocols: vec!["v1.chat".into()], ..ServerPolicy::default() };
    let mut wires = Vec::new();
    for chunk in chunkings() {
        let mut pair = Pair::with(&Settings::default(), &request, policy.clone());
        pair.chunk = chunk;
        pair.run();
        for peer in [&pair.client, &pair.server] {
            let [Seen::Open(handshake)] = peer.seen.as_slice() else { panic!("{:?}", peer.seen) };
            assert_eq!(handshake.http_status, 101);
            assert_eq!(handshake.target, "/chat?room=1");
            assert_eq!(handshake.host, "example.com:8080");
            assert_eq!(handshake.subprotocol, "v1.chat");
            assert_eq!(peer.session.state(), State::Open);
        }
        wires.push((pair.client.wire, pair.server.wire));
    }
    wires.dedup();
    assert_eq!(wires.len(), 1, "the bytes depend on the chunking");
}

#[test]
fn frames_behind_the_request_are_kept() {
    let mut request = Pair::new(&Settings::default()).client;
    request.flush();
    let bytes = [request.wire, frame(Role::Client, 0x81, b"early"), frame(Role::Client, 0x82, b"bird")].concat();
    for chunk in chunkings() {
        let mut server = Pair::new(&Settings::default()).server;
        server.feed(&bytes, chunk);
        assert_early_bird(&server);
    }
}

#[test]
fn frames_behind_the_101_are_kept() {
    for chunk in chunkings() {
        let Pair { mut client, mut server, .. } = Pair::new(&Settings::default());
        client.flush();
        server.feed(&client.wire, WHOLE);
        server.text("early").unwrap();
        server.binary(b"bird").unwrap();
        server.flush();
        client.feed(&server.wire, chunk);
        assert_early_bird(&client);
    }
}

fn assert_early_bird(peer: &Peer) {
    let [Seen::Open(_), rest @ ..] = peer.seen.as_slice() else { panic!("{:?}", peer.seen) };
    let want = [Seen::Message(Opcode::Text, b"early".to_vec()), Seen::Message(Opcode::Binary, b"bird".to_vec())];
    assert_eq!(rest, want);
}

#[test]
fn the_counters_say_what_went_through() {
    let mut pair = Pair::open(&Settings::default());
    pair.client.text("hello").unwrap();
    pair.client.fragment(Opcode::Binary, b"ab", true).unwrap();
    pair.client.fragment(Opcode::Continuation, b"c", false).unwrap();
    pair.client.ping(b"?", 1).unwrap();
    let handshake = pair.server.session.counters().wire_in;
    pair.run();
    let (client, server) = (pair.client.session.counters(), pair.server.session.counters());
    assert_eq!((client.messages_out, client.bytes_out, pair.client.session.heard().pongs), (3, 8, 1));
    assert_eq!((server.messages_in, server.bytes_in, pair.server.session.heard().pings), (2, 8, 1));
    assert_eq!(server.wire_in - handshake, pair.client.wire.len() as u64);
}
