//! What is generated of the binding for Python: the header for cffi, constants, options and results as types, exceptions.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use super::header::{Function, Header, Struct, Variable};
use super::table::{Code, camel};
use super::{File, MADE, Model};

pub fn files(model: &Model) -> Vec<File> {
    vec![
        ("python/hawser/_cdef.py", cdef(model)),
        ("python/hawser/types.py", types(&model.header)),
        ("python/hawser/exceptions.py", exceptions(model)),
        ("python/hawser/handles.py", handles(&model.header)),
    ]
}

// ---- _cdef.py

fn cdef(model: &Model) -> String {
    let header = &model.header;
    let mut out = format!("# {MADE}\n\"\"\"include/hawser.h as cffi reads it.\"\"\"\n\n");
    let abi = header.numbers.iter().find(|(name, _)| name == "HWS_ABI_VERSION").expect("the header has it").1;
    let _ = write!(out, "VERSION = \"{}\"\nABI_VERSION = {abi}\n\nCDEF = \"\"\"\n", model.version);
    out + &header.declarations() + "\"\"\"\n"
}

// ---- types.py

/// Structs that are passed in, with what their classes are called.
const OPTIONS: &[&str] = &[
    "hws_engine_options",
    "hws_timers",
    "hws_limits",
    "hws_compression",
    "hws_reconnect",
    "hws_certificate",
    "hws_tls",
    "hws_socket",
    "hws_heartbeat",
    "hws_client_options",
    "hws_response",
    "hws_route",
    "hws_server_options",
    "hws_drain",
    "hws_reconnect_options",
    "hws_pool_options",
    "hws_accept_options",
    "hws_send_options",
    "hws_publish_options",
];

/// Structs that are handed out.
const RESULTS: &[&str] = &["hws_handshake", "hws_stats", "hws_pool_counts", "hws_event"];

fn types(header: &Header) -> String {
    let mut out =
        format!("# {MADE}\n\"\"\"The constants, options and results of hawser, as include/hawser.h has them.\"\"\"\n");
    out.push_str("\nfrom __future__ import annotations\n\nfrom dataclasses import dataclass, field\nfrom enum import IntEnum, IntFlag\n");
    out.push_str("from typing import TYPE_CHECKING, Mapping, Sequence, TypedDict, Union\n\n");
    out.push_str(
        "if TYPE_CHECKING:\n    from .exceptions import WebSocketException\n    from .handles import Connection, EngineHandle, Listener, Request\n\n",
    );
    out.push_str("HeadersLike = Union[Mapping[str, str], Sequence[\"tuple[str, str]\"]]\n");
    for one in &header.enums {
        let (class, constants) = enumeration(one);
        let base = if one.name.ends_with("_flags") { "IntFlag" } else { "IntEnum" };
        let _ = write!(out, "\n\nclass {class}({base}):\n    \"\"\"{}\"\"\"\n\n", sentence(&one.comment));
        for (constant, name) in one.constants.iter().zip(constants) {
            comment(&mut out, &constant.comment);
            let _ = writeln!(out, "    {name} = {}", constant.value);
        }
    }
    for name in OPTIONS {
        let record = header.get(name);
        let _ = write!(
            out,
            "\n\nclass {}(TypedDict, total=False):\n    \"\"\"{}\"\"\"\n\n",
            class(name),
            sentence(&record.comment)
        );
        for one in members(record) {
            comment(&mut out, &one.comment);
            let kind = listed(header, one).map_or_else(|| passed_in(record, one), |class| format!("{class} | str"));
            let _ = writeln!(out, "    {}: {kind}", legal(&one.name));
        }
    }
    for name in RESULTS {
        let record = header.get(name);
        let _ =
            write!(out, "\n\n@dataclass\nclass {}:\n    \"\"\"{}\"\"\"\n\n", class(name), sentence(&record.comment));
        for one in members(record) {
            comment(&mut out, &one.comment);
            let (kind, default) = handed_out(record, one);
            let _ = writeln!(out, "    {}: {kind} = {default}", one.name);
        }
    }
    out + &words(header) + &counts(header) + &names(header)
}

