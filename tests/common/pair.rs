//! Two ends of a connection in memory: sessions with a virtual clock and counted masks, and the bytes between them.
//! Frames are written and read here a second time, straight from RFC 6455 §5.2, so that the tests do not hold the
//! library against itself.
#![allow(dead_code)] // each test uses its own part

use std::io::IoSlice;
use std::sync::Arc;

use hawser::error::{CloseFrame, Error, Result};
use hawser::handshake::{ClientRequest, Handshake, ServerPolicy};
use hawser::http::Uri;
use hawser::protocol::{Buffers, MaskSource, Opcode, Payload, Role};
use hawser::session::{Fate, Kit, NEVER, Notice, Outgoing, Session, Settings, State, Terms, Time, Transport};

pub const MILLISECOND: Time = 1_000;
pub const SECOND: Time = 1_000_000;
/// Where the clock of every test begins: not at zero, which a forgotten deadline would look like.
pub const START: Time = 1_000 * SECOND;
/// All bytes at once.
pub const WHOLE: usize = usize::MAX;

/// Every size of chunk that bytes are cut into.
pub fn chunkings() -> impl Iterator<Item = usize> {
    (1..=64).chain([100, 1000, WHOLE])
}

/// A transport that takes so many bytes of each write, and keeps them.
pub struct Takes {
    most: usize,
    pub taken: Vec<u8>,
    /// Writes that there were.
    pub writes: usize,
}

impl Takes {
    pub fn up_to(most: usize) -> Self {
        Self { most, taken: Vec::new(), writes: 0 }
    }

    /// A way past the queue.
    pub fn past(&mut self) -> Option<&mut dyn Transport> {
        Some(self)
    }
}

impl Transport for Takes {
    fn write(&mut self, parts: &[IoSlice]) -> usize {
        let before = self.taken.len();
        self.writes += 1;
        self.taken.extend(parts.iter().flat_map(|part| part.iter()).take(self.most));
        self.taken.len() - before
    }
}

/// A binary message that is to be reported.
pub fn with_token(data: &[u8], token: u64) -> Outgoing<'_> {
    Outgoing { opcode: Opcode::Binary, data, more: false, token, raw: false }
}

/// Masking keys that differ and can be foretold.
#[derive(Default)]
pub struct Masks(u32);

impl MaskSource for Masks {
    fn key(&mut self) -> [u8; 4] {
        self.0 += 1;
        self.0.wrapping_mul(0x9e37_79b9).to_be_bytes()
    }
}

/// What a host was told, with payloads of its own.
#[derive(Debug, Clone, PartialEq)]
pub enum Seen {
    Open(Box<Handshake>),
    /// True if it asks for a WebSocket.
    Asked(Box<Handshake>, bool),
    Answered,
    Message(Opcode, Vec<u8>),
    /// True on the last of its message.
    Fragment(Opcode, bool, Vec<u8>),
    Ping(Vec<u8>),
    /// Payload, token, round trip.
    Pong(Vec<u8>, u64, Time),
    /// This token's bytes have left.
    Sent(u64),
    Writable,
}

/// One end.
pub struct Peer {
    pub role: Role,
    pub session: Session,
    pub now: Time,
    /// What the host was told so far.
    pub seen: Vec<Seen>,
    /// Every byte that was sent so far.
    pub wire: Vec<u8>,
    pub buffers: Buffers,
    masks: Masks,
    /// How much of `wire` has been delivered.
    delivered: usize,
    /// Our direction has ended, and the other end knows.
    hung_up: bool,
}

impl Peer {
    pub fn client(settings: &Arc<Settings>, request: &ClientRequest, now: Time) -> Self {
        let (mut buffers, mut masks) = (Buffers::default(), Masks::default());
        let mut kit = Kit { buffers: &mut buffers, masks: &mut masks, now };
        let open_by = now.saturating_add(settings.timers.open);
        let session = Session::client(Arc::clone(settings), request, *b"the sample nonce", open_by, &mut kit);
        Self::new(Role::Client, session.expect("there is memory for a request"), now)
    }

    pub fn server(settings: &Arc<Settings>, policy: ServerPolicy, now: Time) -> Self {
        Self::server_on(&Arc::new(Terms::everywhere(policy, Arc::clone(settings))), now)
    }

    /// One with routes.
    pub fn server_on(terms: &Arc<Terms>, now: Time) -> Self {
        let open_by = now.saturating_add(terms.settings.timers.open);
        Self::new(Role::Server, Session::server(Arc::clone(terms), open_by, now), now)
    }

