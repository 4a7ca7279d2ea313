//! A frame that has begun comes at some pace, or its sender is cut off: measured over thirty seconds on a virtual clock,
//! and only while we read.

use hawser::error::{Operation, Status};
use hawser::protocol::{Limits, Role};
use hawser::session::{NEVER, Settings, State, Time, Timers};

use crate::pair::*;

const PERIOD: Time = 30 * SECOND;
/// What must come in a period at the default rate.
const ENOUGH: usize = 32 * 30;

fn settings() -> Settings {
    let never =
        Timers { open: NEVER, close: NEVER, send: NEVER, idle: NEVER, ping_interval: NEVER, ping_timeout: NEVER };
    Settings { timers: never, ..Settings::default() }
}

fn open(role: Role) -> Peer {
    Peer::open(role, &settings())
}

/// A frame of `len` bytes for this end.
fn frame_for(role: Role, first: u8, len: usize) -> Vec<u8> {
    frame(other(role), first, &vec![b'.'; len])
}

#[test]
fn a_frame_that_drips_is_cut_off() {
    for role in ROLES {
        let mut peer = open(role);
        let bytes = frame_for(role, 0x82, 1000);
        let begun = bytes.len() - 1000 + 10;
        peer.feed(&bytes[..begun], WHOLE);
        for byte in &bytes[begun..][..29] {
            peer.now += SECOND;
            peer.feed(&[*byte], WHOLE); // a byte now and then does not buy time
        }
        assert_eq!(peer.tick_on_time(), START + PERIOD);
        let close = peer.frames().pop().expect("a Close frame");
        assert_eq!((close.first, &close.payload[..2]), (0x88, &1008u16.to_be_bytes()[..]));
        let outcome = peer.outcome();
        assert_eq!(outcome.status, Status::CLOSED_ERROR);
        let cause = outcome.cause.as_ref().expect("why it was cut off");
        assert_eq!((cause.status, cause.operation), (Status::RECV_TIMEOUT, Operation::Receive));
        assert_eq!(cause.timeout_ms, Some(30_000));
        assert_eq!((cause.size, cause.current_size), (Some(1000), Some(39)));
        assert!(cause.detail.contains("too slowly"), "{}", cause.detail);
        assert_eq!(peer.session.next_deadline(), NEVER, "nothing is watched any more");
    }
}

#[test]
fn one_byte_of_a_header_is_a_frame_that_has_begun() {
    for role in ROLES {
        for first in [0x82, 0x89] {
            let mut peer = open(role);
            peer.feed(&[first], WHOLE);
            assert_eq!(peer.tick_on_time(), START + PERIOD);
            let cause = peer.outcome().cause.clone().expect("why it was cut off");
            assert_eq!((cause.status, cause.size, cause.current_size), (Status::RECV_TIMEOUT, None, Some(0)));
        }
    }
}

#[test]
fn whoever_keeps_the_pace_may_take_all_day() {
    for role in ROLES {
        let mut peer = open(role);
        let bytes = frame_for(role, 0x82, 10 * ENOUGH);
        let (header, mut rest) = bytes.split_at(bytes.len() - 10 * ENOUGH);
        peer.feed(header, WHOLE);
        while rest.len() > ENOUGH {
            let (piece, more) = rest.split_at(ENOUGH);
            peer.feed(&piece[..ENOUGH / 2], WHOLE);
            peer.now += PERIOD - MILLISECOND;
            peer.feed(&piece[ENOUGH / 2..], 100);
            rest = more;
            peer.tick_on_time();
            assert_eq!(peer.session.state(), State::Open, "after {}", peer.now - START);
        }
        peer.feed(rest, WHOLE);
        assert_eq!((peer.seen.len(), peer.session.next_deadline()), (1, NEVER));
    }
}

/// What makes ordinary messages cost nothing: there is a deadline while one is cut, and none otherwise.
#[test]
fn whole_messages_are_not_watched() {
    for role in ROLES {
        let mut peer = open(role);
        for first in [0x82, 0x89, 0x8a, 0x02, 0x00, 0x80] {
            peer.feed(&frame_for(role, first, 100), WHOLE);
            assert_eq!(peer.session.next_deadline(), NEVER);
            peer.now += SECOND;
        }
        let bytes = frame_for(role, 0x82, 100);
        peer.feed(&bytes[..50], WHOLE);
        assert_eq!(peer.session.next_deadline(), peer.now + PERIOD);
        peer.feed(&bytes[50..], WHOLE);
        assert_eq!(peer.session.next_deadline(), NEVER);
    }
}