/// The enumeration that lists the values of an option, if its comment says so.
fn listed(header: &Header, option: &Variable) -> Option<String> {
    let (_, rest) = option.comment.split_once("one of hws_")?;
    let word = rest.split(|c: char| !c.is_ascii_lowercase() && c != '_').next()?;
    let one = header.enums.iter().find(|one| one.name == format!("hws_{word}"))?;
    Some(enumeration(one).0)
}

/// Which options may be words, and of which enumeration.
fn words(header: &Header) -> String {
    let mut out = String::from("\n\n# Options that may be words, such as \"drop_oldest\".\nWORDS = {\n");
    let options = OPTIONS.iter().flat_map(|name| header.get(name).used_fields());
    let words: BTreeMap<_, _> = options.filter_map(|one| Some((&one.name, listed(header, one)?))).collect();
    for (name, class) in words {
        let _ = writeln!(out, "    \"{name}\": {class},");
    }
    out + "}\n"
}

/// Which options are lists, and what says how long they are. A name is a list wherever it is an option.
fn counts(header: &Header) -> String {
    let mut counts = BTreeMap::new();
    for record in OPTIONS.iter().map(|name| header.get(name)) {
        for field in members(record) {
            let before = counts.insert(&field.name, count(record, field));
            assert!(before.is_none_or(|before| before == count(record, field)), "{}.{}", record.name, field.name);
        }
    }
    let mut out = String::from("\n# Options that are lists, with the fields that say how long they are.\nCOUNTS = {\n");
    for (name, count) in counts.into_iter().filter_map(|(name, count)| Some((name, count?))) {
        let _ = writeln!(out, "    \"{name}\": \"{count}\",");
    }
    out + "}\n"
}

/// What websockets calls options, of which structs, and what they are here; times are in seconds there.
const NAMES: &[(&str, &str, &str)] = &[
    ("additional_headers", "hws_client_options", "headers"),
    ("user_agent_header", "hws_client_options", "user_agent"),
    ("server_header", "hws_server_options", "server"),
    ("open_timeout", "hws_timers", "open_ms"),
    ("close_timeout", "hws_timers", "close_ms"),
    ("ping_interval", "hws_timers", "ping_interval_ms"),
    ("ping_timeout", "hws_timers", "ping_timeout_ms"),
];

fn names(header: &Header) -> String {
    let mut out = String::new();
    for (table, what, is_time) in [("NAMES", "options", false), ("SECONDS", "timers, which are in seconds there", true)]
    {
        let _ = write!(out, "\n# What websockets calls {what}.\n{table} = {{\n");
        for (theirs, record, ours) in NAMES.iter().filter(|(_, record, _)| (*record == "hws_timers") == is_time) {
            assert!(header.get(record).used_fields().any(|field| field.name == *ours), "{record} has no {ours}");
            let _ = writeln!(out, "    \"{theirs}\": \"{ours}\",");
        }
        out += "}\n";
    }
    out
}

/// Its name in Python, and those of its constants: `HWS_EVENT_PING` of `hws_event_kinds` is `EventKind.PING`.
fn enumeration(one: &super::header::Enum) -> (String, Vec<String>) {
    let class = camel(one.name.trim_start_matches("hws_"));
    let class = match class.as_str() {
        "SlowPolicies" => "SlowPolicy".to_owned(),
        "Matches" => "Match".to_owned(),
        "Retries" => "Retry".to_owned(),
        _ => class
            .strip_suffix("Flags")
            .map_or_else(|| class.trim_end_matches('s').to_owned(), |stem| stem.to_owned() + "Flags"),
    };
    let names: Vec<_> = one.constants.iter().map(|constant| constant.name.as_str()).collect();
    // What all have in common, up to an underscore; one alone keeps its last word.
    let common = (0..names[0].len())
        .rev()
        .find(|at| names[0].as_bytes()[*at] == b'_' && names.iter().all(|name| name.starts_with(&names[0][..=*at])));
    let cut = common.map_or(0, |at| at + 1);
    let legal =
        |name: &str| if name.starts_with(|c: char| c.is_ascii_digit()) { format!("V{name}") } else { name.to_owned() };
    (class, names.iter().map(|name| legal(&name[cut..])).collect())
}

