//! Every code of the status table is provoked through the C API over real sockets, with the fields it promises.
//!
//! The programs are tests/c/provoke_*.c. Each case runs in a process of its own: some fork, some use up all memory.

mod common;
#[path = "codes/page.rs"]
mod page;

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::OnceLock;
use std::time::Duration;

use common::c::{self, compile, run, text};
use common::root;
use hawser::error::Status;

/// No case waits for anything longer than this, however busy the machine is.
const LIMIT: Duration = Duration::from_secs(30);

/// A C program full of cases, compiled when it is first needed.
struct Program {
    name: &'static str,
    built: OnceLock<PathBuf>,
}

impl Program {
    const fn new(name: &'static str) -> Self {
        Self { name, built: OnceLock::new() }
    }

    fn path(&self) -> &Path {
        self.built.get_or_init(|| compile(&format!("{}.c", self.name)))
    }

    /// Each case with the code that it provokes.
    fn cases(&self) -> Vec<(String, String)> {
        let listed = run(Command::new(self.path()).arg("--list"), LIMIT);
        assert!(listed.status.success(), "{} --list: {}", self.name, text(&listed));
        let pair = |line: &str| line.split_once(' ').map(|(case, code)| (case.to_owned(), code.to_owned()));
        text(&listed).lines().map(|line| pair(line).expect("a case and its code")).collect()
    }

    /// Runs every case; all that fail are told at the end.
    fn run_all(&self, with_io_thread: bool) {
        let cases = self.cases();
        let names: BTreeSet<_> = cases.iter().map(|(case, _)| case).collect();
        assert_eq!(names.len(), cases.len(), "{}: a case hides another of the same name", self.name);
        let mut failures = String::new();
        for case in names {
            let mut command = c::program(self.path());
            if with_io_thread && !NOT_WITH_IO_THREAD.iter().any(|(not, _)| not == case) {
                command.env("HAWSER_TEST_IO_THREAD", "1");
            }
            let output = run(command.arg(case), LIMIT);
            if !output.status.success() {
                let _ = writeln!(failures, "\n{case}: {}\n{}", output.status, text(&output));
            }
        }
        assert!(failures.is_empty(), "{} of {}:\n{failures}", failures.matches("\n\n").count(), self.name);
    }
}

macro_rules! programs {
    ($($name:ident)+) => {
        static PROGRAMS: [Program; [$(stringify!($name)),+].len()] = [$(Program::new(stringify!($name))),+];

        $(#[test]
        fn $name() {
            find(stringify!($name)).run_all(false);
        })+

        /// The same with a thread of the library's own: the same codes, with the same fields.
        mod with_io_thread {
            $(#[test]
            fn $name() {
                super::find(stringify!($name)).run_all(true);
            })+
        }
    };
}

fn find(name: &str) -> &'static Program {
    PROGRAMS.iter().find(|program| program.name == name).expect("it is in the list")
}

/// What cannot hold with a thread of the library's own, each with its reason.
const NOT_WITH_IO_THREAD: &[(&str, &str)] = &[
    ("FD_LIMIT/accept/server", "the thread has accepted its guest before there are no descriptors left"),
    ("CALLBACK/log/client", "the hook may run on the thread, whose last error is not ours"),
    ("CALLBACK/log/server", "the hook may run on the thread, whose last error is not ours"),
];

programs! {
    provoke_usage
    provoke_network
    provoke_timeout
    provoke_request
    provoke_response
    provoke_protocol
    provoke_closed
    provoke_resource
    provoke_pool
    provoke_internal
    provoke_tls
    provoke_proxy
    provoke_redirect
    provoke_extension
    provoke_reconnect
}

#[test]
fn every_code_is_provoked() {
    let raised = Status::table().iter().filter(|row| !row.is_class).map(|row| row.status.name().to_owned());
    let provoked: BTreeSet<_> = PROGRAMS.iter().flat_map(Program::cases).map(|(_, code)| code).collect();
    assert_eq!(provoked, raised.collect());
}

/// Each code with the programs that provoke it.
fn provoked() -> BTreeMap<String, BTreeSet<&'static str>> {
    let mut by_code: BTreeMap<String, BTreeSet<&str>> = BTreeMap::new();
    for program in &PROGRAMS {
        for (_, code) in program.cases() {
            by_code.entry(code).or_default().insert(program.name);
        }
    }
    by_code
}

#[test]
fn the_page_of_errors_is_what_the_table_and_the_tests_say() {
    let path = root().join("docs/errors.md");
    let page = page::page(&provoked());
    if std::env::var_os("HAWSER_BLESS").is_some() {
        return fs::write(path, page).unwrap();
    }
    let committed = fs::read_to_string(path).unwrap_or_default();
    let differs = committed.lines().zip(page.lines()).find(|(a, b)| a != b);
    assert!(committed == page, "docs/errors.md is not up to date: {differs:?}; HAWSER_BLESS=1 cargo test --test codes");
}

/// What five documents about four packages have: classes, one other name of one of them, and the root of a package that
/// does much else.
#[test]
fn every_documented_exception_has_its_code() {
    let documented: Vec<_> = Status::table().iter().flat_map(|row| row.documented).collect();
    let distinct: BTreeSet<_> = documented.iter().collect();
    assert_eq!(distinct.len(), documented.len(), "each is one code");
    let mut packages = BTreeMap::new();
    for class in distinct {
        let (package, name) = class.split_once('.').expect("a package and a class");
        assert!(name.starts_with(|c: char| c.is_ascii_uppercase()), "{class}");
        *packages.entry(package).or_insert(0) += 1;
    }
    let others = ["websockets.WebSocketProtocolError", "kstlib.KstlibError"];
    assert!(others.iter().all(|other| documented.contains(&other)));
    assert_eq!(packages, BTreeMap::from([("jetsocket", 13), ("kstlib", 8), ("websocket", 8), ("websockets", 30)]));
    assert_eq!(documented.len() - others.len(), 57);
}
