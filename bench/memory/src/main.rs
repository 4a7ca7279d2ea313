//! What masking, UTF-8 and frames take, on one thread and with nothing else to do, beside memcpy and the fastest XOR that this
//! machine can do. Prints Markdown. `bench/run --cells memory` calls it.

mod limit;

use std::hint::black_box;
use std::process::ExitCode;
use std::time::Instant;

use hawser::protocol::{
    Buffers, Connection, Header, Incoming, Limits, MAX_HEADER, MaskSource, Opcode, Outbox, Role, Tools, apply_mask,
    check_text, push_masked, unmask_text,
};

const SIZES: [usize; 9] = [16, 125, 512, 1024, 4096, 16_384, 65_536, 262_144, 1_048_576];
/// From this size on the goals count: what is shorter is the time of a call or two.
const LARGE: usize = 65_536;
/// Bytes of one window, and windows of which the best counts.
const WINDOW: usize = 2 << 20;
const WINDOWS: usize = 20;
const PLACES: usize = 6;
const KEY: [u8; 4] = [0x12, 0x34, 0x56, 0x78];
/// Where a payload lies that follows a header of a client's: no loop may count on more.
const OFFSET: usize = MAX_HEADER;

/// Always the same: the keys are not what is measured.
struct Masks;

impl MaskSource for Masks {
    fn key(&mut self) -> [u8; 4] {
        KEY
    }
}

/// Bytes that begin at a multiple of 64, or so far behind one.
struct Room {
    bytes: Vec<u8>,
    start: usize,
}

impl Room {
    fn new(len: usize, behind: usize, with: &[u8]) -> Self {
        let mut bytes = vec![0; len + behind + 64];
        let start = bytes.as_ptr().align_offset(64).min(64) + behind;
        bytes[start..start + with.len()].copy_from_slice(with);
        Self { bytes, start }
    }

    fn first(&mut self, len: usize) -> &mut [u8] {
        black_box(&mut self.bytes[self.start..][..len])
    }
}

/// Bytes a nanosecond, which is as many GB a second, in the best window. Windows are much shorter than the kernel's slices, so
/// that nobody else ran in the best; the clock of CPU time knows no such short ones where a hypervisor takes its share.
fn speed(size: usize, mut call: impl FnMut()) -> f64 {
    let calls = (WINDOW / size).clamp(4, 20_000);
    let mut window = || {
        let start = Instant::now();
        (0..calls).for_each(|_| call());
        start.elapsed().as_secs_f64()
    };
    window(); // to warm up
    let best = (0..WINDOWS).map(|_| window()).fold(f64::MAX, f64::min);
    (size * calls) as f64 / best / 1e9
}

/// The best of several places in memory: caches treat pages differently, whoever copies them.
fn best_place(mut measure: impl FnMut() -> f64) -> f64 {
    let mut held = Vec::new();
    let speeds = (0..PLACES).map(|i| {
        held.push(black_box(vec![1_u8; 70_000 + i * 270_000]));
        measure()
    });
    speeds.fold(0.0, f64::max)
}

/// A text of so many bytes, about half of whose characters are not ASCII.
fn mixed_text(size: usize) -> String {
    let mut text: String = "Grüße, 世界! Καλημέρα κόσμε — hello ".chars().cycle().take(size).collect();
    while text.len() > size {
        text.pop();
    }
    let missing = size - text.len();
    text + &"x".repeat(missing)
}

/// What the machine can do.
struct Machine {
    memcpy: f64,
    xor: f64,
}

impl Machine {
    fn measure(size: usize) -> Self {
        let memcpy = best_place(|| {
            let mut from = Room::new(size, 0, &vec![b'x'; size]);
            let mut room = Room::new(size, 0, &[]);
            speed(size, || room.first(size).copy_from_slice(from.first(size)))
        });
        let even = size - size % 8;
        let xor = best_place(|| {
            let mut room = Room::new(even, 0, &[]);
            speed(even, || limit::xor(room.first(even), u64::from_ne_bytes([1, 2, 3, 4, 1, 2, 3, 4])))
        });
        Self { memcpy, xor }
    }
}

/// A connection with what it works with.
struct End {
    connection: Connection,
    out: Outbox,
    buffers: Buffers,
    limits: Limits,
}

