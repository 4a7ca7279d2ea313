//! What the answer of a proxy leads to.

/// One step of a conversation with a proxy. `taken` is what of the input it used up.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Step {
    /// All bytes were taken, more are needed.
    NeedMore,
    /// It is our turn.
    Say { taken: usize, output: Vec<u8> },
    /// The proxy has connected us.
    Done { taken: usize },
}
