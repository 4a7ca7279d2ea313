//! One connection of rustls, driven.
//!
//! rustls' unbuffered connections look at the records where they lie and say how many bytes at the front are done
//! with. Two of their rules shape this file. The bytes of a handshake message that is not complete stay where they
//! are, partly decrypted, and must be shown again at every call, whatever the call is for. And a record of
//! application data is decrypted in its place but handed out as a copy, which is why `open` copies it to the front.

use rustls::client::UnbufferedClientConnection;
use rustls::server::UnbufferedServerConnection;
use rustls::unbuffered::{ConnectionState, UnbufferedStatus};
use rustls::{CommonState, Error as TlsError, HandshakeKind, ProtocolVersion};

use crate::error::{Error, Operation, Result, Status};

use super::certificate;
use super::choice;
use super::fault;
use super::info::Info;
use super::outbox::Outbox;
use super::records;
use super::tls::Opened;

/// Bytes that may be held: a handshake message of the greatest length, 64 KiB as everywhere in rustls.
pub(super) const HELD_MAX: usize = 1 << 16;

/// Steps in a row that neither take nor make bytes, more than any handshake has. A bug must not become a busy loop.
const STILL_MAX: usize = 8;

/// The side we are on.
pub(super) enum Side {
    Client(UnbufferedClientConnection),
    Server(UnbufferedServerConnection),
}

/// One layer of TLS.
pub(super) struct Layer {
    side: Side,
    /// Ciphertext that is not complete: records, or records with the pieces of a handshake message.
    held: Vec<u8>,
    /// How many bytes of `held` rustls has seen as records.
    seen: usize,
    out: Outbox,
    server_name: Option<Box<str>>,
    failed: Option<Error>,
    ended: bool,
}