    fn new(role: Role, session: Session, now: Time) -> Self {
        let (buffers, masks) = (Buffers::default(), Masks::default());
        Self { role, session, now, seen: vec![], wire: vec![], buffers, masks, delivered: 0, hung_up: false }
    }

    /// An end of this role whose opening handshake is done; what was seen and sent during it is forgotten.
    pub fn open(role: Role, settings: &Settings) -> Self {
        let mut pair = Pair::new(settings);
        pair.run();
        let mut peer = if role == Role::Client { pair.client } else { pair.server };
        assert_eq!(peer.session.state(), State::Open);
        peer.forget();
        peer
    }

    /// Begins to collect anew.
    pub fn forget(&mut self) {
        self.seen.clear();
        self.wire.clear();
        self.delivered = 0;
    }

    /// Calls the session with everything it needs.
    pub fn with<T>(&mut self, act: impl FnOnce(&mut Session, &mut Kit) -> T) -> T {
        let mut kit = Kit { buffers: &mut self.buffers, masks: &mut self.masks, now: self.now };
        act(&mut self.session, &mut kit)
    }

    /// Sends; what is offered to the transport directly, it takes.
    pub fn send(&mut self, message: Outgoing) -> Result<()> {
        let mut transport = Takes::up_to(WHOLE);
        let sent = self.with(|session, kit| session.send(message, transport.past(), kit));
        self.wire.extend(transport.taken);
        sent
    }

    pub fn text(&mut self, text: &str) -> Result<()> {
        self.send(Outgoing { opcode: Opcode::Text, data: text.as_bytes(), more: false, token: 0, raw: false })
    }

    pub fn binary(&mut self, data: &[u8]) -> Result<()> {
        self.send(Outgoing { opcode: Opcode::Binary, data, more: false, token: 0, raw: false })
    }

    /// One fragment; the first with the opcode of the message, the others as continuations.
    pub fn fragment(&mut self, opcode: Opcode, data: &[u8], more: bool) -> Result<()> {
        self.send(Outgoing { opcode, data, more, token: 0, raw: false })
    }

    pub fn ping(&mut self, data: &[u8], token: u64) -> Result<()> {
        self.send(Outgoing { opcode: Opcode::Ping, data, more: false, token, raw: false })
    }

    pub fn close(&mut self, code: u16, reason: &str) -> Result<()> {
        self.with(|session, kit| session.close(code, reason, kit))
    }

    /// Bytes from the other end, cut into chunks; the host has nothing to say between what they hold.
    pub fn feed(&mut self, bytes: &[u8], chunk: usize) {
        for piece in bytes.to_vec().chunks_mut(chunk) {
            self.arrive(piece);
            self.with(Session::conclude);
        }
    }

    /// Bytes from the other end, without the end of the conversation that may be due after them.
    pub fn arrive(&mut self, bytes: &mut [u8]) {
        self.session.arrived(bytes.len());
        let mut at = 0;
        while at < bytes.len() {
            let before = (at, self.session.must_conclude());
            let notice = self.with(|session, kit| session.receive(bytes, &mut at, kit));
            assert!((at, self.session.must_conclude()) > before, "a step that changes nothing is repeated for ever");
            self.note(notice);
        }
    }

    /// The same through [`Session::direct`] wherever it offers room, as a socket would be read.
    pub fn feed_directly(&mut self, bytes: &[u8], chunk: usize) {
        let mut rest = bytes;
        while !rest.is_empty() {
            rest = match self.read_directly(rest, chunk) {
                0 => {
                    let (piece, rest) = rest.split_at(chunk.min(rest.len()));
                    self.feed(piece, WHOLE);
                    rest
                }
                taken => &rest[taken..],
            }
        }
    }

    /// Reads to where the session wants it; 0 when it has no wish.
    pub fn read_directly(&mut self, bytes: &[u8], most: usize) -> usize {
        let taken = self.with(|session, kit| {
            let room = session.direct(most, kit)?;
            assert!((1..=most).contains(&room.len()), "a room of {} bytes for at most {most}", room.len());
            let taken = room.len().min(bytes.len());
            room[..taken].copy_from_slice(&bytes[..taken]);
            Some(taken)
        });
        if let Some(taken) = taken {
            self.session.arrived(taken);
            let notice = self.with(|session, kit| session.advance(taken, kit));
            self.note(notice);
            self.with(Session::conclude);
        }
        taken.unwrap_or(0)
    }