/// `hws_client_options` as `ClientOptions`.
fn class(name: &str) -> String {
    camel(name.trim_start_matches("hws_"))
}

/// The fields that mean something in Python: how many there are of something, a list knows itself.
fn members(record: &Struct) -> impl Iterator<Item = &Variable> {
    record.used_fields().filter(|field| !field.name.ends_with("_count") || field.ctype.base != "size_t")
}

/// The field behind a list, which says how many there are.
fn count<'a>(record: &'a Struct, list: &Variable) -> Option<&'a str> {
    let at = record.fields.iter().position(|one| one.name == list.name).expect("a field of the struct");
    let next = record.fields.get(at + 1).filter(|next| next.name.ends_with("_count"))?;
    (list.ctype.pointers == 1).then_some(&next.name)
}

fn is_list(record: &Struct, field: &Variable) -> bool {
    count(record, field).is_some()
}

fn passed_in(record: &Struct, field: &Variable) -> String {
    let list = is_list(record, field);
    match field.ctype.base.as_str() {
        "hws_str" if list => "Sequence[str]".to_owned(),
        "hws_header" => "HeadersLike".to_owned(),
        "hws_str" => "str".to_owned(),
        "hws_bytes" => "bytes".to_owned(),
        "hws_toggle" => "bool".to_owned(),
        "hws_engine" | "hws_conn" => handle_class(&field.ctype.base).to_owned(),
        name if name.starts_with("hws_") && field.ctype.pointers == 0 && !name.starts_with("hws_certificate") => {
            "int".to_owned()
        }
        name if name.starts_with("hws_") && list => format!("Sequence[{}]", class(name)),
        name if name.starts_with("hws_") => class(name),
        _ => "int".to_owned(),
    }
}

/// Its type in Python, and what it is where it has no meaning.
fn handed_out(record: &Struct, field: &Variable) -> (String, &'static str) {
    let list = is_list(record, field);
    let (kind, default) = match field.ctype.base.as_str() {
        "hws_str" if list => ("list[str]", "field(default_factory=list)"),
        "hws_header" => ("list[tuple[str, str]]", "field(default_factory=list)"),
        "hws_str" => ("str | None", "None"),
        "hws_bytes" if record.name == "hws_event" => ("str | bytes", "b\"\""),
        "hws_bytes" => ("bytes", "b\"\""),
        "hws_error_info" => ("WebSocketException | None", "None"),
        "hws_handshake" => ("Handshake | None", "None"),
        "hws_event_kind" => ("EventKind", "EventKind.NONE"),
        base if HANDLES.iter().any(|(name, ..)| *name == base) => {
            return (format!("{} | None", handle_class(base)), "None");
        }
        _ if field.name == "flags" => ("EventFlags", "EventFlags(0)"),
        _ => ("int", "0"),
    };
    (kind.to_owned(), default)
}

