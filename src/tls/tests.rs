//! Tests of the room as a whole: two ends that talk in memory, with certificates made by `tests/certs`.

mod alerts;
mod configuration;
mod layers;
mod names;
mod refusals;
mod sessions;
mod wire;

use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::OnceLock;

use super::*;
use crate::error::{Error, Operation, Status};

/// The directory with the certificates.
fn certs() -> &'static Path {
    static CERTS: OnceLock<PathBuf> = OnceLock::new();
    CERTS.get_or_init(|| {
        let root = Path::new(env!("CARGO_MANIFEST_DIR"));
        let target = std::env::var_os("CARGO_TARGET_DIR").map_or_else(|| root.join("target"), PathBuf::from);
        let directory = target.join("certs");
        let made = Command::new(root.join("tests/certs")).arg(&directory).status();
        assert!(made.is_ok_and(|status| status.success()), "tests/certs makes the certificates");
        directory
    })
}

fn file(name: &str) -> Pem {
    Pem::File(certs().join(name))
}

fn text(name: &str) -> Vec<u8> {
    std::fs::read(certs().join(name)).unwrap()
}

/// A place for a file that a test writes, its own for each test.
fn scratch(name: &str) -> PathBuf {
    certs().join(format!("scratch-{}-{name}", std::process::id()))
}

fn identity(name: &str) -> Identity {
    Identity { chain: file(&format!("{name}.pem")), key: file(&format!("{name}.key")) }
}

fn server_options(names: &[&str]) -> ServerOptions {
    ServerOptions { identities: names.iter().map(|name| identity(name)).collect(), ..ServerOptions::default() }
}

fn server(names: &[&str]) -> ServerContext {
    ServerContext::new(&server_options(names)).unwrap()
}

fn client_options() -> ClientOptions {
    ClientOptions { ca: vec![file("ca.pem")], ..ClientOptions::default() }
}

fn client() -> ClientContext {
    ClientContext::new(&client_options()).unwrap()
}

/// What came out of one end.
#[derive(Debug, Default)]
struct Heard {
    plain: Vec<u8>,
    ended: bool,
    error: Option<Error>,
}

/// What a socket would do with these bytes: reads of `size`, each behind what the connection still holds.
fn feed(tls: &mut Tls, bytes: &[u8], size: usize) -> Heard {
    let mut heard = Heard::default();
    let mut block = vec![0xaa; Tls::SLACK + size];
    for read in bytes.chunks(size) {
        let held = tls.begin(&mut block);
        let len = held + read.len();
        block[held..len].copy_from_slice(read);
        match tls.open(&mut block, len) {
            Ok(opened) => {
                heard.plain.extend_from_slice(&block[..opened.len]);
                heard.ended |= opened.ended;
                heard.error = opened.error;
            }
            Err(error) => heard.error = Some(error),
        }
        if heard.error.is_some() {
            break;
        }
    }
    heard
}

/// Takes what is for the wire.
fn drain(tls: &mut Tls) -> Vec<u8> {
    let bytes = tls.pending().to_vec();
    tls.wrote(bytes.len());
    assert!(tls.pending().is_empty());
    bytes
}

/// Both ends of a connection.
struct Ends {
    client: Tls,
    server: Tls,
}

impl Ends {
    fn new(client: &ClientContext, host: &str, server: &ServerContext) -> Self {
        Self { client: client.connect(host).unwrap(), server: server.accept().unwrap() }
    }

    /// What both would exchange until nobody has anything to say; reads are of `size` bytes.
    fn settle(&mut self, size: usize) -> (Heard, Heard) {
        let (mut at_client, mut at_server) = (Heard::default(), Heard::default());
        for _ in 0..20 {
            let up = drain(&mut self.client);
            let down = drain(&mut self.server);
            if up.is_empty() && down.is_empty() {
                return (at_client, at_server);
            }
            join(&mut at_server, feed(&mut self.server, &up, size));
            join(&mut at_client, feed(&mut self.client, &down, size));
        }
        panic!("the two never stop talking");
    }

    /// The same, sure that it ends well.
    fn shake(mut self) -> Self {
        let (at_client, at_server) = self.settle(1 << 18);
        assert_eq!((at_client.error, at_server.error), (None, None));
        assert!(!self.client.is_handshaking() && !self.server.is_handshaking());
        self
    }

    /// The errors with which both ends stopped.
    fn fail(mut self) -> (Option<Error>, Option<Error>) {
        let (at_client, at_server) = self.settle(1 << 16);
        (at_client.error, at_server.error)
    }
}

fn join(to: &mut Heard, more: Heard) {
    to.plain.extend(more.plain);
    to.ended |= more.ended;
    to.error = to.error.take().or(more.error);
}

/// Ends that are connected.
fn connected() -> Ends {
    Ends::new(&client(), "localhost", &server(&["ecdsa"])).shake()
}

/// With TLS 1.2 only, as old peers are.
fn old_client() -> ClientContext {
    ClientContext::old(&client_options())
}
