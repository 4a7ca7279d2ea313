//! What the targets share.

#[path = "../../tests/common/pair.rs"]
mod pair;

pub use pair::*;

#[allow(dead_code)] // one target has nothing to compare
/// The same bytes as a whole and in chunks must come to the same.
pub fn assert_same_however_cut(chunk: u8, bytes: &[u8], peer: impl Fn() -> Peer) {
    let whole = Fallout::of(peer(), bytes, || WHOLE);
    let cut = Fallout::of(peer(), bytes, || usize::from(chunk));
    assert_eq!(cut, whole);
}
