//! What a proxy answers, to each kind of tunnel; the first byte is the kind, the second the size of the chunks.
#![no_main]

use hawser::proxy::{Progress, Proxy, Target, Tunnel};
use libfuzzer_sys::fuzz_target;

const PROXIES: [&str; 5] =
    ["http://u:p@proxy", "socks4://u@proxy", "socks4a://proxy", "socks5://proxy", "socks5h://u:p@proxy"];

fuzz_target!(|input: &[u8]| {
    let [kind, chunk, bytes @ ..] = input else { return };
    let whole = converse(*kind, bytes, bytes.len().max(1));
    let pieces = converse(*kind, bytes, usize::from(*chunk).max(1));
    if !PROXIES[usize::from(*kind) % PROXIES.len()].starts_with("socks5") {
        // SOCKS5 asks more than once: there, what comes in one piece comes before it was asked for.
        assert_eq!(whole, pieces, "however the answer is cut");
    }
});

/// How far a tunnel gets: bytes taken until it stands, or the error.
fn converse(kind: u8, bytes: &[u8], chunk: usize) -> String {
    let proxy = Proxy::parse(PROXIES[usize::from(kind) % PROXIES.len()]).expect("a proxy");
    let target = match proxy.resolves_locally() {
        true => Target::Address(([192, 0, 2, 1], 80).into()),
        false => Target::Name("example.com".to_owned(), 80),
    };
    let mut tunnel = Tunnel::new(&proxy, target, 64 << 10, 1 << 20).expect("a tunnel");
    let mut taken = 0;
    tunnel.take_output();
    for piece in bytes.chunks(chunk) {
        match tunnel.receive(piece) {
            Ok(Progress::NeedMore) => taken += piece.len(),
            Ok(Progress::Done { consumed }) => return format!("stands after {}", taken + consumed),
            Err(error) => return error.to_string(),
        }
        tunnel.take_output();
    }
    tunnel.eof().to_string()
}
