//! include/hawser.h and include/hawser.symbols are what the sources say. `HAWSER_BLESS=1` rewrites them.

mod common;

use std::collections::BTreeSet;
use std::fs;

use common::{generate_header, header_path, root};

/// The functions that a header declares, in its order, with the comment above each. Those of test builds are not
/// part of it.
fn functions(header: &str) -> Vec<(String, String)> {
    let opening = "extern \"C\" {";
    let start = header.find(opening).expect("the header is for C++ too") + opening.len();
    let (mut found, mut comment, mut declaration, mut hidden) = (Vec::new(), String::new(), String::new(), false);
    for line in header[start..].lines() {
        match line.strip_prefix("//") {
            Some(text) => {
                comment.push_str(text.trim());
                comment.push('\n');
            }
            None if line.starts_with('#') => hidden = line.contains("HWS_TEST_HOOKS"),
            None => declaration.push_str(line),
        }
        if declaration.ends_with(';') {
            let exported = declaration.starts_with("HWS_");
            let is_name = |word: &&str| word.starts_with("hws_") && declaration.contains(&format!("{word}("));
            if let Some(name) = declaration.split(['(', ' ', '*']).find(is_name).filter(|_| exported && !hidden) {
                found.push((name.to_owned(), comment.clone()));
            }
            declaration.clear();
            comment.clear();
        }
    }
    found
}

#[test]
fn the_committed_header_is_the_generated_one() {
    let generated = generate_header();
    if std::env::var_os("HAWSER_BLESS").is_some() {
        fs::write(header_path(), &generated).unwrap();
        return;
    }
    let committed = fs::read_to_string(header_path()).unwrap();
    let differs = committed.lines().zip(generated.lines()).position(|(a, b)| a != b);
    assert!(
        committed == generated,
        "include/hawser.h is not up to date, from line {differs:?}: HAWSER_BLESS=1 cargo test --test header"
    );
}

#[test]
fn every_function_says_what_it_owns_its_errors_threads_and_age() {
    let header = fs::read_to_string(header_path()).unwrap();
    let functions = functions(&header);
    assert!(functions.len() > 30, "the functions are found");
    for (name, comment) in &functions {
        for word in ["Owns: ", "Errors: ", "Threads: ", "Since: "] {
            assert!(comment.lines().any(|line| line.starts_with(word)), "{name} does not say {word}");
        }
        let what = comment.lines().next().unwrap_or_default();
        assert!(what.len() > 10 && !what.starts_with("Owns"), "{name} does not say what it does");
    }
}

#[test]
fn every_error_that_a_comment_names_exists() {
    let header = fs::read_to_string(header_path()).unwrap();
    let names: BTreeSet<_> = hawser::error::Status::table().iter().map(|row| row.status.name()).collect();
    for (function, comment) in functions(&header) {
        let from = comment.find("Errors: ").unwrap();
        let to = comment.find("Threads: ").unwrap();
        for word in comment[from + 8..to].split(|c: char| !c.is_ascii_uppercase() && c != '_') {
            let is_name = word.len() > 3 && word.chars().all(|c| c.is_ascii_uppercase() || c == '_');
            let other = ["NULL", "HWS_ERR_", "OPEN", "WRITABLE", "HWS_LOG_TRACE"].contains(&word);
            assert!(!is_name || other || names.contains(word), "{function} speaks of {word}");
        }
    }
}

#[test]
fn the_list_of_symbols_is_the_header_and_only_grows() {
    let header = fs::read_to_string(header_path()).unwrap();
    let declared: BTreeSet<_> = functions(&header).into_iter().map(|(name, _)| name).collect();
    let path = root().join("include/hawser.symbols");
    let listed = fs::read_to_string(&path).unwrap_or_default();
    if std::env::var_os("HAWSER_BLESS").is_some() {
        let new = declared.iter().filter(|name| !listed.lines().any(|line| line == *name));
        let text = new.fold(listed.clone(), |text, name| text + name + "\n");
        fs::write(path, text).unwrap();
        return;
    }
    let lines = listed.lines().count();
    let listed: BTreeSet<_> = listed.lines().map(str::to_owned).collect();
    assert_eq!(listed.len(), lines, "each symbol is listed once");
    assert_eq!(declared, listed, "include/hawser.symbols is append-only: HAWSER_BLESS=1 adds what is new");
}
