//! permessage-deflate between a client and a server, whose settings, messages and cuts are all drawn from the input: what
//! one has sent the other gets. Then the same frames once more, damaged, to one with narrow limits: it may refuse them,
//! but it keeps its limits, and what it makes of them does not depend on how they are cut.
#![no_main]

mod common;

use common::{Pair, Peer, ROLES, Seen, WHOLE, frame, other};
use hawser::error::Status;
use hawser::extension::{Deflate, Extensions};
use hawser::handshake::{ClientRequest, ServerPolicy};
use hawser::http::Uri;
use hawser::protocol::{Limits, Opcode, Role};
use hawser::session::{Outgoing, Settings};
use libfuzzer_sys::fuzz_target;

/// An input does not say more than this: it is to be quick.
const TOTAL: usize = 256 << 10;
const NARROW: u64 = 1000;

fuzz_target!(|input: &[u8]| {
    let mut input = Input(input);
    let terms = Terms { client: deflate(&mut input), server: deflate(&mut input), kept_max: kept_max(input.byte()) };
    let (chunk, limits) = (usize::from(input.byte()).max(1), narrow(input.byte()));
    let mut talk = Talk { pair: terms.pair(&Settings::default()), said: Default::default(), total: 0 };
    talk.pair.chunk = chunk;
    while talk.total < TOTAL && !input.0.is_empty() && talk.step(&mut input) {}
    talk.end();
    let settings = Settings { limits, ..Settings::default() };
    for role in ROLES {
        let (speaker, _) = talk.pair.from(role);
        let bytes = damaged(speaker, &mut input);
        assert_eq!(
            seen(terms.end(other(role), &settings), &bytes, chunk),
            seen(terms.end(other(role), &settings), &bytes, WHOLE)
        );
    }
});

/// What is left of the input; behind its end there are zeros.
struct Input<'a>(&'a [u8]);

impl<'a> Input<'a> {
    fn byte(&mut self) -> u8 {
        self.bytes(1).first().copied().unwrap_or(0)
    }

    fn bytes(&mut self, most: usize) -> &'a [u8] {
        let (taken, rest) = self.0.split_at(most.min(self.0.len()));
        self.0 = rest;
        taken
    }
}

fn deflate(input: &mut Input) -> Deflate {
    let (levels, windows, flags) = (input.byte(), input.byte(), input.byte());
    let window = |bits: u8| (bits < 8).then_some(bits + 8);
    Deflate {
        level: 1 + levels % 9,
        memory_level: 1 + levels / 9 % 9,
        min_size: u32::from(flags >> 2),
        server_max_window_bits: window(windows & 15),
        client_max_window_bits: window(windows >> 4),
        server_no_context_takeover: flags & 1 != 0,
        client_no_context_takeover: flags & 2 != 0,
    }
}

/// Room for no compressor, or for some, or for all.
fn kept_max(byte: u8) -> usize {
    usize::from(byte) << 12
}

fn narrow(byte: u8) -> Limits {
    Limits { message_max: NARROW, frame_max: NARROW, fragments_max: 64, deliver_fragments: byte & 1 != 0 }
}

/// What both ends were told to offer and to grant.
struct Terms {
    client: Deflate,
    server: Deflate,
    kept_max: usize,
}

impl Terms {
    fn pair(&self, settings: &Settings) -> Pair {
        let mut request = ClientRequest::new(Uri::parse("ws://example.com/chat").expect("a URI"));
        request.extensions = Extensions { deflate: Some(self.client) };
        let extensions = Extensions { deflate: Some(self.server) };
        let mut pair = Pair::with(settings, &request, ServerPolicy { extensions, ..ServerPolicy::default() });
        pair.run();
        for peer in [&mut pair.client, &mut pair.server] {
            let Some(Seen::Open(handshake)) = peer.seen.first() else { panic!("they do not agree") };
            assert!(handshake.agreed.is_some());
            peer.forget();
            peer.buffers.codecs.set_kept_max(self.kept_max);
        }
        pair
    }