/// How it is read from the struct c.
fn reading(record: &Struct, field: &Variable) -> String {
    let name = &field.name;
    let count = format!("{}_count", name.strip_suffix("s").unwrap_or(name));
    match (name.as_str(), field.ctype.base.as_str()) {
        ("subprotocols_offered", _) => {
            "[string(c.subprotocols_offered[at]) or \"\" for at in range(c.subprotocol_count)]".to_owned()
        }
        (_, "hws_header") => format!("[header(c.{name}[at]) for at in range(c.{count})]"),
        ("operation", _) => {
            "ffi.string(lib.hws_operation_name(c.operation)).decode() if c.operation else None".to_owned()
        }
        ("rcvd_then_sent", _) => "None if c.rcvd_then_sent < 0 else bool(c.rcvd_then_sent)".to_owned(),
        ("conn", _) if record.name == "hws_error_info" => String::new(),
        ("flags", _) => "EventFlags(c.flags)".to_owned(),
        ("data", _) => {
            let text = "c.opcode == Opcode.TEXT and c.kind != EventKind.FRAGMENT"; // as a whole
            format!("octets(c.data).decode() if {text} else octets(c.data)")
        }
        (_, "hws_str") => format!("string(c.{name})"),
        (_, "hws_bytes") => format!("octets(c.{name})"),
        (_, "hws_close_info") => format!("close(c.{name})"),
        (_, "hws_error_info") => format!("error(c.{name})"),
        (_, "hws_handshake") => format!("handshake(c.{name}) if c.{name} else None"),
        (_, "hws_event_kind") => format!("EventKind(c.{name})"),
        (_, base) if HANDLES.iter().any(|(handle, ..)| *handle == base) => {
            format!("{}(c.{name}) if c.{name}.id else None", handle_class(base))
        }
        _ if attribute(field).0 == "int | None" => format!("None if c.{name} < 0 else c.{name}"),
        _ => format!("c.{name}"),
    }
}

// ---- exceptions.py

/// What exceptions are besides, as users of Python's own sockets expect.
const BESIDES: &[(&str, &str)] = &[
    ("INVALID_ARGUMENT", "ValueError"),
    ("INVALID_STATE", "AssertionError"),
    ("CONCURRENCY", "RuntimeError"),
    ("INVALID_URI", "ValueError"),
    ("NETWORK", "OSError"),
    ("CONNECTION_REFUSED", "ConnectionRefusedError"),
    ("CONNECTION_RESET", "ConnectionResetError"),
    ("UNEXPECTED_EOF", "EOFError"),
    ("TIMEOUT", "builtins.TimeoutError"),
];

/// What websockets calls the fields, with their types.
const ALIASES: &[(&[&str], &str, &str, &str)] = &[
    (&["ERROR"], "msg", "str | None", "self.detail"),
    (&["CONNECTION_CLOSED"], "rcvd", "Close | None", "self.close_rcvd"),
    (&["CONNECTION_CLOSED"], "sent", "Close | None", "self.close_sent"),
    (&["CONNECTION_CLOSED"], "code", "int", "self.close_code"),
    (&["CONNECTION_CLOSED"], "reason", "str", "self.close_rcvd.reason if self.close_rcvd else \"\""),
    (
        &["INVALID_STATUS", "INVALID_PROXY_STATUS", "HANDSHAKE_ABORTED"],
        "response",
        "HttpResponse",
        "HttpResponse(self.http_status, self.http_reason or \"\", self.headers, self.body)",
    ),
    (&["INVALID_HEADER"], "name", "str | None", "self.header_name"),
    (&["INVALID_HEADER"], "value", "str | None", "self.header_value"),
    (
        &["DUPLICATE_PARAMETER", "INVALID_PARAMETER_NAME", "INVALID_PARAMETER_VALUE"],
        "name",
        "str | None",
        "self.parameter_name",
    ),
    (&["INVALID_PARAMETER_VALUE"], "value", "str | None", "self.parameter_value"),
    (&["PAYLOAD_TOO_BIG"], "cur_size", "int | None", "self.current_size"),
];

const TOP: &str = r#"
"""The exceptions of hawser: a class for each code, below all of its parents.

Names and attributes are those of websockets, where that has them.
"""

from __future__ import annotations

import builtins
from typing import NamedTuple, Sequence


class Close(NamedTuple):
    """A Close frame; the code is 1005 when it had none."""

    code: int
    reason: str = ""


class HttpResponse(NamedTuple):
    """What a server, or a proxy, answered instead of opening a WebSocket."""

    status_code: int
    reason_phrase: str
    headers: Sequence[tuple[str, str]]
    body: bytes


class WebSocketException(Exception):
    """Something failed: every exception of hawser is one.

    What led to it is its __cause__. Attributes that do not apply are None, 0 or empty.
    """

    status: int = -1
    status_name: str = "ERROR"
