//! What the codec alone takes: inflates and deflates the messages of the benchmark, in the order in which a server gets
//! them, on one thread and with nothing else to do. `codec --help` says how it is called; `load --dump` makes its input.

use std::hint::black_box;
use std::io::Read;
use std::process::ExitCode;
use std::time::Duration;

use nix::time::{ClockId, clock_gettime};
use zlib_rs::{Deflate, DeflateConfig, DeflateFlush, Inflate, InflateFlush, Method, Strategy};

/// hawser's defaults: those of `Deflate` in src/extension/deflate.rs.
const LEVEL: i32 = 1;
const MEMORY_LEVEL: i32 = 5;
/// Both sides' window, which is also what `load` compresses with.
const WINDOW_BITS: u8 = 12;

/// What a sender leaves out (RFC 7692 §7.2.1).
const FLUSH_END: [u8; 4] = [0x00, 0x00, 0xff, 0xff];
/// At so many places of the sequence a connection may begin: `load`'s, which says why they do not all begin at one.
const RUNS: usize = 64;
const WARM_UP: f64 = 0.2;
/// Room behind a message: without any, the end of the block would wait, and near the end of the room zlib-rs goes slowly.
const SPARE: usize = 512;

const USAGE: &str = "usage: codec --connections N --in-flight K --size BYTES --seconds S [--no-takeover] <MESSAGES
Prints the CPU time and the bytes per message, `cpu_us=11.2 bytes_in=204.1 bytes_out=281.7`.";

struct Options {
    connections: usize,
    in_flight: usize,
    size: usize,
    seconds: f64,
    takeover: bool,
}

impl Options {
    fn parse(mut words: impl Iterator<Item = String>) -> Option<Self> {
        let mut options = Self { connections: 0, in_flight: 0, size: 0, seconds: 0.0, takeover: true };
        while let Some(word) = words.next() {
            let mut number = || words.next()?.parse().ok();
            match word.as_str() {
                "--connections" => options.connections = number()?,
                "--in-flight" => options.in_flight = number()?,
                "--size" => options.size = number()?,
                "--seconds" => options.seconds = words.next()?.parse().ok()?,
                "--no-takeover" => options.takeover = false,
                _ => return None,
            }
        }
        let whole = options.connections > 0 && options.in_flight > 0 && options.size > 0 && options.seconds > 0.0;
        whole.then_some(options)
    }
}

/// Splits what `load --dump` printed, and puts back what was left out of each message.
fn read_messages(mut dump: &[u8]) -> Option<Vec<Vec<u8>>> {
    let mut messages = Vec::new();
    while let Some((length, rest)) = dump.split_first_chunk() {
        let (message, rest) = rest.split_at_checked(u32::from_le_bytes(*length) as usize)?;
        messages.push([message, &FLUSH_END].concat());
        dump = rest;
    }
    (dump.is_empty() && !messages.is_empty() && messages.len() % RUNS == 0).then_some(messages)
}

/// The two directions of a connection; where there is no takeover, all connections' together.
struct Codec {
    inflate: Inflate,
    deflate: Deflate,
}

impl Codec {
    fn new() -> Self {
        let config = DeflateConfig {
            level: LEVEL,
            method: Method::Deflated,
            window_bits: -i32::from(WINDOW_BITS), // negative: without zlib's header
            mem_level: MEMORY_LEVEL,
            strategy: Strategy::Default,
        };
        Self { inflate: Inflate::new(false, WINDOW_BITS), deflate: Deflate::new_with_config(config) }
    }

    fn reset(&mut self) {
        self.inflate.reset(false);
        self.deflate.reset();
    }

    /// Fills `text` with the message, but for the spare room, and `packed` with the same compressed again. Says how long
    /// that is.
    fn echo(&mut self, message: &[u8], text: &mut [u8], packed: &mut [u8]) -> usize {
        let before = (self.inflate.total_in(), self.inflate.total_out());
        self.inflate.decompress(message, text, InflateFlush::SyncFlush).expect("load's messages are DEFLATE");
        let taken = (self.inflate.total_in() - before.0) as usize;
        let made = (self.inflate.total_out() - before.1) as usize;
        assert_eq!((taken, made), (message.len(), text.len() - SPARE), "a message of another size");
        let before = self.deflate.total_out();
        self.deflate.compress(&text[..made], packed, DeflateFlush::SyncFlush).expect("there is room");
        let made = (self.deflate.total_out() - before) as usize;
        assert!(made < packed.len(), "a message that grew");
        made - FLUSH_END.len()
    }
}