/// What rustls is asked for.
enum Task<'a> {
    /// To look at the records.
    Look,
    /// To hand out the plaintext it has.
    Take(&'a mut [u8]),
    Seal(&'a [u8]),
    Close,
}

/// What came of it.
enum Step {
    /// There is plaintext to be taken.
    Plain,
    /// So much plaintext was taken.
    Taken(usize),
    /// Something for the wire was made.
    Made,
    /// A change of state and nothing else.
    Still,
    /// The peer said close_notify.
    Ended,
    /// Nothing more without more bytes. True when the task was done.
    Rest(bool),
}

impl Layer {
    pub(super) fn new(side: Side, server_name: Option<Box<str>>) -> Self {
        let (held, out) = (Vec::new(), Outbox::default());
        Self { side, held, seen: 0, out, server_name, failed: None, ended: false }
    }

    pub(super) fn is_handshaking(&self) -> bool {
        self.common().is_handshaking()
    }

    pub(super) fn held(&self) -> &[u8] {
        &self.held
    }

    pub(super) fn waiting(&self) -> &[u8] {
        self.out.waiting()
    }

    pub(super) fn wrote(&mut self, len: usize) {
        self.out.wrote(len);
    }

    /// Ciphertext in `block[..len]`, beginning with what is held, becomes plaintext at the front.
    pub(super) fn open(&mut self, block: &mut [u8], len: usize) -> Result<Opened> {
        self.check()?;
        let whole = self.seen + records::whole(&block[self.seen..len]);
        if whole == self.seen {
            self.held.extend_from_slice(&block[self.held.len()..len]);
            return Ok(Opened::default());
        }
        let mut opened = Opened::default();
        let mut at = 0;
        if let Err(error) = self.look(block, len, &mut at, &mut opened.len) {
            self.flush_alert(&mut block[at..len]);
            opened.error = Some(self.fail(error));
        } else {
            self.hold(&block[at..len], whole.saturating_sub(at), &mut opened);
        }
        opened.ended = self.ended;
        opened.or_error()
    }

    /// Works off the records; `at` is where the rest of them begins, `plain` how much plaintext lies at the front.
    fn look(&mut self, block: &mut [u8], len: usize, at: &mut usize, plain: &mut usize) -> Result<()> {
        let mut still = 0;
        while still < STILL_MAX {
            let (used, step) = self.step(&mut block[*at..len], Task::Look);
            let first = (*at == 0 && self.is_handshaking()).then_some(&block[..len]);
            *at += used;
            still = if used == 0 { still + 1 } else { 0 };
            match step.map_err(|error| explain(&error, first))? {
                Step::Plain => {
                    *plain += self.take(&mut block[*plain..*at])?;
                    if *at == len && !self.common().wants_write() {
                        return Ok(()); // as most reads end: no need to hear that nothing is left
                    }
                }
                Step::Ended => self.ended = true,
                Step::Rest(_) => return Ok(()),
                Step::Made | Step::Taken(_) => still = 0,
                Step::Still => {}
            }
        }
        Err(stuck())
    }

    /// Plaintext never needs more room than its record had.
    fn take(&mut self, room: &mut [u8]) -> Result<usize> {
        match self.step(&mut [], Task::Take(room)).1 {
            Ok(Step::Taken(len)) => Ok(len),
            Ok(_) => Err(stuck()),
            Err(error) => Err(fault::of(&error)),
        }
    }

    /// Keeps what is incomplete until more of it arrives.
    fn hold(&mut self, rest: &[u8], seen: usize, opened: &mut Opened) {
        self.held.clear();
        self.seen = 0;
        if self.ended || rest.is_empty() {
            self.held = Vec::new();
        } else if rest.len() > HELD_MAX {
            let error = fault::protocol("a handshake message is too long").with(|e| e.max_size = Some(HELD_MAX as u64));
            opened.error = Some(self.fail(error));
        } else {
            self.held.extend_from_slice(rest);
            self.seen = seen;
        }
    }

    /// Puts what rustls still has for the wire into the outbox, and lets it see no record again: it would fail twice.
    fn flush_alert(&mut self, rest: &mut [u8]) {
        while self.common().wants_write() {
            if !matches!(self.step(rest, Task::Look), (_, Ok(Step::Made))) {
                break;
            }
        }
    }

    /// Keeps the failure for every later call.
    fn fail(&mut self, error: Error) -> Error {
        self.held = Vec::new();
        self.failed = Some(error.clone());
        error
    }

    fn check(&self) -> Result<()> {
        self.failed.clone().map_or(Ok(()), Err)
    }

    pub(super) fn seal(&mut self, plain: &[u8]) -> Result<()> {
        self.check()?;
        match self.perform(|| Task::Seal(plain)) {
            Ok(true) => Ok(()),
            Ok(false) => {
                let detail = "nothing can be sealed before the handshake and after close_notify";
                Err(Error::new(Status::INVALID_STATE, detail).during(Operation::Tls))
            }
            Err(error) => Err(self.fail(error)),
        }
    }

    /// Queues close_notify once the handshake is done. Before that there is nothing that a peer could take for
    /// complete, and TLS has no way to say it.
    pub(super) fn close(&mut self) {
        if self.failed.is_none() {
            if let Err(error) = self.perform(|| Task::Close) {
                self.fail(error);
            }
        }
    }

    /// Puts what rustls has ready into the outbox: the ClientHello of a new connection.
    pub(super) fn start(&mut self) -> Result<()> {
        self.perform(|| Task::Look).map(|_| ())
    }

    /// Does something that needs no new bytes. Says whether it could be done.
    fn perform<'a>(&mut self, task: impl Fn() -> Task<'a>) -> Result<bool> {
        let mut held = std::mem::take(&mut self.held);
        let done = self.perform_on(&mut held, task);
        self.held = held;
        done
    }

    fn perform_on<'a>(&mut self, held: &mut [u8], task: impl Fn() -> Task<'a>) -> Result<bool> {
        for _ in 0..STILL_MAX {
            match self.step(held, task()) {
                (_, Ok(Step::Rest(done))) => return Ok(done),
                (0, Ok(_)) => {}
                (_, Ok(_)) => break,
                (_, Err(error)) => return Err(fault::of(&error)),
            }
        }
        Err(stuck())
    }

    fn step(&mut self, bytes: &mut [u8], task: Task<'_>) -> (usize, std::result::Result<Step, TlsError>) {
        match &mut self.side {
            Side::Client(client) => step(client.process_tls_records(bytes), task, &mut self.out),
            Side::Server(server) => {
                let step = step(server.process_tls_records(bytes), task, &mut self.out);
                // Whatever was asked for is taken, also when it was asked for again: what stays would be found by the
                // next connection that this thread drives.
                if server.is_handshaking() {
                    self.server_name = choice::asked().or(self.server_name.take());
                }
                step
            }
        }
    }

    /// TCP has ended. That is a failure here only while the handshake is not done.
    pub(super) fn eof(&mut self) -> Option<Error> {
        if self.failed.is_some() || !self.is_handshaking() {
            return None;
        }
        let cause = Error::new(Status::UNEXPECTED_EOF, "").during(Operation::Tls);
        let error = fault::protocol("the peer ended the connection inside the TLS handshake").because(cause);
        Some(self.fail(error))
    }

    pub(super) fn info(&self) -> Info {
        let common = self.common();
        let peer = common.peer_certificates().and_then(|chain| chain.first());
        Info {
            version: common.protocol_version().map_or("", version),
            cipher_suite: common.negotiated_cipher_suite().map(|suite| suite_name(&suite)).unwrap_or_default(),
            alpn: common.alpn_protocol().map(|name| String::from_utf8_lossy(name).into_owned()),
            server_name: self.server_name.as_deref().map(str::to_owned),
            peer_subject: peer.and_then(|der| certificate::subject(der)),
            peer_certificate: peer.map(|der| der.to_vec()),
            resumed: common.handshake_kind() == Some(HandshakeKind::Resumed),
        }
    }

    fn common(&self) -> &CommonState {
        match &self.side {
            Side::Client(client) => client,
            Side::Server(server) => server,
        }
    }
}