"#;

fn exceptions(model: &Model) -> String {
    let table = &model.table;
    let mut out = format!("# {MADE}{TOP}");
    for one in members(model.header.get("hws_error_info")) {
        if !["status", "conn", "cause"].contains(&one.name.as_str()) {
            comment(&mut out, &one.comment);
            let (kind, default) = attribute(one);
            let _ = writeln!(out, "    {}: {kind} = {default}", one.name);
        }
    }
    aliases(&mut out, "ERROR");
    for code in table.parents_first().into_iter().filter(|code| code.name != "ERROR") {
        let mut bases: Vec<String> =
            table.nearest_parents(code).iter().map(|parent| parent.exception.clone()).collect();
        for (_, besides) in BESIDES.iter().filter(|(name, _)| *name == code.name) {
            bases.push((*besides).to_owned());
        }
        let _ = write!(
            out,
            "\n\nclass {}({}):\n    \"\"\"{}\"\"\"\n\n",
            code.exception,
            bases.join(", "),
            sentence(code.text)
        );
        let _ = writeln!(out, "    status = {}\n    status_name = \"{}\"", code.status, code.name);
        aliases(&mut out, code.name);
    }
    out.push_str("\n\nBY_STATUS: dict[int, type[WebSocketException]] = {\n");
    for Code { status, exception, .. } in &table.0 {
        let _ = writeln!(out, "    {status}: {exception},");
    }
    out.push_str("}\n\n__all__ = [\n");
    for Code { exception, .. } in &table.0 {
        let _ = writeln!(out, "    \"{exception}\",");
    }
    out.push_str("]\n");
    out
}

fn aliases(out: &mut String, code: &str) {
    for (_, name, kind, value) in ALIASES.iter().filter(|(codes, ..)| codes.contains(&code)) {
        let _ = write!(out, "\n    @property\n    def {name}(self) -> {kind}:\n        return {value}\n");
    }
}

/// The type of a field of hws_error_info, and what it is where it has no meaning.
fn attribute(field: &Variable) -> (&'static str, &'static str) {
    match (field.name.as_str(), field.ctype.base.as_str()) {
        ("operation", _) => ("str | None", "None"),
        ("headers", _) => ("Sequence[tuple[str, str]]", "()"),
        (_, "hws_str") => ("str | None", "None"),
        (_, "hws_bytes") => ("bytes", "b\"\""),
        (_, "hws_close_info") => ("Close | None", "None"),
        ("rcvd_then_sent", _) => ("bool | None", "None"),
        ("timeout_ms" | "position" | "size" | "max_size" | "current_size", _) => ("int | None", "None"),
        _ => ("int", "0"),
    }
}

// ---- handles.py

/// The kinds of handles that have methods, with their classes and what the names of their functions begin with.
const HANDLES: &[(&str, &str, &[&str])] = &[
    ("hws_conn", "Connection", &["hws_conn_", "hws_"]),
    ("hws_request", "Request", &["hws_request_"]),
    ("hws_listener", "Listener", &["hws_listener_"]),
    ("hws_pool", "Pool", &["hws_pool_"]),
    ("hws_engine", "EngineHandle", &["hws_engine_", "hws_"]),
];

/// Functions that are no methods of handles: what they lend ends with the next poll, or they need more than is known here.
const BY_HAND: &[&str] = &[
    "hws_conn_error",
    "hws_conn_handshake",
    "hws_conn_user",
    "hws_conn_set_user",
    "hws_engine_free",
    "hws_engine_on_wake",
    "hws_poll",
    "hws_recv",
];

const HANDLES_TOP: &str = r#"
"""What the library hands out: handles, whose methods are the functions of include/hawser.h, and structs, copied.

A handle is a value that never dangles: methods of one that is stale raise InvalidHandle. Options are the fields of a
struct, see ``types``. No method waits.
"""

from __future__ import annotations

from itertools import repeat, starmap
from typing import TYPE_CHECKING, Any, Unpack

