//! Races on real sockets of this machine, at times that the tests make up.
#![cfg(unix)]

use std::net::TcpListener;
use std::time::Duration;

use mio::{Events, Interest, Poll, Token};

use super::*;

/// The caller of a race: a loop that waits for sockets, under a clock of its own.
struct Caller {
    poll: Poll,
    registered: usize,
}

impl Caller {
    fn new() -> Self {
        Self { poll: Poll::new().unwrap(), registered: 0 }
    }

    fn advance(&mut self, race: &mut Race, now: u64) -> Progress {
        let (registry, registered) = (self.poll.registry(), &mut self.registered);
        race.advance(now, &mut |stream| {
            *registered += 1;
            mio::event::Source::register(stream, registry, Token(0), Interest::READABLE | Interest::WRITABLE)
        })
    }

    /// Goes on at the same `now` until `done`, whenever a socket has news.
    fn until(&mut self, race: &mut Race, now: u64, done: impl Fn(&Progress, &Race) -> bool) -> Progress {
        for _ in 0..100 {
            let progress = self.advance(race, now);
            if done(&progress, race) {
                return progress;
            }
            self.poll.poll(&mut Events::with_capacity(8), Some(Duration::from_millis(100))).unwrap();
        }
        panic!("nothing comes of {race:?}");
    }

    fn result(&mut self, race: &mut Race, now: u64) -> Progress {
        self.until(race, now, |progress, _| !matches!(progress, Progress::Waiting { .. }))
    }
}

/// An address that takes connections.
fn open() -> (TcpListener, SocketAddr) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    (listener, address)
}

/// An address that refuses: bound, so that nobody else gets it, and nobody listens.
fn refusing() -> (socket2::Socket, SocketAddr) {
    let socket = socket2::Socket::new(socket2::Domain::IPV4, socket2::Type::STREAM, None).unwrap();
    socket.bind(&SocketAddr::from(([127, 0, 0, 1], 0)).into()).unwrap();
    let address = socket.local_addr().unwrap().as_socket().unwrap();
    (socket, address)
}

/// An address that does not answer: Linux drops the SYNs for a listener whose backlog is full. What it needs to stay so.
#[cfg(target_os = "linux")]
fn silent() -> (impl Sized, SocketAddr) {
    let (socket, address) = refusing();
    socket.set_nonblocking(true).unwrap();
    socket.listen(0).unwrap();
    let mut listener = mio::net::TcpListener::from_std(socket.into());
    let mut poll = Poll::new().unwrap();
    poll.registry().register(&mut listener, Token(0), Interest::READABLE).unwrap();
    let filler = std::net::TcpStream::connect(address).unwrap();
    let mut events = Events::with_capacity(1);
    while events.is_empty() {
        poll.poll(&mut events, None).unwrap();
    }
    ((listener, filler, poll), address)
}

fn race(addresses: impl Into<Vec<SocketAddr>>) -> Race {
    Race::new(addresses.into(), SocketOptions::default())
}

fn won(progress: Progress) -> String {
    match progress {
        Progress::Won(stream, address) => {
            assert_eq!(stream.peer(), address);
            address.to_string()
        }
        other => panic!("{other:?}"),
    }
}

fn lost(progress: Progress) -> Error {
    match progress {
        Progress::Lost(error) => error,
        other => panic!("{other:?}"),
    }
}

#[test]
fn the_families_take_turns() {
    let table = [
        ("", ""),
        ("4a 4b", "4a 4b"),
        ("6a 6b", "6a 6b"),
        ("4a 6a", "6a 4a"),
        ("4a 4b 6a 6b", "6a 4a 6b 4b"),
        ("6a 6b 6c 4a", "6a 4a 6b 6c"),
        ("6a 4a 4b 4c", "6a 4a 4b 4c"),
        ("4b 4a 4b 6a 4a 6a", "6a 4b 4a"),
    ];
    let address = |name: &str| -> SocketAddr {
        let (family, host) = name.split_at(1);
        let text =
            if family == "6" { format!("[2001:db8::{host}]:80") } else { format!("192.0.2.{}:80", host.as_bytes()[0]) };
        text.parse().unwrap()
    };
    let all = |names: &str| names.split_whitespace().map(address).collect::<Vec<_>>();
    for (found, tried) in table {
        assert_eq!(in_turn(all(found)), all(tried), "{found}");
    }
}

