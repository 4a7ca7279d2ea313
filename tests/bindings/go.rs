//! What is generated of the binding for Go.

use super::{File, Model};

pub fn files(_model: &Model) -> Vec<File> {
    Vec::new()
}