/// All connections, and memory for one message.
struct Echo<'a> {
    options: &'a Options,
    messages: &'a [Vec<u8>],
    codecs: Vec<Codec>,
    text: Vec<u8>,
    packed: Vec<u8>,
    done: u64,
    bytes_in: u64,
    bytes_out: u64,
}

impl<'a> Echo<'a> {
    fn new(options: &'a Options, messages: &'a [Vec<u8>]) -> Self {
        let codecs = if options.takeover { options.connections } else { 1 };
        Self {
            options,
            messages,
            codecs: (0..codecs).map(|_| Codec::new()).collect(),
            text: vec![0; options.size + SPARE],
            packed: vec![0; options.size + 64],
            done: 0,
            bytes_in: 0,
            bytes_out: 0,
        }
    }

    fn message(&mut self, connection: usize, message: &[u8]) {
        let shared = connection % self.codecs.len();
        let codec = &mut self.codecs[shared];
        if !self.options.takeover {
            codec.reset();
        }
        let made = codec.echo(message, &mut self.text, &mut self.packed);
        black_box(&self.packed);
        self.done += 1;
        self.bytes_in += (message.len() - FLUSH_END.len()) as u64;
        self.bytes_out += made as u64;
    }

    /// What the messages say.
    fn texts(&mut self, messages: &[Vec<u8>]) -> Vec<u8> {
        let mut texts = Vec::new();
        for message in messages {
            self.message(0, message);
            texts.extend_from_slice(&self.text[..self.options.size]);
        }
        texts
    }

    /// The whole sequence over and over, batch by batch on each connection in turn, until the clock says so.
    fn run_until(&mut self, deadline: f64) {
        let batches: Vec<_> = self.messages.chunks(self.options.in_flight).collect();
        let run = batches.len() / RUNS;
        for step in 0.. {
            if cpu_seconds() >= deadline {
                return;
            }
            for connection in 0..self.options.connections {
                for message in batches[(step + connection * run) % batches.len()] {
                    self.message(connection, message);
                }
            }
        }
    }
}

/// A connection may begin with any run and go on with the next, after the last with the first. Each run is the same text
/// both ways, or the figures are of something else.
fn check(options: &Options, messages: &[Vec<u8>]) {
    let runs: Vec<_> = messages.chunks(messages.len() / RUNS).collect();
    let texts: Vec<_> = (0..RUNS)
        .map(|first| {
            let mut echo = Echo::new(options, messages);
            [first, first + 1].map(|run| echo.texts(runs[run % RUNS]))
        })
        .collect();
    for (run, [_, next]) in texts.iter().enumerate() {
        assert!(*next == texts[(run + 1) % RUNS][0], "behind another run, messages are others");
    }
}

fn cpu_seconds() -> f64 {
    let now = clock_gettime(ClockId::CLOCK_PROCESS_CPUTIME_ID).expect("Linux has this clock");
    Duration::from(now).as_secs_f64()
}

fn main() -> ExitCode {
    let Some(options) = Options::parse(std::env::args().skip(1)) else {
        eprintln!("{USAGE}");
        return ExitCode::from(2);
    };
    let mut dump = Vec::new();
    let read = std::io::stdin().read_to_end(&mut dump);
    let Some(messages) = read.ok().and_then(|_| read_messages(&dump)) else {
        eprintln!("codec: standard input is not what load --dump prints");
        return ExitCode::FAILURE;
    };
    check(&options, &messages);

    let mut warm_up = Echo::new(&options, &messages);
    warm_up.run_until(cpu_seconds() + WARM_UP);
    let mut echo = Echo { done: 0, bytes_in: 0, bytes_out: 0, ..warm_up };
    let start = cpu_seconds();
    echo.run_until(start + options.seconds);
    let seconds = cpu_seconds() - start;

    let done = echo.done as f64;
    println!(
        "cpu_us={:.4} bytes_in={:.1} bytes_out={:.1}",
        seconds / done * 1e6,
        echo.bytes_in as f64 / done,
        echo.bytes_out as f64 / done
    );
    ExitCode::SUCCESS
}