impl End {
    fn new(role: Role) -> Self {
        Self {
            connection: Connection::new(role, None),
            out: Outbox::default(),
            buffers: Buffers::default(),
            limits: Limits {
                message_max: u64::MAX,
                frame_max: u64::MAX,
                fragments_max: u32::MAX,
                deliver_fragments: false,
            },
        }
    }

    /// Queues a message, as hws_send does once it has found the connection, and forgets it as if it had left.
    fn send(&mut self, opcode: Opcode, data: &[u8]) {
        let header = self.connection.prepare(opcode, false, data, &mut Masks).expect("it may be sent");
        self.out.reserve(data.len() + MAX_HEADER, &mut self.buffers).expect("there is memory");
        self.connection.commit(&header, data, data, &mut self.out);
        black_box(self.out.pending());
        self.out.wrote(self.out.len(), false);
    }

    /// Takes a frame that has come as a whole.
    fn receive(&mut self, frame: &mut [u8], size: usize) {
        let Self { connection, out, buffers, limits } = self;
        let mut tools = Tools { limits, auto_pong: true, out, buffers, masks: &mut Masks };
        match connection.receive(frame, &mut 0, &mut tools) {
            Some(Incoming::Message(_, payload)) => assert_eq!(black_box(payload.bytes()).len(), size),
            other => panic!("no message, but {other:?}"),
        }
    }
}

/// A frame as `from` sends it. A client's key is 0, which costs the same and leaves text what it is, however often it is
/// received.
fn frame(from: Role, opcode: Opcode, data: &[u8]) -> Vec<u8> {
    let mask = (from == Role::Client).then_some([0; 4]);
    let mut bytes = [0; MAX_HEADER];
    let start = Header { fin: true, opcode, rsv: 0, mask, len: data.len() as u64 }.write(&mut bytes);
    [&bytes[start..], data].concat()
}

fn receiving(role: Role, opcode: Opcode, data: &[u8]) -> f64 {
    let from = if role == Role::Server { Role::Client } else { Role::Server };
    let frame = frame(from, opcode, data);
    best_place(|| {
        let mut room = Room::new(frame.len(), 0, &frame);
        let mut end = End::new(role);
        speed(data.len(), || end.receive(room.first(frame.len()), data.len()))
    })
}

fn sending(opcode: Opcode, data: &[u8]) -> f64 {
    best_place(|| {
        let (mut end, data) = (End::new(Role::Client), data.to_vec());
        speed(data.len(), || end.send(opcode, black_box(&data)))
    })
}

fn masking_in_place(size: usize) -> f64 {
    best_place(|| {
        let mut room = Room::new(size, OFFSET, &vec![b'x'; size]);
        speed(size, || apply_mask(room.first(size), KEY, 0))
    })
}

fn masked_copy(size: usize) -> f64 {
    best_place(|| {
        let (mut out, data) = (Vec::with_capacity(size + OFFSET), vec![b'x'; size]);
        speed(size, || {
            let out: &mut Vec<u8> = black_box(&mut out);
            out.clear();
            out.extend_from_slice(&[0; OFFSET]);
            push_masked(out, black_box(&data), KEY, 0);
        })
    })
}

fn checking(text: &[u8], is_text: impl Fn(&[u8]) -> bool) -> f64 {
    best_place(|| {
        let text = text.to_vec();
        speed(text.len(), || assert!(is_text(black_box(&text))))
    })
}

/// With a key of 0, as above.
fn unmasking_text(size: usize, unmask: impl Fn(&mut [u8]) -> bool) -> f64 {
    best_place(|| {
        let mut room = Room::new(size, OFFSET, &vec![b'x'; size]);
        speed(size, || assert!(unmask(room.first(size))))
    })
}

/// One line of a table.
fn row(size: usize, cells: &[String]) {
    println!("| {size} | {} |", cells.join(" | "));
}

fn table(head: &[&str]) {
    println!("| bytes | {} |\n|{}", head.join(" | "), " --- |".repeat(head.len() + 1));
}

fn gb(speed: f64) -> String {
    format!("{speed:.1}")
}