    fn note(&mut self, notice: Option<Notice>) {
        let mut own = |payload: Payload| {
            let bytes = payload.bytes().to_vec();
            if let Payload::Buffered(buffer) | Payload::Inflated(buffer) = payload {
                self.buffers.put_message(buffer);
            }
            bytes
        };
        let seen = match notice {
            None => return,
            Some(Notice::Open(handshake)) => Seen::Open(handshake),
            Some(Notice::Message(opcode, payload)) => Seen::Message(opcode, own(payload)),
            Some(Notice::Fragment(opcode, fin, payload)) => Seen::Fragment(opcode, fin, own(payload)),
            Some(Notice::Ping(payload)) => Seen::Ping(own(payload)),
            Some(Notice::Pong(payload, token, rtt)) => Seen::Pong(own(payload), token, rtt),
            Some(Notice::Asked(handshake, websocket)) => Seen::Asked(handshake, websocket),
            Some(Notice::Answered) => Seen::Answered,
        };
        self.seen.push(seen);
    }

    /// The transport takes everything that waits.
    pub fn flush(&mut self) {
        self.with(Session::unblock);
        self.write(WHOLE);
    }

    /// The transport takes at most so many bytes of what waits, and wants no more if that was not all.
    pub fn write(&mut self, most: usize) {
        let waiting = self.session.out().len();
        let taken = waiting.min(most);
        self.wire.extend_from_slice(&self.session.out().pending()[..taken]);
        self.with(|session, kit| session.wrote(taken, taken < waiting, kit));
        while let Some(token) = self.session.take_sent(&mut self.buffers) {
            self.seen.push(Seen::Sent(token));
        }
        if self.session.take_writable(&mut self.buffers) {
            self.seen.push(Seen::Writable);
        }
    }

    /// The frames sent so far; the opening handshake was forgotten.
    pub fn frames(&mut self) -> Vec<Frame> {
        self.flush();
        frames(&self.wire, self.role)
    }

    /// The one Close frame sent so far, which must be the last frame.
    pub fn close_sent(&mut self) -> Option<CloseFrame> {
        let frames = self.frames();
        let at = frames.iter().position(|frame| frame.opcode() == Opcode::Close as u8)?;
        assert_eq!(at + 1, frames.len(), "something was sent after the Close frame");
        Some(frames[at].as_close())
    }

    pub fn eof(&mut self) {
        self.with(Session::eof);
    }

    /// Lets time pass to `now` and tells the session.
    pub fn tick(&mut self, now: Time) {
        self.now = now;
        self.with(Session::tick);
    }

    /// Lets time pass to the next deadline, which must then be later: a loop that sleeps until it must not spin.
    pub fn tick_on_time(&mut self) -> Time {
        let due = self.session.next_deadline();
        assert_ne!(due, NEVER, "no deadline is running");
        self.tick(due.max(self.now));
        assert!(self.session.next_deadline() > due, "after the tick the deadline is still {due}");
        due
    }

    pub fn outcome(&self) -> Error {
        self.session.outcome()
    }
}

/// Whom this role talks to.
pub fn other(role: Role) -> Role {
    match role {
        Role::Client => Role::Server,
        Role::Server => Role::Client,
    }
}

pub const ROLES: [Role; 2] = [Role::Client, Role::Server];

/// A client and a server, joined.
pub struct Pair {
    pub client: Peer,
    pub server: Peer,
    /// The size of the chunks in which bytes arrive.
    pub chunk: usize,
}

impl Pair {
    /// Neither has said a word yet.
    pub fn new(settings: &Settings) -> Self {
        let request = ClientRequest::new(Uri::parse("ws://example.com/chat").expect("a URI"));
        Self::with(settings, &request, ServerPolicy::default())
    }

    pub fn with(settings: &Settings, request: &ClientRequest, policy: ServerPolicy) -> Self {
        let settings = Arc::new(settings.clone());
        let client = Peer::client(&settings, request, START);
        Self { client, server: Peer::server(&settings, policy, START), chunk: WHOLE }
    }

    /// Opened, and what was seen and sent until then forgotten.
    pub fn open(settings: &Settings) -> Self {
        let mut pair = Self::new(settings);
        pair.run();
        pair.client.forget();
        pair.server.forget();
        pair
    }

    /// Bytes flow until neither has anything left to say.
    pub fn run(&mut self) {
        for _ in 0..100 {
            let (chunk, mut moved) = (self.chunk, false);
            moved |= pass(&mut self.client, &mut self.server, chunk);
            moved |= pass(&mut self.server, &mut self.client, chunk);
            if !moved {
                return;
            }
        }
        panic!("the two never stop talking");
    }

    /// Time passes for both.
    pub fn wait(&mut self, time: Time) {
        self.client.now += time;
        self.server.now += time;
    }

    /// This end, then the other one.
    pub fn from(&mut self, role: Role) -> (&mut Peer, &mut Peer) {
        match role {
            Role::Client => (&mut self.client, &mut self.server),
            Role::Server => (&mut self.server, &mut self.client),
        }
    }
}