#[test]
fn the_first_that_answers_wins() {
    let ((_a, first), (_b, second)) = (open(), open());
    let (mut race, mut caller) = (race([first, second]), Caller::new());
    assert_eq!(won(caller.result(&mut race, 7)), first.to_string());
    assert_eq!(caller.registered, 1);
}

#[test]
fn after_a_refusal_the_next_begins_at_once() {
    let ((_a, first), (_b, second), (_c, third)) = (refusing(), refusing(), open());
    let (mut race, mut caller) = (race([first, second, third]), Caller::new());
    assert_eq!(won(caller.result(&mut race, 7)), third.to_string());
    assert!(race.running().next().is_none());
}

#[cfg(target_os = "linux")]
#[test]
fn behind_one_that_is_silent_the_next_begins_after_a_quarter_of_a_second() {
    let ((_a, first), (_b, second)) = (silent(), open());
    let (mut race, mut caller) = (race([first, second]), Caller::new());
    for now in [1000, 2000, 1000 + ATTEMPT_DELAY - 1] {
        let progress = caller.advance(&mut race, now);
        assert!(matches!(progress, Progress::Waiting { until } if until == 1000 + ATTEMPT_DELAY), "{progress:?}");
        assert_eq!(race.running().map(Address::to_string).collect::<Vec<_>>(), [first.to_string()]);
    }
    assert_eq!(won(caller.result(&mut race, 1000 + ATTEMPT_DELAY)), second.to_string());
    assert_eq!(caller.registered, 2);
}

#[cfg(target_os = "linux")]
#[test]
fn a_refusal_behind_a_silent_one_does_not_end_the_race() {
    let ((_a, first), (_b, second)) = (silent(), refusing());
    let (mut race, mut caller) = (race([first, second]), Caller::new());
    caller.advance(&mut race, 0);
    let progress = caller.until(&mut race, ATTEMPT_DELAY, |_, race| race.failures.attempts() == 1);
    assert!(matches!(progress, Progress::Waiting { until: u64::MAX }), "{progress:?}");
    assert_eq!(race.running().count(), 1);
}

#[cfg(target_os = "linux")]
#[test]
fn behind_many_that_are_silent_the_oldest_gives_way() {
    let (_listener, last) = open();
    let (_keep, mut addresses): (Vec<_>, Vec<_>) = (0..ATTEMPTS_MAX + 1).map(|_| silent()).unzip();
    addresses.push(last);
    let (mut race, mut caller) = (race(addresses), Caller::new());
    let mut now = 0;
    for _ in 0..ATTEMPTS_MAX {
        match caller.advance(&mut race, now) {
            Progress::Waiting { until } => now = until,
            other => panic!("{other:?}"),
        }
    }
    assert_eq!((race.running().count(), now), (ATTEMPTS_MAX, PATIENCE));
    caller.advance(&mut race, now);
    assert_eq!((race.running().count(), race.failures.attempts()), (ATTEMPTS_MAX, 1));
    assert_eq!(won(caller.result(&mut race, now + ATTEMPT_DELAY)), last.to_string());
}

#[cfg(target_os = "linux")]
#[test]
fn a_thousand_refusals_take_turns_with_others() {
    let (_keep, address) = refusing();
    let addresses: Vec<_> =
        (1..=1000u16).map(|n| SocketAddr::from(([127, 1, (n >> 8) as u8, n as u8], address.port()))).collect();
    let (mut race, mut caller) = (race(addresses), Caller::new());
    caller.advance(&mut race, 0);
    assert!(race.waiting.len() >= 1000 - TURN);
    let error = loop {
        match caller.advance(&mut race, 0) {
            Progress::Lost(error) => break error,
            _ => drop(caller.poll.poll(&mut Events::with_capacity(8), Some(Duration::from_millis(1)))),
        }
    };
    assert_eq!((error.status, error.attempts), (Status::CONNECTION_REFUSED, 1000));
    assert!(error.detail.ends_with("; and 984 more") && error.detail.len() < 2000, "{}", error.detail);
}

