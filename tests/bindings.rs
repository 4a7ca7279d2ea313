//! What the bindings have in common with the library is made from it: codes and exceptions from the status table,
//! structs and functions from the header. `HAWSER_BLESS=1` rewrites those files.

#![allow(clippy::format_collect)] // of Rust 1.85: files are written once, and so they read best

mod common;
#[path = "bindings/cpp.rs"]
mod cpp;
#[path = "bindings/csharp.rs"]
mod csharp;
#[path = "bindings/go.rs"]
mod go;
#[path = "bindings/godot.rs"]
mod godot;
#[path = "bindings/header.rs"]
mod header;
#[path = "bindings/lua.rs"]
mod lua;
#[path = "bindings/python.rs"]
mod python;
#[path = "bindings/swift.rs"]
mod swift;
#[path = "bindings/table.rs"]
mod table;

use std::fs;

use common::{header_path, root};
use header::Header;
use table::Table;

/// All that a template may use.
pub struct Model {
    pub table: Table,
    pub header: Header,
    /// Of the library, "0.1.0".
    pub version: &'static str,
}

/// A file below bindings/ and what it should hold.
pub type File = (&'static str, String);

impl Model {
    fn new() -> Self {
        let header = fs::read_to_string(header_path()).expect("the header is there");
        Self { table: Table::of_library(), header: Header::parse(&header), version: env!("CARGO_PKG_VERSION") }
    }
}

/// What the first line of a generated file says, behind the language's own sign for a comment.
pub const MADE: &str =
    "Made from include/hawser.h and the status table by `HAWSER_BLESS=1 cargo test --test bindings`; do not edit.";

fn files(model: &Model) -> Vec<File> {
    let languages = [
        cpp::files(model),
        csharp::files(model),
        go::files(model),
        godot::files(model),
        lua::files(model),
        python::files(model),
        swift::files(model),
    ];
    languages.into_iter().flatten().collect()
}

#[test]
fn the_generated_files_are_current() {
    let bless = std::env::var_os("HAWSER_BLESS").is_some();
    let mut stale = Vec::new();
    for (name, content) in files(&Model::new()) {
        let path = root().join("bindings").join(name);
        if bless {
            fs::create_dir_all(path.parent().expect("a file is in a directory")).expect("the directory can be made");
            fs::write(&path, content).expect("the file can be written");
        } else if fs::read_to_string(&path).ok().as_ref() != Some(&content) {
            stale.push(name);
        }
    }
    assert!(stale.is_empty(), "not up to date: {stale:?}: HAWSER_BLESS=1 cargo test --test bindings");
}

#[test]
fn the_model_has_the_whole_header() {
    let header = Model::new().header;
    let listed = fs::read_to_string(root().join("include/hawser.symbols")).expect("the list of functions is there");
    let mut functions: Vec<_> = header.functions.iter().map(|function| function.name.as_str()).collect();
    functions.sort_unstable();
    let mut listed: Vec<_> = listed.lines().collect();
    listed.sort_unstable();
    assert_eq!(functions, listed);
    for record in &header.structs {
        for field in &record.fields {
            let base = field.ctype.base.as_str();
            assert!(!base.starts_with("hws_") || header.knows(base), "{}.{} is a {base}", record.name, field.name);
        }
    }
    let event = header.layout("hws_event");
    assert_eq!((event.size, event.offsets.len()), (128, header.get("hws_event").fields.len()));
}
