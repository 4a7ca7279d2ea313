//! What a server answers to a client's ClientHello; the first byte is the size of the chunks.
#![no_main]

use hawser::tls::{ClientContext, ClientOptions, Tls};
use libfuzzer_sys::fuzz_target;
use std::sync::OnceLock;

fuzz_target!(|input: &[u8]| {
    static CONTEXT: OnceLock<ClientContext> = OnceLock::new();
    let [chunk, bytes @ ..] = input else { return };
    let context = CONTEXT.get_or_init(|| ClientContext::new(&ClientOptions::default()).expect("a context"));
    let mut tls = context.connect("example.com").expect("a client");
    let mut block = vec![0; Tls::SLACK + 256];
    for piece in bytes.chunks(usize::from(*chunk).max(1)) {
        let held = tls.begin(&mut block);
        block[held..held + piece.len()].copy_from_slice(piece);
        let Ok(opened) = tls.open(&mut block, held + piece.len()) else { break };
        assert_eq!(opened.len, 0, "no data before the handshake is done");
        let waiting = tls.pending().len();
        tls.wrote(waiting);
    }
    tls.eof();
});