    fn end(&self, role: Role, settings: &Settings) -> Peer {
        let pair = self.pair(settings);
        if role == Role::Client { pair.client } else { pair.server }
    }
}

/// What one has said: whole messages, and the one that it is in.
#[derive(Default)]
struct Said {
    whole: Vec<Seen>,
    begun: Option<(Opcode, Vec<u8>)>,
}

struct Talk {
    pair: Pair,
    said: [Said; 2],
    total: usize,
}

impl Talk {
    /// One fragment, or all there is on its way; false when that is over and the rest is for damage.
    fn step(&mut self, input: &mut Input) -> bool {
        let (how, len) = (input.byte(), usize::from(input.byte()));
        let data = match how >> 6 {
            0 => input.bytes(len).to_vec(),
            1 => input.bytes(8).iter().copied().cycle().take(len * 64).collect(),
            2 => noise(how, len * 16),
            _ if len < 250 => {
                self.pair.run();
                return true;
            }
            _ => return false,
        };
        self.say(how & 1 != 0, how & 2 != 0, how & 4 != 0, how & 8 != 0, data);
        true
    }

    fn say(&mut self, client: bool, more: bool, text: bool, raw: bool, mut data: Vec<u8>) {
        let (speaker, _) = self.pair.from(if client { Role::Client } else { Role::Server });
        let Said { whole, begun } = &mut self.said[usize::from(client)];
        let kind = if text { Opcode::Text } else { Opcode::Binary };
        let (opcode, kind) = begun.as_ref().map_or((kind, kind), |(kind, _)| (Opcode::Continuation, *kind));
        if kind == Opcode::Text {
            data.iter_mut().for_each(|byte| *byte &= 0x7f);
        }
        match speaker.send(Outgoing { opcode, data: &data, more, token: 0, raw }) {
            Err(error) => assert_eq!(error.status, Status::SEND_QUEUE_FULL),
            Ok(()) => {
                self.total += data.len() + 64;
                let mut all = begun.take().map_or(Vec::new(), |(_, earlier)| earlier);
                all.extend(data);
                match more {
                    true => *begun = Some((kind, all)),
                    false => whole.push(Seen::Message(kind, all)),
                }
            }
        }
    }

    /// Both bring to an end what they were saying, and each has heard what the other one said.
    fn end(&mut self) {
        self.pair.run();
        for client in [true, false] {
            if self.said[usize::from(client)].begun.is_some() {
                self.say(client, false, false, false, Vec::new());
            }
        }
        self.pair.run();
        let [server, client] = &self.said;
        assert!(self.pair.server.seen == client.whole, "the server heard something else");
        assert!(self.pair.client.seen == server.whole, "the client heard something else");
    }
}

/// Nothing that could be compressed.
fn noise(seed: u8, len: usize) -> Vec<u8> {
    let mut state = u32::from(seed) | 1;
    let mut next = || {
        state ^= state << 13;
        state ^= state >> 17;
        state ^= state << 5;
        state as u8
    };
    (0..len).map(|_| next()).collect()
}

/// All frames that this one has sent, with bytes of them changed as the input says: of most frames none.
fn damaged(speaker: &mut Peer, input: &mut Input) -> Vec<u8> {
    let (role, sent) = (speaker.role, speaker.frames());
    let mut bytes = Vec::new();
    for mut sent in sent {
        let (at, change) = ((usize::from(input.byte()) << 8) | usize::from(input.byte()), input.byte());
        match sent.payload.len() {
            0 => sent.payload.push(change),
            len => sent.payload[at % len] ^= change,
        }
        bytes.extend(frame(role, sent.first, &sent.payload));
    }
    bytes
}

/// What comes of it.
fn seen(mut peer: Peer, bytes: &[u8], chunk: usize) -> Vec<Seen> {
    peer.feed(bytes, chunk);
    for seen in &peer.seen {
        if let Seen::Message(_, data) | Seen::Fragment(_, _, data) = seen {
            assert!(data.len() as u64 <= NARROW, "a message of {} bytes", data.len());
        }
    }
    peer.seen
}
