//! Frames to an open connection: bit 0 of the first byte is the role, the others switch options; the second is the size
//! of the chunks.
#![no_main]

mod common;

use common::{Peer, assert_same_however_cut};
use hawser::protocol::{Limits, Role};
use hawser::session::Settings;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|input: &[u8]| {
    let [options, chunk, bytes @ ..] = input else { return };
    let role = if options & 1 == 0 { Role::Client } else { Role::Server };
    let limits = Limits { message_max: 4096, frame_max: 2048, fragments_max: 16, deliver_fragments: options & 2 != 0 };
    let (auto_pong, deliver_pings) = (options & 4 == 0, options & 8 != 0);
    let settings = Settings { limits, auto_pong, deliver_pings, ..Settings::default() };
    assert_same_however_cut(*chunk, bytes, || Peer::open(role, &settings));
});
