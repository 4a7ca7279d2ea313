//! A host and a peer at random: the bytes are a program of sends, closes, writes, time and bytes from the peer. There is
//! nothing to compare with here; it must only never panic, and never sleep until a time that has passed.
#![no_main]

mod common;

use common::{MILLISECOND, Peer};
use hawser::protocol::{Opcode, Role};
use hawser::session::{NEVER, Outgoing, Settings, Timers};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|input: &[u8]| {
    let [options, program @ ..] = input else { return };
    let role = if options & 1 == 0 { Role::Client } else { Role::Server };
    let timers = Timers { idle: 40_000 * MILLISECOND, ..Timers::default() };
    let settings = Settings { timers, send_queue_max: 1000, send_queue_low: 200, ..Settings::default() };
    let mut peer = Peer::open(role, &settings);
    let mut rest = program;
    while let [step, argument, behind @ ..] = rest {
        let (data, behind) = behind.split_at(usize::from(*argument).min(behind.len()));
        perform(&mut peer, *step, *argument, data);
        rest = if takes_data(*step) { behind } else { &rest[2..] };
    }
    while peer.session.next_deadline() != NEVER {
        peer.tick_on_time();
        peer.flush();
    }
});

fn takes_data(step: u8) -> bool {
    matches!(step % 8, 0 | 1)
}

fn perform(peer: &mut Peer, step: u8, argument: u8, data: &[u8]) {
    match step % 8 {
        0 => peer.feed(data, usize::from(step) + 1),
        1 => send(peer, step, argument, data),
        2 => peer.write(usize::from(argument)),
        3 => drop(peer.close(u16::from(argument) * 20, "because")),
        4 => peer.with(|session, kit| session.unblock(kit)),
        5 => peer.with(|session, kit| session.hold_keepalive(argument & 1 == 0, kit.now)),
        6 => peer.tick(peer.now + u64::from(argument) * 100 * MILLISECOND),
        _ if argument > 250 => peer.eof(),
        _ => peer.with(|session, kit| session.conclude(kit)),
    }
}

fn send(peer: &mut Peer, step: u8, argument: u8, data: &[u8]) {
    let opcode = Opcode::from_number(u32::from(step >> 4)).unwrap_or(Opcode::Text);
    let _ = peer.send(Outgoing { opcode, data, more: step & 8 != 0, token: u64::from(argument), raw: step & 16 != 0 });
}
