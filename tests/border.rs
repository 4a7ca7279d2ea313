//! The border: what every function must survive, what every compiler must accept, what the library must export.

#[path = "border/api.rs"]
mod api;
mod common;
#[path = "border/survival.rs"]
mod survival;

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use common::c::{self, compile, library, run, text};
use common::{header_path, root};

/// Nothing here takes long; this is for what hangs.
const LIMIT: Duration = Duration::from_secs(300);

fn header() -> String {
    fs::read_to_string(header_path()).expect("the header")
}

/// A directory for what this test makes.
fn scratch(name: &str) -> PathBuf {
    let directory = library().parent().expect("the build directory").join("border").join(name);
    fs::create_dir_all(&directory).expect("a directory for scratch");
    directory
}

/// A compiler on sources of our own; fails with what it says.
fn compiles(compiler: &str, flags: &[&str], directory: &Path) {
    let mut command = Command::new(compiler);
    command.current_dir(directory).arg("-I").arg(root().join("include")).args(flags);
    let output = run(&mut command, LIMIT);
    assert!(output.status.success(), "{compiler} {}:\n{}", flags.join(" "), text(&output));
}

/// The symbols that the library built for tests exports, without those that only tests have.
fn exported() -> BTreeSet<String> {
    let mut nm = Command::new("nm");
    nm.args(["-D", "--defined-only", "--format=posix"]).arg(library().join("libhawser.so"));
    let output = run(&mut nm, LIMIT);
    assert!(output.status.success(), "nm: {}", text(&output));
    let names = String::from_utf8(output.stdout).expect("names are ASCII");
    let names = names.lines().filter_map(|line| line.split(' ').next()).map(str::to_owned);
    names.filter(|name| !name.starts_with("hws__test_")).collect()
}

#[test]
fn every_exported_function_survives() {
    let api = api::parse(&header());
    let (program, calls) = survival::program(&api);
    let source = scratch("survive").join("survive.c");
    fs::write(&source, program).unwrap();
    let output = run(&mut c::program(&compile(source.to_str().expect("a path in UTF-8"))), LIMIT);
    let said = text(&output);
    println!("{said}");
    assert!(output.status.success(), "{} calls of {} functions:\n{said}", calls, api.functions.len());
    let all = format!("{} functions, {calls} calls, 1000000 random handles, 0 failures", api.functions.len());
    assert!(said.contains(&all), "not all was tried: {all}\n{said}");
}

#[test]
#[should_panic(expected = "hws_new_thing: the generator does not know the type \"timespec\" of when")]
fn a_parameter_that_the_generator_does_not_know_is_named() {
    let header =
        header() + "\n// Errors: none.\n// Threads: any.\nHWS_API hws_status hws_new_thing(struct timespec when);\n";
    survival::program(&api::parse(&header));
}

#[test]
fn the_library_exports_what_the_header_declares_and_nothing_else() {
    let listed = fs::read_to_string(root().join("include/hawser.symbols")).unwrap();
    let listed: BTreeSet<_> = listed.lines().map(str::to_owned).collect();
    assert_eq!(exported(), listed, "nm -D against include/hawser.symbols");
    let declared: BTreeSet<_> = api::parse(&header()).functions.into_iter().map(|f| f.name).collect();
    assert_eq!(declared, listed, "include/hawser.h against include/hawser.symbols");
}

/// The dialects that the header promises to be valid in, strictly.
const DIALECTS: [(&str, &str, &str); 5] = [
    ("gcc", "-std=c99", "c"),
    ("gcc", "-std=c11", "c"),
    ("gcc", "-std=c17", "c"),
    ("g++", "-std=c++11", "c++"),
    ("g++", "-std=c++17", "c++"),
];

#[test]
fn every_dialect_takes_the_header_twice_in_two_units_of_one_program() {
    let directory = scratch("dialects");
    let includes = "#include <hawser.h>\n#include <hawser.h>\n";
    fs::write(
        directory.join("one.c"),
        format!("{includes}hws_str one(void); hws_str one(void) {{ return hws_cstr(0); }}\n"),
    )
    .unwrap();
    fs::write(
        directory.join("two.c"),
        format!("{includes}hws_str one(void); int main(void) {{ return one().len != hws_cstr(0).len; }}\n"),
    )
    .unwrap();
    for (compiler, dialect, language) in DIALECTS {
        let program = format!("program{dialect}");
        let strict = ["-Wall", "-Wextra", "-Wpedantic", "-Werror", "-Wshadow", "-Wconversion"];
        let flags = [dialect, "-x", language, "one.c", "two.c", "-o", &program];
        compiles(compiler, &[&strict[..], &flags[..]].concat(), &directory);
        assert!(run(&mut Command::new(directory.join(program)), LIMIT).status.success(), "{dialect}");
    }
}

#[test]
fn no_struct_has_a_hole_and_an_event_is_128_bytes() {
    let directory = scratch("layout");
    fs::write(directory.join("layout.c"), "#include <hawser.h>\n_Static_assert(sizeof(hws_event) == 128, \"\");\n")
        .unwrap();
    compiles("gcc", &["-std=c11", "-Wpadded", "-Werror", "-c", "layout.c"], &directory);
}

/// What a line of the header gives a name to in every file that includes it.
fn declared(line: &str) -> Option<&str> {
    let word = |text: &'static str| line.strip_prefix(text).and_then(|rest| rest.split([' ', '(', ';']).next());
    let typedef = line.strip_prefix("typedef ").filter(|_| !line.ends_with('{'));
    let enumerator = line.trim_end_matches(|c| c != '=').trim_end_matches([' ', '=']);
    match (typedef, word("#define ").or_else(|| word("} "))) {
        (Some(typedef), _) if typedef.contains("(*") => typedef.split(['*', ')']).nth(1),
        (Some(typedef), _) => typedef.trim_end_matches(';').split([' ', '*']).next_back(),
        (None, Some(name)) => Some(name),
        (None, None) => {
            enumerator.strip_prefix("    ").filter(|name| name.chars().all(|c| c == '_' || c.is_alphanumeric()))
        }
    }
}

#[test]
fn every_name_in_the_header_is_ours() {
    let header = header();
    let names: Vec<_> = header.lines().filter_map(declared).filter(|name| !name.is_empty() && *name != "//").collect();
    for name in ["hws_wake_fn", "HWS_NEVER", "HWS_STR", "hws_status", "hws_stats", "HWS_STATE_OPEN", "HWS_ERR_FORKED"] {
        assert!(names.contains(&name), "{name} is not found among {names:?}");
    }
    let ours = |name: &&str| ["hws_", "HWS_", "HAWSER_H"].iter().any(|prefix| name.starts_with(prefix));
    let others: Vec<_> = names.iter().filter(|name| !ours(name)).collect();
    assert!(others.is_empty(), "names that may be somebody else's too: {others:?}");
}

#[test]
fn the_version_is_the_same_everywhere() {
    let output = run(&mut Command::new(compile("survive_version.c")), LIMIT);
    assert!(output.status.success(), "{}", text(&output));
    assert_eq!(text(&output).trim(), env!("CARGO_PKG_VERSION"));
}