/// One answer of rustls, used up. The number of bytes at the front that are done with, and what came of the task.
fn step<Data>(
    status: UnbufferedStatus<'_, '_, Data>,
    task: Task<'_>,
    out: &mut Outbox,
) -> (usize, std::result::Result<Step, TlsError>) {
    let step = status.state.and_then(|state| match (state, task) {
        (ConnectionState::ReadTraffic(mut traffic), Task::Take(room)) => {
            let Some(record) = traffic.next_record() else { return Ok(Step::Taken(0)) };
            let plain = record?.payload;
            let room = room.get_mut(..plain.len()).ok_or(TlsError::PeerSentOversizedRecord)?;
            room.copy_from_slice(plain);
            Ok(Step::Taken(plain.len()))
        }
        (ConnectionState::ReadTraffic(_), _) => Ok(Step::Plain),
        (ConnectionState::EncodeTlsData(mut record), _) => {
            out.encode(|room| record.encode(room)).map_err(|error| TlsError::General(error.to_string()))?;
            Ok(Step::Made)
        }
        (ConnectionState::TransmitTlsData(sent), _) => {
            sent.done();
            Ok(Step::Still)
        }
        (ConnectionState::WriteTraffic(mut traffic), Task::Seal(plain)) => {
            out.encrypt(plain.len(), |room| traffic.encrypt(plain, room)).map_err(|_| TlsError::EncryptError)?;
            Ok(Step::Rest(true))
        }
        (ConnectionState::WriteTraffic(mut traffic), Task::Close) => {
            out.encrypt(2, |room| traffic.queue_close_notify(room)).map_err(|_| TlsError::EncryptError)?;
            Ok(Step::Rest(true))
        }
        (ConnectionState::PeerClosed, _) => Ok(Step::Ended),
        _ => Ok(Step::Rest(false)),
    });
    (status.discard, step)
}

/// The failure in plain words; `first` are the bytes when nothing before them was TLS.
fn explain(error: &TlsError, first: Option<&[u8]>) -> Error {
    let fault = fault::of(error);
    match (error, first) {
        (TlsError::InvalidMessage(_), Some(bytes)) if records::looks_like_http(bytes) => {
            fault::protocol("the peer does not speak TLS, this looks like plain HTTP")
        }
        _ => fault,
    }
}

fn stuck() -> Error {
    Error::new(Status::INTERNAL, "the TLS connection makes no progress").during(Operation::Tls)
}

fn version(version: ProtocolVersion) -> &'static str {
    match version {
        ProtocolVersion::TLSv1_2 => "TLSv1.2",
        ProtocolVersion::TLSv1_3 => "TLSv1.3",
        _ => "",
    }
}

/// rustls writes `TLS13_` for what IANA calls `TLS_`.
fn suite_name(suite: &rustls::SupportedCipherSuite) -> String {
    suite.suite().as_str().unwrap_or_default().replacen("TLS13_", "TLS_", 1)
}
