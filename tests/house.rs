//! The house stands as DESIGN and README draw it: floors look down only, files stay short, rooms say what they are.

mod common;

use std::fs;
use std::path::{Path, PathBuf};

use common::root;

/// Each room with the rooms below it that it may use.
const ROOMS: &[(&str, &[&str])] = &[
    ("error", &[]),
    ("http", &["error"]),
    ("extension", &["error", "http"]),
    ("protocol", &["error", "extension"]),
    ("handshake", &["error", "http", "extension", "protocol"]),
    ("session", &["error", "http", "extension", "protocol", "handshake"]),
    ("proxy", &["error", "http"]),
    ("tls", &["error"]),
    ("net", &["error"]),
    ("engine", &["error", "http", "extension", "protocol", "handshake", "session", "proxy", "tls", "net"]),
    ("ffi", &["error", "http", "extension", "protocol", "handshake", "session", "proxy", "tls", "net", "engine"]),
];

/// The one file outside of `ffi` with unsafe code: loops that only some CPUs can run.
const UNSAFE: &str = "src/protocol/simd.rs";

/// What the rooms without socket, clock, thread and randomness must not name.
const OUTSIDE: &[&str] = &["std::net::Tcp", "mio::", "socket2", "std::time", "Instant", "std::thread", "getrandom"];

fn files(room: &str) -> Vec<(PathBuf, String)> {
    let mut found: Vec<_> = fs::read_dir(root().join("src").join(room))
        .expect("the room is there")
        .map(|entry| entry.expect("a file").path())
        .filter(|path| path.extension().is_some_and(|e| e == "rs"))
        .map(|path| (path.clone(), fs::read_to_string(path).expect("a source")))
        .collect();
    found.sort();
    found
}

fn name(path: &Path) -> String {
    path.strip_prefix(root()).unwrap_or(path).display().to_string()
}

#[test]
fn every_room_is_known() {
    let rooms = fs::read_dir(root().join("src")).unwrap().filter_map(|e| {
        let path = e.unwrap().path();
        path.is_dir().then(|| path.file_name().unwrap().to_str().unwrap().to_owned())
    });
    for room in rooms {
        assert!(ROOMS.iter().any(|(known, _)| *known == room), "which floor is {room} on?");
    }
}

#[test]
fn floors_look_down_only() {
    for (room, below) in ROOMS {
        for (path, text) in files(room) {
            for used in text.split("crate::").skip(1) {
                let used: String = used.chars().take_while(|c| c.is_ascii_lowercase() || *c == '_').collect();
                let fine = used.is_empty() || used == *room || below.contains(&used.as_str());
                assert!(fine, "{} uses {used}, which is not below {room}", name(&path));
            }
        }
    }
}

#[test]
fn the_core_has_no_socket_clock_thread_or_randomness() {
    for room in ["error", "http", "extension", "protocol", "handshake", "session", "proxy"] {
        for (path, text) in files(room) {
            for word in OUTSIDE {
                assert!(!text.contains(word), "{} names {word}", name(&path));
            }
        }
    }
}

#[test]
fn tls_has_no_socket() {
    for (path, text) in files("tls") {
        for word in ["std::net", "mio::", "socket2", "std::thread"] {
            assert!(!text.contains(word), "{} names {word}", name(&path));
        }
    }
}

#[test]
fn files_are_short_and_say_what_they_are() {
    for (room, _) in ROOMS {
        for (path, text) in files(room) {
            let tests = path.ends_with("tests.rs");
            assert!(text.lines().count() <= 800, "{} is long", name(&path));
            assert!(tests || text.starts_with("//! "), "{} does not say what it is", name(&path));
        }
    }
}

#[test]
fn unsafe_code_lives_at_the_border_only() {
    for (room, _) in ROOMS.iter().filter(|(room, _)| *room != "ffi") {
        for (path, text) in files(room).into_iter().filter(|(path, _)| name(path) != UNSAFE) {
            let code = text.lines().filter(|line| !line.trim_start().starts_with("//"));
            assert!(!code.into_iter().any(|line| line.contains("unsafe")), "{} is unsafe", name(&path));
        }
    }
}