from ._library import NULL, Data, ffi, lent, lib, octets, string, struct
from .exceptions import BY_STATUS, Close, WebSocketException
from .types import Event, EventFlags, EventKind, Handshake, Opcode, PoolCounts, Stats

if TYPE_CHECKING:
    from . import types


HWS_ERROR = ffi.typeof("hws_error *")
LAST_ERRORS = starmap(lib.hws_last_error, repeat(()))  # that of whoever asks, for ever


def call(function: Any, *arguments: Any) -> None:
    """Calls a function of the library and raises what fails.

    The error is kept before any Python may run on this thread: finalizers and handlers of signals may call the library, too,
    and fail. Hence the iterators, which are C, and allocate nothing that the garbage collector would come for.
    """
    kept = ffi.new(HWS_ERROR)
    keep = starmap(lib.hws_error_keep, zip(LAST_ERRORS, (kept,)))
    failed: Any = filter(None, starmap(function, (arguments,)))
    for status, unkept in zip(failed, keep):
        raise failure(status) if unkept else taken(kept[0])


def taken(kept: Any) -> WebSocketException:
    """A kept error, which is freed."""
    info = ffi.new("hws_error_info **")
    try:
        lib.hws_error_get(kept, info)
        return error(info[0]) or WebSocketException()
    finally:
        lib.hws_error_free(kept)


def failure(status: int) -> WebSocketException:
    """An error of which no more is known: there was no memory to keep it in."""
    made = BY_STATUS.get(status, WebSocketException)(ffi.string(lib.hws_status_text(status)).decode())
    made.message = made.args[0]
    return made


def close(c: Any) -> Close | None:
    return Close(c.code, string(c.reason) or "") if c.present else None


def header(c: Any) -> tuple[str, str]:
    return string(c.name) or "", string(c.value) or ""


class Handle:
    """A number that stands for an object of the library."""

    __slots__ = ("handle",)

    def __init__(self, handle: Any) -> None:
        self.handle: tuple[int] = (handle.id,)  # copied, as cffi takes a struct

    @property
    def id(self) -> int:
        return self.handle[0]

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Handle) and self.id == other.id

    def __hash__(self) -> int:
        return hash(self.id)

    def __repr__(self) -> str:
        return f"<hawser {type(self).__name__} {self.id:#x}>"
"#;

const READ_ERROR: &str = r#"

def error(c: Any) -> WebSocketException | None:
    """An hws_error_info as an exception; its causes are the chain of __cause__."""
    if c == NULL or c.status == 0:
        return None
    status = c.status
    while status not in BY_STATUS:  # of a newer library
        status = lib.hws_status_parent(status, 0) or -1
    made = BY_STATUS[status](string(c.message))
    made.__cause__ = error(c.cause)
    if isinstance(made, OSError) and c.os_error:
        made.errno = c.os_error
"#;

fn handle_class(base: &str) -> &'static str {
    HANDLES.iter().find(|(name, ..)| *name == base).expect("a kind of handle").1
}

fn handles(header: &Header) -> String {
    let mut out = format!("# {MADE}{HANDLES_TOP}");
    for (base, class, prefixes) in HANDLES {
        let comment = sentence(&header.get(base).comment);
        let _ = write!(out, "\n\nclass {class}(Handle):\n    \"\"\"{comment}\"\"\"\n\n    __slots__ = ()\n");
        let is_method =
            |function: &&Function| function.parameters.first().is_some_and(|first| first.ctype.c() == *base);
        for function in header.functions.iter().filter(is_method).filter(|one| !BY_HAND.contains(&one.name.as_str())) {
            let name = prefixes.iter().find_map(|prefix| function.name.strip_prefix(prefix)).unwrap_or(&function.name);
            let name = match name {
                "pool_new" => "pool",
                other => other,
            };
            out.push_str(&method(name, function));
        }
    }
    out.push_str(READ_ERROR);
    let error = header.get("hws_error_info");
    for field in members(error).filter(|field| !["status", "conn", "cause"].contains(&field.name.as_str())) {
        let _ = writeln!(out, "    made.{} = {}", field.name, reading(error, field));
    }
    out.push_str("    return made\n");
    out.push_str(&preset(header.get("hws_preset")));
    for name in RESULTS {
        let record = header.get(name);
        let stem = name.trim_start_matches("hws_");
        let _ = write!(out, "\n\ndef {stem}(c: Any) -> {0}:\n    return {0}(\n", class(name));
        for field in members(record) {
            let _ = writeln!(out, "        {}={},", field.name, reading(record, field));
        }
        out.push_str("    )\n");
    }
    out
}