/// In bold where the goal counts.
fn ratio(size: usize, ours: f64, limit: f64) -> String {
    let mark = if size >= LARGE { "**" } else { "" };
    format!("{mark}{:.2}{mark}", ours / limit)
}

const MASKING: &str = "### Masking
GB/s. memcpy and the XOR in place: what the machine can do, aligned; the XOR is written by hand. Ours begin 14 bytes behind a
multiple of 64, as a payload may.
";

fn masking(machines: &[Machine]) {
    println!("{MASKING}");
    let xor = format!("XOR in place ({})", limit::name());
    table(&[&xor, "apply_mask", "ratio", "memcpy", "masked copy", "ratio"]);
    for (size, &Machine { memcpy, xor }) in SIZES.into_iter().zip(machines) {
        let (in_place, copied) = (masking_in_place(size), masked_copy(size));
        let (to_xor, to_memcpy) = (ratio(size, in_place, xor), ratio(size, copied, memcpy));
        row(size, &[gb(xor), gb(in_place), to_xor, gb(memcpy), gb(copied), to_memcpy]);
    }
}

const UTF8: &str = "
### UTF-8
GB/s. std and simdutf8: the bare libraries. Mixed text: half of its characters are not ASCII. Unmasked: a text of ASCII that
comes masked, unmasked and checked in one pass and, for comparison, in two.
";

fn utf8() {
    println!("{UTF8}");
    table(&[
        "std, ASCII",
        "simdutf8, ASCII",
        "ours, ASCII",
        "std, mixed",
        "simdutf8, mixed",
        "ours, mixed",
        "unmasked",
        "in two passes",
    ]);
    for size in SIZES {
        let (ascii, mixed) = (vec![b'x'; size], mixed_text(size).into_bytes());
        let std = |text: &[u8]| checking(text, |text| std::str::from_utf8(text).is_ok());
        let simd = |text: &[u8]| checking(text, |text| simdutf8::basic::from_utf8(text).is_ok());
        let ours = |text: &[u8]| checking(text, |text| check_text(text).is_ok());
        let one_pass = unmasking_text(size, |text| unmask_text(text, [0; 4], 0));
        let two_passes = unmasking_text(size, |text| {
            apply_mask(text, [0; 4], 0);
            simdutf8::basic::from_utf8(text).is_ok()
        });
        let speeds = [std(&ascii), simd(&ascii), ours(&ascii), std(&mixed), simd(&mixed), ours(&mixed)];
        row(size, &[&speeds[..], &[one_pass, two_passes]].concat().into_iter().map(gb).collect::<Vec<_>>());
    }
}

const FRAMES: &str = "
### Frames
GB/s. Sending: from the caller's memory into a client's send queue. Receiving: a whole frame, from the read buffer to the event.
A client that receives looks at the header of a binary message and at nothing else, so those figures are of no memory.
";

fn frames(machines: &[Machine]) {
    println!("{FRAMES}");
    table(&[
        "client sends",
        "/ memcpy",
        "client sends ASCII",
        "server receives",
        "/ XOR",
        "server receives ASCII",
        "server receives mixed text",
        "client receives",
        "client receives ASCII",
    ]);
    for (size, machine) in SIZES.into_iter().zip(machines) {
        let (ascii, mixed) = (vec![b'x'; size], mixed_text(size).into_bytes());
        let sent = sending(Opcode::Binary, &ascii);
        let received = receiving(Role::Server, Opcode::Binary, &ascii);
        let cells = [
            gb(sent),
            ratio(size, sent, machine.memcpy),
            gb(sending(Opcode::Text, &ascii)),
            gb(received),
            ratio(size, received, machine.xor),
            gb(receiving(Role::Server, Opcode::Text, &ascii)),
            gb(receiving(Role::Server, Opcode::Text, &mixed)),
            gb(receiving(Role::Client, Opcode::Binary, &ascii)),
            gb(receiving(Role::Client, Opcode::Text, &ascii)),
        ];
        row(size, &cells);
    }
}

fn main() -> ExitCode {
    if std::env::args().len() > 1 {
        eprintln!("usage: memory\nPrints tables in Markdown.");
        return ExitCode::from(2);
    }
    let machines = SIZES.map(Machine::measure);
    masking(&machines);
    utf8();
    frames(&machines);
    ExitCode::SUCCESS
}