#[test]
fn one_failure_speaks_for_itself() {
    let (_keep, address) = refusing();
    let error = lost(Caller::new().result(&mut race([address]), 0));
    assert_eq!((error.status, error.attempts, error.operation), (Status::CONNECTION_REFUSED, 1, Operation::Connect));
    assert_eq!((error.os_error, error.peer.as_str()), (libc::ECONNREFUSED, address.to_string().as_str()));
    assert!(error.cause.is_none() && !error.detail.contains(&address.to_string()));
}

#[test]
fn failures_that_agree_are_one_failure() {
    let ((_a, first), (_b, second)) = (refusing(), refusing());
    let error = lost(Caller::new().result(&mut race([first, second]), 0));
    assert_eq!((error.status, error.attempts), (Status::CONNECTION_REFUSED, 2));
    assert_eq!(error.peer, second.to_string());
    assert!([first, second].iter().all(|a| error.detail.contains(&a.to_string())), "{}", error.detail);
}

#[test]
fn failures_that_differ_are_summed_up() {
    let (_keep, refusing) = refusing();
    // TCP does not connect to a multicast address.
    let nowhere = SocketAddr::from(([224, 0, 0, 1], 9));
    let error = lost(Caller::new().result(&mut race([nowhere, refusing]), 0));
    assert_eq!((error.status, error.attempts), (Status::CONNECT_FAILED, 2));
    assert_eq!(error.cause.as_ref().unwrap().peer, refusing.to_string());
    assert!([nowhere, refusing].iter().all(|a| error.detail.contains(&a.to_string())), "{}", error.detail);
}

#[test]
fn no_address_at_all() {
    assert_eq!(lost(Caller::new().advance(&mut race([]), 0)).status, Status::ADDRESS);
}

#[test]
fn a_socket_that_cannot_be_registered_is_a_failure() {
    let (_listener, address) = open();
    let refuse = &mut |_: &mut Stream| Err(io::Error::from_raw_os_error(libc::ENOSPC));
    let error = lost(race([address]).advance(0, refuse));
    assert_eq!((error.os_error, error.attempts), (libc::ENOSPC, 1));
}

#[test]
fn a_local_address_chooses_the_family() {
    let (listener, address) = open();
    let v6: SocketAddr = format!("[::1]:{}", address.port()).parse().unwrap();
    let options = SocketOptions { local: Some("127.0.0.1:0".parse().unwrap()), ..SocketOptions::default() };
    let mut race = Race::new(vec![v6, address], options.clone());
    assert_eq!(won(Caller::new().result(&mut race, 0)), address.to_string());
    drop(listener);
    let error = lost(Caller::new().advance(&mut Race::new(vec![v6], options), 0));
    assert_eq!((error.status, error.peer.clone()), (Status::INVALID_ARGUMENT, v6.to_string()));
    assert!(error.detail.contains("127.0.0.1:0"));
}

/// Linux has more loopback addresses than one; nobody else takes a port of this one.
#[cfg(target_os = "linux")]
#[test]
fn a_local_port_serves_several_attempts() {
    let ((_a, first), (_b, second)) = (refusing(), open());
    let local = TcpListener::bind("127.0.0.77:0").unwrap().local_addr().unwrap();
    let options = SocketOptions { local: Some(local), ..SocketOptions::default() };
    let mut race = Race::new(vec![first, second], options);
    match Caller::new().result(&mut race, 0) {
        Progress::Won(Stream::Tcp(stream), _) => assert_eq!(stream.local_addr().unwrap(), local),
        other => panic!("{other:?}"),
    }
}