#[test]
fn every_frame_has_its_own_time() {
    for role in ROLES {
        for (finish, begin) in [(0x82, 0x82), (0x02, 0x80), (0x02, 0x89)] {
            let mut peer = open(role);
            let (finish, begin) = (frame_for(role, finish, 100), frame_for(role, begin, 100));
            peer.feed(&finish[..50], WHOLE);
            peer.now += PERIOD - SECOND;
            // The rest of one and the beginning of the next in one read.
            peer.feed(&[&finish[50..], &begin[..50]].concat(), WHOLE);
            assert_eq!(peer.session.next_deadline(), peer.now + PERIOD);
            peer.now += SECOND;
            peer.tick(peer.now);
            assert_eq!(peer.session.state(), State::Open);
        }
    }
}

#[test]
fn fragments_that_are_delivered_have_their_own_time_too() {
    let limits = Limits { deliver_fragments: true, ..Settings::default().limits };
    for role in ROLES {
        let mut peer = Peer::open(role, &Settings { limits: limits.clone(), ..settings() });
        let bytes = frame_for(role, 0x02, 100);
        peer.feed(&[&bytes[..], &frame_for(role, 0x00, 100)[..50]].concat(), WHOLE);
        peer.now += SECOND;
        peer.feed(&frame_for(role, 0x00, 100)[50..], WHOLE);
        assert_eq!(peer.session.next_deadline(), NEVER);
    }
}

/// While nobody reads, nothing can come.
#[test]
fn a_pause_does_not_count() {
    for role in ROLES {
        let mut peer = open(role);
        peer.feed(&frame_for(role, 0x82, 100)[..50], WHOLE);
        peer.now += 10 * SECOND;
        peer.session.hold_keepalive(true, peer.now);
        assert_eq!(peer.session.next_deadline(), NEVER);
        peer.now += 100 * SECOND;
        peer.session.hold_keepalive(false, peer.now);
        assert_eq!(peer.session.next_deadline(), peer.now + PERIOD);
        peer.tick_on_time();
        assert_eq!(peer.session.state(), State::Closing);
    }
}

#[test]
fn a_queue_that_is_full_does_not_count() {
    for role in ROLES {
        let mut peer = Peer::open(role, &Settings { send_queue_max: 1000, send_queue_low: 100, ..settings() });
        peer.feed(&frame_for(role, 0x82, 100)[..50], WHOLE);
        peer.binary(&[0; 998]).unwrap();
        peer.write(1);
        assert!(!peer.session.wants_read());
        peer.now += 10 * SECOND;
        peer.tick(peer.now);
        peer.tick_on_time();
        assert_eq!((peer.now, peer.session.state()), (START + PERIOD, State::Open));
        peer.now += 29 * SECOND;
        peer.flush(); // only now there is room
        assert!(peer.session.wants_read());
        assert_eq!(peer.tick_on_time(), START + 2 * PERIOD + 29 * SECOND);
        assert_eq!(peer.session.state(), State::Closing);
    }
}

#[test]
fn reads_to_where_a_large_frame_lies_count() {
    for role in ROLES {
        let mut peer = open(role);
        let bytes = frame_for(role, 0x82, 1 << 20);
        peer.feed(&bytes[..100], WHOLE);
        assert_eq!(peer.read_directly(&bytes[100..][..ENOUGH], 1 << 20), ENOUGH);
        peer.tick_on_time();
        assert_eq!(peer.session.state(), State::Open);
        assert_eq!(peer.read_directly(&bytes[100 + ENOUGH..][..1], 1 << 20), 1);
        assert_eq!(peer.tick_on_time(), START + 2 * PERIOD);
        assert_eq!(peer.session.state(), State::Closing);
        let cause = peer.outcome().cause.clone().expect("why it was cut off");
        assert_eq!(cause.size, Some(1 << 20));
    }
}

#[test]
fn the_rate_is_the_hosts_to_set() {
    for role in ROLES {
        let mut peer = Peer::open(role, &Settings { receive_rate_min: u64::MAX, ..settings() });
        peer.feed(&frame_for(role, 0x82, 100)[..50], WHOLE);
        assert_eq!(peer.session.next_deadline(), NEVER);
        for (rate, state) in [(1, State::Open), (2, State::Closing)] {
            let mut peer = Peer::open(role, &Settings { receive_rate_min: rate, ..settings() });
            let bytes = frame_for(role, 0x82, 100);
            peer.feed(&bytes[..20], WHOLE);
            peer.feed(&bytes[20..][..30], 1);
            peer.tick_on_time();
            assert_eq!(peer.session.state(), state);
        }
    }
}

#[test]
fn a_connection_that_closes_is_not_watched() {
    for role in ROLES {
        let mut peer = open(role);
        peer.feed(&frame_for(role, 0x82, 100)[..50], WHOLE);
        peer.close(1000, "").unwrap();
        peer.flush();
        peer.feed(&frame_for(role, 0x82, 100)[50..60], WHOLE);
        assert_eq!(peer.session.next_deadline(), NEVER);
    }
}
