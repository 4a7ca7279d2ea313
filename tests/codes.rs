//! Every code of the status table is provoked through the C API over real sockets, with the fields it promises, or is
//! listed in later.txt with the reason why it cannot be yet.
//!
//! The programs are tests/c/provoke_*.c. Each case runs in a process of its own: some fork, some use up all memory.

mod common;

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
    fn run_all(&self) {
        let cases = self.cases();
        let names: BTreeSet<_> = cases.iter().map(|(case, _)| case).collect();
        assert_eq!(names.len(), cases.len(), "{}: a case hides another of the same name", self.name);
        let mut failures = String::new();
        for case in names {
            let output = run(c::program(self.path()).arg(case), LIMIT);
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
            let program = PROGRAMS.iter().find(|program| program.name == stringify!($name));
            program.expect("it is in the list").run_all();
        })+
    };
}

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
}

/// The codes of later.txt, each with its reason.
fn later() -> BTreeMap<String, String> {
    let text = fs::read_to_string(root().join("tests/later.txt")).expect("tests/later.txt");
    let lines = text.lines().filter(|line| !line.starts_with('#') && !line.is_empty());
    lines.filter_map(|line| line.split_once(' ')).map(|(code, why)| (code.to_owned(), why.trim().to_owned())).collect()
}

#[test]
fn every_code_is_provoked_or_listed_as_later() {
    let raised = Status::table().iter().filter(|row| !row.is_class).map(|row| row.status.name().to_owned());
    let raised: BTreeSet<_> = raised.collect();
    let provoked: BTreeSet<_> = PROGRAMS.iter().flat_map(Program::cases).map(|(_, code)| code).collect();
    let later = later();
    let listed: BTreeSet<_> = later.keys().cloned().collect();

    assert_eq!(&provoked - &raised, BTreeSet::new(), "provoked, but no code that can be raised");
    assert_eq!(&listed - &raised, BTreeSet::new(), "in later.txt, but no code that can be raised");
    assert_eq!(&provoked & &listed, BTreeSet::new(), "provoked, so take it out of later.txt");
    assert_eq!(&(&raised - &provoked) - &listed, BTreeSet::new(), "neither provoked nor in later.txt");
    for (code, why) in later {
        let (issue, reason) = why.split_once(' ').unwrap_or_default();
        assert!(issue.parse::<u32>().is_ok() && !reason.is_empty(), "{code}: an issue's number and a reason: {why:?}");
    }
}
