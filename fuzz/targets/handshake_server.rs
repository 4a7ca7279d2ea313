//! A request to a server, and whatever frames come behind it; the first byte is the size of the chunks.
#![no_main]

mod common;

use common::{Pair, assert_same_however_cut};
use hawser::session::Settings;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|input: &[u8]| {
    let [chunk, bytes @ ..] = input else { return };
    let settings = Settings::default();
    assert_same_however_cut(*chunk, bytes, || Pair::new(&settings).server);
});