/// The options of a preset by its name, those that it sets, as a program would write them.
fn preset(record: &Struct) -> String {
    let mut out = String::from(
        "\n\ndef preset(name: str) -> dict[str, Any]:\n    \"\"\"Options that go together, \"realtime\", ",
    );
    out.push_str("\"dashboard\" or \"mobile\": ``connect(uri, **preset(\"mobile\"))``.\"\"\"\n    parts = {\n");
    for part in record.used_fields() {
        let _ = writeln!(out, "        \"{}\": struct(\"{}\", {{}}),", part.name, part.ctype.base);
    }
    out + PRESET
}

const PRESET: &str = r#"    }
    out = struct("hws_preset", {})
    for part, pointer in parts.items():
        setattr(out, part, pointer)
    call(lib.hws_preset_get, lent(name), out)
    return {
        part: {name: getattr(got, name) for name in dir(got) if name != "struct_size"} for part, got in parts.items()
    }
"#;

/// The parts of a method, put together parameter by parameter.
#[derive(Default)]
struct Method {
    /// What the caller gives: those without defaults, those with, and what stands last.
    given: Vec<String>,
    usual: Vec<String>,
    rest: Option<String>,
    before: Vec<String>,
    arguments: Vec<String>,
    result: Vec<(String, String)>,
}

fn method(name: &str, function: &Function) -> String {
    let mut parts = Method { arguments: vec!["self.handle".to_owned()], ..Method::default() };
    let options =
        function.parameters.iter().filter(|one| one.ctype.base.starts_with("hws_") && one.ctype.constant).count();
    for parameter in &function.parameters[1..] {
        parts.add(parameter, options);
    }
    let results: Vec<_> = parts.result.iter().map(|(_, kind)| kind.as_str()).collect();
    let kind = match results[..] {
        [] => "None".to_owned(),
        [one] => one.to_owned(),
        _ => format!("tuple[{}]", results.join(", ")),
    };
    let given =
        [vec!["self".to_owned()], parts.given, parts.usual, parts.rest.into_iter().collect()].concat().join(", ");
    let short = format!("    def {name}({given}) -> {kind}:");
    let long = format!("    def {name}(\n        {given}\n    ) -> {kind}:");
    let head = if short.len() <= 120 { short } else { long };
    let mut out = format!("\n{head}\n        \"\"\"{}\"\"\"\n", docstring(&function.comment));
    for line in parts.before {
        let _ = writeln!(out, "        {line}");
    }
    let _ = writeln!(out, "        call(lib.{}, {})", function.name, parts.arguments.join(", "));
    if !parts.result.is_empty() {
        let values: Vec<_> = parts.result.iter().map(|(value, _)| value.as_str()).collect();
        let _ = writeln!(out, "        return {}", values.join(", "));
    }
    out
}

