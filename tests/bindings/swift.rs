//! What is generated of the binding for Swift.

use super::{File, Model};

pub fn files(_model: &Model) -> Vec<File> {
    Vec::new()
}