/// Carries what `from` has to say to `to`, and that it has ended; false if there was nothing to carry.
fn pass(from: &mut Peer, to: &mut Peer, chunk: usize) -> bool {
    from.flush();
    let bytes = from.wire[from.delivered..].to_vec();
    from.delivered = from.wire.len();
    if to.session.fate() != Fate::Drop {
        to.feed(&bytes, chunk);
    }
    let hangs_up = from.session.fate() != Fate::Keep && !from.hung_up;
    if hangs_up {
        from.hung_up = true;
        to.eof();
    }
    hangs_up || !bytes.is_empty()
}

/// What became of bytes that may be anything.
#[derive(Debug, PartialEq)]
pub struct Fallout {
    pub seen: Vec<Seen>,
    pub wire: Vec<u8>,
    pub before_eof: Error,
    pub after_eof: Error,
}

impl Fallout {
    /// Feeds the bytes in chunks that `size` chooses, then the end.
    pub fn of(mut peer: Peer, mut bytes: &[u8], mut size: impl FnMut() -> usize) -> Self {
        while !bytes.is_empty() {
            let (piece, rest) = bytes.split_at(size().clamp(1, bytes.len()));
            peer.feed(piece, WHOLE);
            // 500: a head of ours, or a Close frame.
            assert!(peer.session.out().len() <= 2 * piece.len() + 500, "a few bytes made us queue many");
            peer.flush();
            bytes = rest;
        }
        let before_eof = peer.outcome();
        peer.eof();
        Self { before_eof, after_eof: peer.outcome(), seen: peer.seen, wire: peer.wire }
    }
}

/// A frame as it stood on the wire, unmasked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Frame {
    /// FIN, the reserved bits, the opcode.
    pub first: u8,
    pub payload: Vec<u8>,
}

impl Frame {
    pub fn opcode(&self) -> u8 {
        self.first & 0x0f
    }

    fn as_close(&self) -> CloseFrame {
        match self.payload.as_slice() {
            [] => CloseFrame { code: 1005, reason: String::new() },
            [high, low, reason @ ..] => CloseFrame {
                code: u16::from_be_bytes([*high, *low]),
                reason: String::from_utf8(reason.to_vec()).expect("our reasons are UTF-8"),
            },
            [_] => panic!("a Close frame of one byte was sent"),
        }
    }
}

/// Writes a frame of `from`: its first byte, then length and key as RFC 6455 §5.2 wants them.
pub fn frame(from: Role, first: u8, payload: &[u8]) -> Vec<u8> {
    const KEY: [u8; 4] = [0x37, 0xfa, 0x21, 0x3d];
    let masked = from == Role::Client;
    let mut bytes = vec![first];
    let mask_bit = if masked { 0x80 } else { 0 };
    match payload.len() {
        len @ 0..=125 => bytes.push(mask_bit | len as u8),
        len @ 126..=0xffff => {
            bytes.push(mask_bit | 126);
            bytes.extend((len as u16).to_be_bytes());
        }
        len => {
            bytes.push(mask_bit | 127);
            bytes.extend((len as u64).to_be_bytes());
        }
    }
    let key = if masked { KEY } else { [0; 4] };
    bytes.extend(if masked { &KEY[..] } else { &[] });
    bytes.extend(payload.iter().enumerate().map(|(i, byte)| byte ^ key[i % 4]));
    bytes
}

/// Reads what `from` has sent: whole frames, masked if and only if it is a client.
pub fn frames(mut bytes: &[u8], from: Role) -> Vec<Frame> {
    let mut frames = Vec::new();
    while !bytes.is_empty() {
        let (first, second) = (bytes[0], bytes[1]);
        bytes = &bytes[2..];
        let len = match second & 0x7f {
            126 => take_number(&mut bytes, 2),
            127 => take_number(&mut bytes, 8),
            short => usize::from(short),
        };
        assert_eq!(second & 0x80 != 0, from == Role::Client, "clients mask, servers do not");
        let key = if from == Role::Client { take(&mut bytes, 4) } else { vec![0; 4] };
        let payload = take(&mut bytes, len);
        let payload = payload.iter().enumerate().map(|(i, byte)| byte ^ key[i % 4]).collect();
        frames.push(Frame { first, payload });
    }
    frames
}

fn take(bytes: &mut &[u8], len: usize) -> Vec<u8> {
    let (taken, rest) = bytes.split_at(len);
    *bytes = rest;
    taken.to_vec()
}

fn take_number(bytes: &mut &[u8], len: usize) -> usize {
    take(bytes, len).iter().fold(0, |number, byte| (number << 8) | usize::from(*byte))
}