impl Method {
    fn add(&mut self, parameter: &Variable, options: usize) {
        let (name, ctype) = (parameter.name.as_str(), &parameter.ctype);
        let stem = name.trim_start_matches("out_");
        match (ctype.base.as_str(), ctype.pointers, ctype.constant) {
            ("hws_str", 0, _) => {
                match name {
                    "topic" => self.given.push("topic: str".to_owned()),
                    _ => self.usual.push(format!("{name}: str = \"\"")),
                }
                self.arguments.push(format!("lent({name})"));
            }
            ("void", 1, true) => {
                self.given.push(format!("{name}: Data"));
                self.arguments.push(format!("*lent({name})"));
            }
            ("size_t", 0, _) => {} // of the buffer before it
            ("hws_opcode", 0, _) => {
                self.usual.push("opcode: int | None = None".to_owned());
                self.before.push("usual = Opcode.TEXT if isinstance(data, str) else Opcode.BINARY".to_owned());
                self.before.push("opcode_ = usual if opcode is None else opcode".to_owned());
                self.arguments.push("opcode_".to_owned());
            }
            ("char", 1, false) => {
                self.before.push(format!("{name} = ffi.new(\"char[]\", 512)"));
                self.arguments.push(format!("{name}, 512, NULL"));
                self.result.push((format!("str(ffi.string({name}), \"utf-8\")"), "str".to_owned()));
            }
            ("size_t", 1, false) => {} // how long the text is
            (base, 1, true) => {
                if options == 1 {
                    self.rest = Some(format!("**{name}: Unpack[types.{}]", class(base)));
                } else {
                    self.usual.push(format!("{name}: types.{} | None = None", class(base)));
                }
                self.before.push(format!("{name}_ = struct(\"{base}\", {name}) if {name} else NULL"));
                self.arguments.push(format!("{name}_"));
            }
            (base @ ("hws_stats" | "hws_pool_counts"), 1, false) => {
                self.before.push(format!("{stem}_ = struct(\"{base}\", {{}})"));
                self.arguments.push(format!("{stem}_"));
                self.result.push((format!("{}({stem}_)", base.trim_start_matches("hws_")), class(base)));
            }
            (base, 1, false) => {
                self.before.push(format!("{stem}_ = ffi.new(\"{base} *\")"));
                self.arguments.push(format!("{stem}_"));
                let is_handle = base.starts_with("hws_");
                let (value, kind) = if is_handle {
                    (format!("{}({stem}_[0])", handle_class(base)), handle_class(base))
                } else {
                    (format!("int({stem}_[0])"), "int")
                };
                self.result.push((value, kind.to_owned()));
            }
            (base, 0, _) if base.starts_with("hws_") && base != "hws_status" => {
                self.given.push(format!("{name}: {}", handle_class(base)));
                self.arguments.push(format!("{name}.handle"));
            }
            (_, 0, _) => {
                let usual = ["timeout_ms", "token", "after_token", "code"].contains(&name);
                let (list, default) = match name {
                    "reusable" | "paused" => (&mut self.usual, " = 1"),
                    _ if usual => (&mut self.usual, " = 0"),
                    _ => (&mut self.given, ""),
                };
                list.push(format!("{name}: int{default}"));
                self.arguments.push(name.to_owned());
            }
            _ => panic!("how does Python pass {}?", ctype.declare(name)),
        }
    }
}

/// What a function does and its errors.
fn docstring(comment: &str) -> String {
    let (what, rest) = comment.split_once("Owns:").expect("tests/header.rs has checked this");
    let (_, rest) = rest.split_once("Errors:").expect("likewise");
    let (errors, _) = rest.split_once("Threads:").expect("likewise");
    let text = format!("{}\n\nErrors:{}", what.trim(), errors.trim_end()).replace('\\', "\\\\");
    text.replace('\n', "\n        ").replace("\n        \n", "\n\n") + "\n        "
}

// ---- text

/// A keyword of Python gets an underscore.
fn legal(name: &str) -> String {
    if name == "except" { "except_".to_owned() } else { name.to_owned() }
}

/// As a docstring: a capital first, a full stop last; further lines indented.
fn sentence(text: &str) -> String {
    let text = text.replace('\\', "\\\\");
    let (first, rest) = text.split_at(1);
    let stop = if text.ends_with(['.', '"']) { "" } else { "." };
    let text = first.to_uppercase() + &rest.replace('\n', "\n    ").replace("\n    \n", "\n\n") + stop;
    if text.contains('\n') { text + "\n    " } else { text }
}

fn comment(out: &mut String, text: &str) {
    for line in text.lines() {
        let _ = writeln!(out, "    # {line}");
    }
}
