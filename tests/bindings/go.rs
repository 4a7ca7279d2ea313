//! What is generated of the binding for Go: the statuses, the option structs and their way into C, what comes out of C,
//! and calls that keep the error of a failure before the goroutine can move to another thread.

use std::fmt::Write;

use super::header::{Constant, Enum, Function, Header, Struct, Variable};
use super::table::{Code, Table};
use super::{File, Model};

const MADE: &str = "// Code generated from include/hawser.h and the status table by HAWSER_BLESS=1 cargo test --test bindings. DO NOT EDIT.";

/// What Go calls an enum. Two that share a field share a type.
const ENUMS: &[(&str, &str)] = &[
    ("hws_toggles", "Toggle"),
    ("hws_opcodes", "Opcode"),
    ("hws_states", "State"),
    ("hws_log_levels", "LogLevel"),
    ("hws_retries", "Retry"),
    ("hws_sides", "Side"),
    ("hws_send_flags", "SendFlags"),
    ("hws_event_flags", "EventFlags"),
    ("hws_matches", "Match"),
    ("hws_publish_flags", "SendFlags"),
    ("hws_slow_policies", "SlowPolicy"),
    ("hws_overflows", "Overflow"),
    ("hws_replays", "Replay"),
    ("hws_event_kinds", "EventKind"),
    ("hws_client_auths", "ClientAuth"),
    ("hws_tls_versions", "TLSVersion"),
];

/// What the library fills in. All other structs are passed to it, and those of a preset go both ways.
const HANDED_OUT: &[&str] =
    &["hws_error_info", "hws_handshake", "hws_event", "hws_stats", "hws_pool_counts", "hws_close_info"];
const BOTH_WAYS: &[&str] =
    &["hws_timers", "hws_limits", "hws_compression", "hws_reconnect", "hws_preset", "hws_header"];

/// What the binding has written by hand, or does not need.
const BY_HAND: &[&str] = &["hws_str", "hws_bytes", "hws_allocator"];

/// Fields with a name or type that no rule gives; empty is the rule's.
const FIELDS: &[(&str, &str, &str, &str)] = &[
    ("hws_error_info", "timeout_ms", "TimeLimit", ""), // Timeout is a method of net.Error
    ("hws_error_info", "operation", "", "operation"),
    ("hws_error_info", "opcode", "", "Opcode"),
    ("hws_error_info", "policy", "", "Overflow"),
    ("hws_error_info", "body_truncated", "", "bool"),
    ("hws_error_info", "header_value", "", "*string"),
    ("hws_handshake", "tls_resumed", "", "bool"),
    ("hws_stats", "peer_known", "", "bool"),
    ("hws_event", "flags", "", "EventFlags"),
    ("hws_event", "error", "Err", ""),
    ("hws_send_options", "flags", "", "SendFlags"),
    ("hws_publish_options", "flags", "", "SendFlags"),
    ("hws_tls", "min_version", "", "TLSVersion"),
];

/// What comments say of C, and how Go has it.
const PHRASES: &[(&str, &str)] = &[
    ("Deadlines in milliseconds:", "Deadlines:"),
    ("One event: 128 bytes with 64-bit pointers. hws_event_kinds says which", "One event. Its EventKind says which"),
    ("what was being done, see hws_operation_name", "what was being done: \"connect\""),
    ("ptr NULL: the header is missing; len 0: it is empty", "nil: the header is missing, or it is not about one"),
    ("; NULL if none was", "; nil if none was"),
    (" One of hws_event_kinds.", ""),
    ("one of hws_event_kinds", "what it tells"),
    ("HWS_ABI_VERSION, or 0 to skip the check", "of the header; 0 skips the check"),
    ("1 << hws_states", "1 << State"),
    ("hws_send_flags", "SendMore and its kin"),
    ("hws_event_flags", "FlagFin and its kin"),
    ("HWS_SEND_RAW, hws_publish_flags", "SendRaw, PublishLocal"),
    (
        "Makes an error that a binding has found this thread's last error, so that all bindings of all languages say it \
      alike, and returns its status.",
        "Makes an error of the program's own, which says it as the library does.",
    ),
    ("The HWS_ABI_VERSION that", "The version of the interface that"),
    ("1 if the library can do this, else 0:", "Whether the library can do this:"),
    ("How many milliseconds a loop", "How long a loop"),
    (" A pointer fits.", ""),
    ("where a connection stands: one of hws_states", "where a connection stands"),
    ("Where a connection stands: one of hws_states", "Where a connection stands"),
    ("(paused not 0)", "(paused)"),
    ("With reusable not 0", "If it is reusable"),
    ("if reusable is 0", "if it is not"),
    ("or {0}: that", "or \"\": that"),
    ("options, reached and skipped may be NULL", "options may be NULL"),
    ("or one that is-a it", "or one that is a kind of it"),
    (" Each struct is the caller's, with its struct_size set; NULL: not wanted.", ""),
    ("Where hws_preset_get writes.", "What hws_preset_get gives."),
    ("UINT64_MAX", "math.MaxUint64"),
    ("NULL", "nil"),
];

/// Functions whose names in Go no rule gives.
const FUNCTIONS: &[(&str, &str)] = &[
    ("hws_close", "Handle.CloseWith"), // Close is that of io.Closer
    ("hws_engine_new", "NewEngine"),
    ("hws_engine_free", "Engine.Close"),
    ("hws_error_raise", "NewError"),
    ("hws_listener_address", "Listener.Addr"),
    ("hws_pool_free", "Pool.Close"),
    ("hws_pool_new", "Engine.NewPool"),
    ("hws_preset_get", "GetPreset"),
    ("hws_topic_subscribers", "Engine.Subscribers"),
];

/// Functions that are wrapped by hand; hws_recv is not: polls of other goroutines would end what it lends.
const WRAPPED: &[&str] = &["hws_engine_new", "hws_engine_free", "hws_poll", "hws_recv"];

/// Words that Go writes in capitals.
const INITIALISMS: &[&str] = &[
    "abi", "alpn", "ca", "eof", "fd", "gid", "http", "io", "ok", "os", "pem", "pid", "rtt", "socks", "tls", "uid",
    "uri",
];

pub fn files(model: &Model) -> Vec<File> {
    vec![
        ("go/status.go", statuses(&model.table)),
        ("go/types.go", types(model)),
        ("go/calls.go", methods(model)),
        ("go/calls.h", calls(&model.header)),
    ]
}

// ---- statuses

fn statuses(table: &Table) -> String {
    let error = |code: &Code| format!("Err{}", pascal(code.name));
    let parents = |code: &Code| table.parents(code).into_iter().map(error).collect::<Vec<_>>();
    let width = table.0.iter().map(|code| error(code).len()).max().unwrap_or(0);

    let mut go = format!("{MADE}\n\npackage hawser\n\n");
    go += "// Every status. An error is also all that its comment says it is: errors.Is(err, ErrHandshake) holds for an\n";
    go += "// ErrInvalidOrigin, too.\nconst (\n";
    for code in &table.0 {
        let is_a = if code.parents.is_empty() { String::new() } else { format!("; is a {}", parents(code).join(", ")) };
        writeln!(go, "\t{:width$} Status = {:<4} // {}{is_a}", error(code), code.status, code.text).unwrap();
    }
    go += ")\n\n// statusRow is a line of the table of statuses.\ntype statusRow struct {\n";
    go += "\tstatus     Status\n\tname, text string\n\tparents    []Status\n}\n\nvar statuses = []statusRow{\n";
    for code in &table.0 {
        let parents = parents(code).join(", ");
        writeln!(go, "\t{{{}, {:?}, {:?}, []Status{{{parents}}}}},", error(code), code.name, code.text).unwrap();
    }
    go + STATUS
}

/// What the table is asked.
const STATUS: &str = r#"}

// A Status says what went wrong. It is an error, too.
type Status int32

func (s Status) row() *statusRow {
	for i := range statuses {
		if statuses[i].status == s {
			return &statuses[i]
		}
	}
	return &statusRow{s, "OK", "no error", nil}
}

// Name is that of C without its HWS_ERR_.
func (s Status) Name() string { return s.row().name }

// Parents are the statuses that it is a kind of, without theirs.
func (s Status) Parents() []Status { return s.row().parents }

func (s Status) Error() string { return "hawser: " + s.row().text }

// Is tells whether it is the target, or a kind of it.
func (s Status) Is(target error) bool {
	for _, parent := range s.Parents() {
		if parent.Is(target) {
			return true
		}
	}
	return s == target
}
"#;

// ---- enums

fn types(model: &Model) -> String {
    let mut go = format!("{MADE}\n\npackage hawser\n\n// #include \"calls.h\"\nimport \"C\"\n\nimport (\n");
    go += "\t\"strconv\"\n\t\"time\"\n)\n";
    let mut known = Vec::new();
    for one in &model.header.enums {
        let name = lookup(ENUMS, &one.name).expect("every enum has a name in Go");
        if !known.contains(&name) {
            write!(go, "\n{}type {name} uint32\n", about(name, &translate(model, &one.comment))).unwrap();
            known.push(name);
        }
        go += &constants(model, one, name);
        if !one.name.ends_with("_flags") {
            go += &stringer(one, name);
        }
    }
    for record in model.header.structs.iter().filter(|s| !s.is_handle() && !BY_HAND.contains(&s.name.as_str())) {
        let fields = fields(record);
        go += &structure(model, record, &fields);
        if !HANDED_OUT.contains(&record.name.as_str()) {
            go += &fill(record, &fields);
        }
        if HANDED_OUT.contains(&record.name.as_str()) || BOTH_WAYS.contains(&record.name.as_str()) {
            go += &read(record, &fields);
        }
    }
    go
}

fn constants(model: &Model, one: &Enum, name: &str) -> String {
    let line = |c: &Constant| Line {
        comment: translate(
            model,
            &if one.name == "hws_event_kinds" { of_event(model, &c.comment) } else { c.comment.clone() },
        ),
        name: pascal(c.name.trim_start_matches("HWS_")),
        rest: format!("{name} = {}", c.value),
    };
    format!("\nconst (\n{})\n", lines(one.constants.iter().map(line).collect()))
}

/// Constants print as C has them, without what they all begin with.
fn stringer(one: &Enum, name: &str) -> String {
    let names: Vec<_> = one.constants.iter().map(|c| c.name.trim_start_matches("HWS_")).collect();
    let first = names[0].split_inclusive('_').next().unwrap_or_default();
    let rest = |name: &str| name.strip_prefix(first).is_some_and(|rest| rest.starts_with(char::is_alphabetic));
    let common = if names.iter().all(|name| rest(name)) { first.len() } else { 0 };
    let value = name[..1].to_lowercase();
    let mut go = format!("\nfunc ({value} {name}) String() string {{\n\tswitch {value} {{\n");
    for constant in names {
        writeln!(go, "\tcase {}:\n\t\treturn {:?}", pascal(constant), &constant[common..]).unwrap();
    }
    write!(go, "\t}}\n\treturn \"{name}(\" + strconv.Itoa(int({value})) + \")\"\n}}\n").unwrap();
    go
}

// ---- structs

/// A field of a Go struct, and how it is one or two of C.
struct Field<'a> {
    c: &'a Variable,
    name: String,
    go: String,
    kind: Kind,
    /// The field of C that counts its elements.
    count: &'a str,
}

enum Kind {
    Number,
    Bool,
    Time(&'static str),
    Text,
    OptionalText,
    Operation,
    Bytes,
    Texts,
    Array,
    Pointer,
    Inline,
    Handle,
    Engine,
    CloseFrame,
}

fn fields(record: &Struct) -> Vec<Field<'_>> {
    let all: Vec<_> = record.used_fields().filter(|field| field.name != "present").collect();
    let count = |at: usize| all.get(at + 1).filter(|next| is_count(next)).map(|next| next.name.as_str());
    let fields = all.iter().enumerate().filter(|(_, c)| !is_count(c));
    fields.map(|(at, c)| field(record, c, count(at))).collect()
}

fn is_count(field: &Variable) -> bool {
    field.ctype.base == "size_t" && field.name.ends_with("_count")
}

fn field<'a>(record: &Struct, c: &'a Variable, count: Option<&'a str>) -> Field<'a> {
    let given = FIELDS.iter().find(|(of, name, ..)| *of == record.name && *name == c.name);
    let (unit, stem) = unit(c);
    let base = c.ctype.base.as_str();
    let (go, kind) = match given.map_or("", |(.., go)| go) {
        "operation" => ("string".into(), Kind::Operation),
        "*string" => ("*string".into(), Kind::OptionalText),
        "bool" => ("bool".into(), Kind::Bool),
        "" if unit.is_some() => ("time.Duration".into(), Kind::Time(unit.unwrap_or_default())),
        "" if count.is_some() && base == "hws_str" => ("[]string".into(), Kind::Texts),
        "" if count.is_some() && base == "hws_header" => ("Headers".into(), Kind::Array),
        "" if count.is_some() => (format!("[]{}", type_name(base)), Kind::Array),
        "" if c.ctype.pointers > 0 => (format!("*{}", type_name(base)), Kind::Pointer),
        "" => plain(c),
        go => (go.into(), Kind::Number),
    };
    let name = given.map(|(_, _, name, _)| *name).filter(|name| !name.is_empty());
    Field { c, name: name.map_or_else(|| pascal(stem), str::to_owned), go, kind, count: count.unwrap_or_default() }
}

/// The type of a field that is neither pointer nor time.
fn plain(c: &Variable) -> (String, Kind) {
    match c.ctype.base.as_str() {
        "hws_str" => ("string".into(), Kind::Text),
        "hws_bytes" => ("[]byte".into(), Kind::Bytes),
        "hws_close_info" => ("*CloseFrame".into(), Kind::CloseFrame),
        "hws_engine" => ("*Engine".into(), Kind::Engine),
        "hws_conn" | "hws_listener" | "hws_request" => (type_name(&c.ctype.base), Kind::Handle),
        "hws_status" => ("Status".into(), Kind::Number),
        "uint32_t" if one_of(c).is_some() => (one_of(c).unwrap_or_default().into(), Kind::Number),
        base if base.ends_with("int32_t") || base.ends_with("int64_t") => {
            (base.trim_end_matches("_t").into(), Kind::Number)
        }
        base => match lookup(ENUMS, &format!("{base}s")) {
            Some(name) => (name.into(), Kind::Number),
            None => (type_name(base), Kind::Inline),
        },
    }
}

/// The enum that a comment says a number is one of.
fn one_of(c: &Variable) -> Option<&'static str> {
    let (_, rest) = c.comment.split_once("one of ")?;
    lookup(ENUMS, rest.split(|c: char| !c.is_ascii_lowercase() && c != '_').next()?)
}

/// The unit of a time, and the name without it.
fn unit(c: &Variable) -> (Option<&'static str>, &str) {
    for (end, unit) in [("_ms", "time.Millisecond"), ("_us", "time.Microsecond"), ("_s", "time.Second")] {
        if let Some(stem) = c.name.strip_suffix(end) {
            return (Some(unit), stem);
        }
    }
    (None, &c.name)
}

fn structure(model: &Model, record: &Struct, fields: &[Field]) -> String {
    let name = type_name(&record.name);
    let line = |field: &Field| Line {
        comment: translate(model, &field.c.comment),
        name: field.name.clone(),
        rest: field.go.clone(),
    };
    let about = about(&name, &translate(model, &record.comment));
    format!("\n{about}type {name} struct {{\n{}}}\n", lines(fields.iter().map(line).collect()))
}

/// The way of options into C.
fn fill(record: &Struct, fields: &[Field]) -> String {
    let (go, c) = (type_name(&record.name), &record.name);
    let mut body = String::new();
    if record.is_versioned() {
        writeln!(body, "\tc.struct_size = C.uint32_t(C.sizeof_{c})").unwrap();
    }
    for Field { c, name, kind, count, .. } in fields {
        let (field, base) = (&c.name, &c.ctype.base);
        match kind {
            Kind::Number => writeln!(body, "\tc.{field} = C.{base}(o.{name})"),
            Kind::Time(unit) => writeln!(body, "\tc.{field} = C.{base}(units(o.{name}, {unit}))"),
            Kind::Text => writeln!(body, "\tc.{field} = m.text(o.{name})"),
            Kind::Bytes => writeln!(body, "\tc.{field} = m.bytes(o.{name})"),
            Kind::Texts => writeln!(body, "\tc.{field}, c.{count} = array(m, o.{name}, fillText)"),
            Kind::Array => {
                let element = type_name(base);
                writeln!(body, "\tc.{field}, c.{count} = array(m, o.{name}, (*{element}).fill)")
            }
            Kind::Pointer => writeln!(body, "\tc.{field} = pointer(m, o.{name}, (*{}).fill)", type_name(base)),
            Kind::Inline => writeln!(body, "\to.{name}.fill(&c.{field}, m)"),
            Kind::Handle => writeln!(body, "\tc.{field} = o.{name}.c()"),
            Kind::Engine => writeln!(body, "\tc.{field} = o.{name}.c()"),
            _ => panic!("{}.{} cannot be passed in", record.name, c.name),
        }
        .unwrap();
    }
    format!("\nfunc (o *{go}) fill(c *C.{c}, m *memory) {{\n{body}}}\n")
}

/// The way of what the library says out of C.
fn read(record: &Struct, fields: &[Field]) -> String {
    let (go, c) = (type_name(&record.name), &record.name);
    let mut body = String::new();
    for Field { c, name, go, kind, count } in fields {
        let (field, base) = (&c.name, &c.ctype.base);
        match kind {
            Kind::Number => writeln!(body, "\to.{name} = {go}(c.{field})"),
            Kind::Bool => writeln!(body, "\to.{name} = c.{field} != 0"),
            Kind::Time(unit) => writeln!(body, "\to.{name} = duration(int64(c.{field}), {unit})"),
            Kind::Text => writeln!(body, "\treadText(&o.{name}, &c.{field})"),
            Kind::OptionalText => {
                writeln!(body, "\tif c.{field}.ptr != nil {{\n\t\to.{name} = new(string)").unwrap();
                writeln!(body, "\t\treadText(o.{name}, &c.{field})\n\t}}")
            }
            Kind::Operation => {
                writeln!(
                    body,
                    "\tif c.{field} != 0 {{\n\t\to.{name} = C.GoString(C.hws_operation_name(c.{field}))\n\t}}"
                )
            }
            Kind::Bytes => writeln!(body, "\treadBytes(&o.{name}, &c.{field})"),
            Kind::Texts => writeln!(body, "\to.{name} = list(&c.{field}, c.{count}, readText)"),
            Kind::Array => writeln!(body, "\to.{name} = list(&c.{field}, c.{count}, (*{}).read)", type_name(base)),
            Kind::Pointer => writeln!(body, "\to.{name} = read(c.{field}, (*{}).read)", type_name(base)),
            Kind::Handle => writeln!(body, "\to.{name} = {go}{{uint64(c.{field}.id)}}"),
            Kind::CloseFrame => {
                writeln!(body, "\tif c.{field}.present != 0 {{\n\t\to.{name} = new(CloseFrame)").unwrap();
                writeln!(body, "\t\to.{name}.read(&c.{field})\n\t}}")
            }
            Kind::Inline | Kind::Engine => panic!("{}.{} is not handed out", record.name, c.name),
        }
        .unwrap();
    }
    format!("\nfunc (o *{go}) read(c *C.{c}) {{\n{body}}}\n")
}

// ---- calls

/// Functions that return the error with the status, so that both are of the same call on the same thread.
fn calls(header: &Header) -> String {
    let mut c = format!(
        "{MADE}\n\n#ifndef HAWSER_CALLS_H\n#define HAWSER_CALLS_H\n\n#include <hawser.h>\n#include <stdbool.h>\n\n"
    );
    c += "// How a call went: 0, or an error that hws_error_free must free.\n";
    c += "typedef struct outcome {\n    hws_status status;\n    hws_error error;\n} outcome;\n\n";
    c += "static inline outcome keep(hws_status status)\n{\n    outcome it = { status, { 0 } };\n";
    c += "    if (status != HWS_OK) (void)!hws_error_keep(hws_last_error(), &it.error);\n    return it;\n}\n\n";
    c += "static inline hws_str text(_GoString_ go)\n{\n    hws_str it = { _GoStringPtr(go), _GoStringLen(go) };\n    return it;\n}\n";
    for function in header.functions.iter().filter(|f| is_fallible(f)) {
        c += &call(function);
    }
    c + "\n#endif\n"
}

/// It may fail, and is not about errors themselves; and what it gives is not borrowed from under another goroutine's poll.
fn is_fallible(function: &Function) -> bool {
    let borrows = |p: &Variable| p.ctype.pointers == 2 && p.ctype.constant;
    let hooks = |p: &Variable| p.ctype.base.ends_with("_fn") || p.ctype.base == "hws_allocator";
    function.result.base == "hws_status"
        && (!["hws_error_", "hws_status_"].iter().any(|of| function.name.starts_with(of))
            || function.name == "hws_error_raise")
        && !function.parameters.iter().any(|p| borrows(p) || hooks(p))
}

fn call(function: &Function) -> String {
    let (mut parameters, mut arguments) = (Vec::new(), Vec::new());
    for Variable { name, ctype, .. } in &function.parameters {
        match (ctype.base.as_str(), ctype.pointers) {
            ("hws_str", 0) => {
                parameters.push(format!("_GoString_ {name}"));
                arguments.push(format!("text({name})"));
            }
            // Of a pointer to bytes Go knows that there are no pointers behind it.
            ("void", 1) => {
                parameters.push(format!("const uint8_t *{name}"));
                arguments.push(name.clone());
            }
            // Of other numbers of this type there is a unit in the name.
            ("int32_t", 0) if !name.ends_with("_ms") => {
                parameters.push(format!("bool {name}"));
                arguments.push(name.clone());
            }
            _ => {
                parameters.push(ctype.declare(name));
                arguments.push(name.clone());
            }
        }
    }
    let (name, parameters, arguments) = (&function.name, parameters.join(", "), arguments.join(", "));
    let call = name.trim_start_matches("hws_");
    format!("\nstatic inline outcome call_{call}({parameters})\n{{\n    return keep({name}({arguments}));\n}}\n")
}

// ---- methods

fn methods(model: &Model) -> String {
    let mut go = format!("{MADE}\n\npackage hawser\n\n// #include \"calls.h\"\nimport \"C\"\n\nimport \"time\"\n");
    for handle in
        model.header.structs.iter().filter(|s| s.is_handle() && !["hws_engine", "hws_error"].contains(&&*s.name))
    {
        let (name, c) = (type_name(&handle.name), &handle.name);
        let about = about(&name, &translate(model, &handle.comment));
        write!(go, "\n{about}type {name} struct{{ id uint64 }}\n\n").unwrap();
        let this = name[..1].to_lowercase();
        writeln!(go, "func ({this} {name}) c() C.{c} {{ return C.{c}{{id: C.uint64_t({this}.id)}} }}").unwrap();
    }
    go += "\nfunc (h Handle) fill(c *C.hws_conn, _ *memory) { *c = h.c() }\n";
    let wrapped = |f: &&Function| is_fallible(f) && !WRAPPED.contains(&f.name.as_str());
    model.header.functions.iter().filter(wrapped).for_each(|function| go += &method(model, function));
    let asked = |f: &&Function| ["hws_version", "hws_abi_version", "hws_has_feature"].contains(&f.name.as_str());
    model.header.functions.iter().filter(asked).for_each(|function| go += &question(model, function));
    go
}

/// A function that cannot fail: about the library as a whole.
fn question(model: &Model, function: &Function) -> String {
    let name = function_name(function);
    let about = of_function(model, &name, function);
    let (head, body) = match (function.parameters.is_empty(), function.result.pointers) {
        (true, 0) => ("() uint32", format!("\treturn uint32(C.{}())\n", function.name)),
        (true, _) => ("() string", format!("\treturn C.GoString(C.{}())\n", function.name)),
        (false, _) => ("(name string) bool", {
            format!("\tm := &memory{{}}\n\tdefer m.free()\n\treturn C.{}(m.text(name).ptr) != 0\n", function.name)
        }),
    };
    format!("\n{about}func {name}{head} {{\n{body}}}\n")
}

/// `Handle.Send` for hws_send, and for hws_conn_pause what follows the kind of the handle.
fn function_name(function: &Function) -> String {
    let stem = function.name.trim_start_matches("hws_");
    let receiver = function.parameters.first().filter(|p| p.ctype.pointers == 0 && p.ctype.base.starts_with("hws_"));
    match (lookup(FUNCTIONS, &function.name), receiver) {
        (Some(name), _) => name.into(),
        (None, None) => pascal(stem),
        (None, Some(of)) => {
            let kind = format!("{}_", of.ctype.base.trim_start_matches("hws_"));
            format!("{}.{}", type_name(&of.ctype.base), pascal(stem.strip_prefix(&kind).unwrap_or(stem)))
        }
    }
}

/// What a method is made of.
#[derive(Default)]
struct Method {
    parameters: Vec<String>,
    arguments: Vec<String>,
    /// What has to be there before the call.
    before: String,
    results: Vec<String>,
    /// What the results are after it.
    values: Vec<String>,
    uses_memory: bool,
}

fn method(model: &Model, function: &Function) -> String {
    let name = function_name(function);
    let (receiver, name) = name.split_once('.').map_or((None, name.as_str()), |(of, name)| (Some(of), name));
    let mut method = Method::default();
    let mut parameters = function.parameters.as_slice();
    let this = receiver.map_or(String::new(), |of| of[..1].to_lowercase());
    if receiver.is_some() {
        method.arguments.push(format!("{this}.c()"));
        parameters = &parameters[1..];
    }
    while let [parameter, rest @ ..] = parameters {
        let counted = matches!(rest.first(), Some(next) if next.ctype.base == "size_t");
        parameters = if counted { &rest[1..] } else { rest };
        if parameter.ctype.base == "char" {
            method.writes();
            parameters = &[];
        } else if parameter.ctype.base == "hws_preset" {
            method.presets();
        } else if parameter.ctype.pointers > 0 && !parameter.ctype.constant {
            method.gives(parameter);
        } else {
            method.takes(parameter, counted);
        }
    }
    let receiver =
        receiver.map_or(String::new(), |of| format!("({this} {}{of}) ", if of == "Engine" { "*" } else { "" }));
    let (head, tail) = method.results();
    let memory = if method.uses_memory { "\tm := &memory{}\n\tdefer m.free()\n" } else { "" };
    let call = format!("check(C.call_{}({}))", function.name.trim_start_matches("hws_"), method.arguments.join(", "));
    let body = match method.results.len() {
        0 => format!("\treturn {call}\n"),
        1 => format!("\terr := {call}\n\treturn {tail}, err\n"),
        _ => format!("\terr = {call}\n\treturn {tail}, err\n"),
    };
    let (about, before) = (of_function(model, name, function), &method.before);
    format!("\n{about}func {receiver}{name}({}) {head} {{\n{memory}{before}{body}}}\n", method.parameters.join(", "))
}

impl Method {
    fn takes(&mut self, parameter: &Variable, counted: bool) {
        let (unit, stem) = unit(parameter);
        let (name, base) = (camel(stem), parameter.ctype.base.as_str());
        let (go, argument) = match (base, parameter.ctype.pointers) {
            ("void", _) => ("[]byte".into(), format!("first({name}), C.size_t(len({name}))")),
            ("hws_conn", 1) if counted => {
                self.uses_memory = true;
                writeln!(self.before, "\tlist, count := array(m, {name}, (*Handle).fill)").unwrap();
                ("[]Handle".into(), "list, count".into())
            }
            (_, 1) => {
                self.uses_memory = true;
                let of = type_name(base);
                (format!("*{of}"), format!("pointer(m, {name}, (*{of}).fill)"))
            }
            ("hws_str", _) => ("string".into(), name.clone()),
            ("hws_conn", _) => ("Handle".into(), format!("{name}.c()")),
            ("ptrdiff_t", _) => ("uintptr".into(), format!("C.ptrdiff_t({name})")),
            ("int32_t", _) if unit.is_none() => ("bool".into(), format!("C.bool({name})")),
            _ => match unit {
                Some(unit) => ("time.Duration".into(), format!("C.{base}(units({name}, {unit}))")),
                None => (plain(parameter).0, format!("C.{base}({name})")),
            },
        };
        self.parameters.push(format!("{name} {go}"));
        self.arguments.push(argument);
    }

    fn gives(&mut self, parameter: &Variable) {
        let (unit, stem) = unit(parameter);
        let (name, base) = (camel(stem.trim_start_matches("out_")), parameter.ctype.base.as_str());
        let of = type_name(base);
        let (go, value) = match (base, unit, name.as_str()) {
            (_, Some(unit), _) => ("time.Duration".into(), format!("duration(int64({name}), {unit})")),
            (_, _, "state") => ("State".into(), format!("State({name})")),
            ("ptrdiff_t", ..) => ("uintptr".into(), format!("uintptr({name})")),
            ("hws_conn" | "hws_listener" | "hws_pool", ..) => (of.clone(), format!("{of}{{uint64({name}.id)}}")),
            ("hws_stats" | "hws_pool_counts", ..) => (of.clone(), format!("*read(&{name}, (*{of}).read)")),
            ("uint32_t", _, "count") => ("int".into(), "int(count)".into()),
            (_, _, "reached") => (name.clone(), format!("int({name}C)")),
            (_, _, "skipped") => (format!("{name} int"), format!("int({name}C)")),
            _ => (plain(parameter).0, format!("{}({name})", plain(parameter).0)),
        };
        let name = if go.starts_with(&name) { name + "C" } else { name };
        match base {
            "hws_stats" | "hws_pool_counts" => {
                writeln!(self.before, "\t{name} := C.{base}{{struct_size: C.uint32_t(C.sizeof_{base})}}").unwrap()
            }
            _ => writeln!(self.before, "\tvar {name} C.{base}").unwrap(),
        }
        self.results.push(go);
        self.values.push(value);
        self.arguments.push(format!("&{name}"));
    }

    /// A text, into a buffer: its capacity and how much is needed follow.
    fn writes(&mut self) {
        self.before += "\tvar buffer [256]C.char\n\tvar length C.size_t\n";
        self.arguments.push("&buffer[0], C.size_t(len(buffer)), &length".into());
        self.results.push("string".into());
        self.values.push("C.GoStringN(&buffer[0], C.int(length))".into());
    }

    /// All that a preset has.
    fn presets(&mut self) {
        self.uses_memory = true;
        self.before += "\twanted := &Preset{&Timers{}, &Limits{}, &Compression{}, &Reconnect{}}\n";
        self.before += "\tpreset := pointer(m, wanted, (*Preset).fill)\n";
        self.arguments.push("preset".into());
        self.results.push("*Preset".into());
        self.values.push("read(preset, (*Preset).read)".into());
    }

    /// As they are declared, and as they are returned.
    fn results(&self) -> (String, String) {
        match self.results.as_slice() {
            [] => ("error".into(), String::new()),
            [one] => (format!("({one}, error)"), self.values[0].clone()),
            more => (format!("({}, err error)", more.join(", ")), self.values.join(", ")),
        }
    }
}

/// The comment of a function without what is said of memory and threads, which is other in Go.
fn of_function(model: &Model, name: &str, function: &Function) -> String {
    let comment = function
        .parameters
        .iter()
        .filter(|p| p.name.contains('_'))
        .fold(function.comment.clone(), |text, p| text.replace(&p.name, &camel(unit(p).1)));
    let (text, rest) = comment.split_once("\n\nOwns:").unwrap_or((&comment, ""));
    let errors = rest.split_once("\nErrors: ").and_then(|(_, rest)| rest.split_once("\nThreads:"));
    let errors = errors.filter(|(errors, _)| !errors.starts_with("none"));
    let said = translate(model, text);
    let noun = ["Whether", "How", "What", "Where", "The", "Counters", "From", "With", "A"];
    let colon = if noun.contains(&said.split(' ').next().unwrap_or_default()) { ":" } else { "" };
    let said = comment_lines("", &format!("{name}{colon} {}{}", said[..1].to_lowercase(), &said[1..]));
    let errors = errors.map_or(String::new(), |(errors, _)| {
        format!("//\n{}", comment_lines("", &format!("Errors: {}", translate(model, &all_statuses(model, errors)))))
    });
    said + &errors
}

/// Where errors are listed each word in capitals is a status.
fn all_statuses(model: &Model, errors: &str) -> String {
    let word =
        |word: &str| match model.table.0.iter().find(|code| code.name == word.trim_end_matches([',', ';', '.', ':'])) {
            Some(_) => format!("HWS_ERR_{word}"),
            None => word.to_owned(),
        };
    errors.lines().map(|line| line.split(' ').map(word).collect::<Vec<_>>().join(" ")).collect::<Vec<_>>().join("\n")
}

// ---- names

fn lookup(table: &'static [(&str, &str)], name: &str) -> Option<&'static str> {
    table.iter().find(|(c, _)| *c == name).map(|(_, go)| *go)
}

/// `tls_alert` and `TLS_1_2` as `TLSAlert` and `TLS12`.
fn pascal(name: &str) -> String {
    let word = |word: &str| match word.to_lowercase() {
        word if INITIALISMS.contains(&word.as_str()) => word.to_uppercase(),
        word => word[..1].to_uppercase() + &word[1..],
    };
    name.split('_').filter(|part| !part.is_empty()).map(word).collect()
}

/// `after_token` as `afterToken`.
fn camel(name: &str) -> String {
    match name.split_once('_') {
        Some((first, rest)) => first.to_owned() + &pascal(rest),
        None => name.to_owned(),
    }
}

fn type_name(c: &str) -> String {
    match c {
        "hws_error_info" => "Error".into(),
        "hws_conn" => "Handle".into(),
        "hws_close_info" => "CloseFrame".into(),
        _ => pascal(c.trim_start_matches("hws_")),
    }
}

// ---- comments and layout

/// A comment of the header in the words of Go, with one line for each paragraph.
fn translate(model: &Model, comment: &str) -> String {
    let paragraphs = comment.split("\n\n").map(|paragraph| paragraph.replace('\n', " "));
    let comment = paragraphs.collect::<Vec<_>>().join("\n\n");
    let comment = PHRASES.iter().fold(comment.to_owned(), |text, (c, go)| text.replace(c, go));
    let (mut go, mut rest) = (String::new(), comment.as_str());
    let is_word = |c: char| c.is_ascii_alphanumeric() || c == '_';
    while let Some(start) = rest.find(is_word) {
        let end = rest[start..].find(|c| !is_word(c)).map_or(rest.len(), |end| start + end);
        go += &rest[..start];
        let is_quoted = go.matches('"').count() % 2 == 1;
        let before = start == 1 && go.ends_with('.') && !go.ends_with("..");
        let after = rest[end..].strip_prefix('.').is_some_and(|after| after.starts_with(is_word));
        let one = &rest[start..end];
        go += &if is_quoted { one.to_owned() } else { word(model, one, before || after) };
        rest = &rest[end..];
    }
    (go + rest).replace(" a Err", " an Err").replace(" a Event", " an Event")
}

/// What comments on kinds of events begin with, the fields that have a meaning.
fn of_event(model: &Model, comment: &str) -> String {
    let Some((list, rest)) = comment.split_once(':') else { return comment.to_owned() };
    let all = fields(model.header.get("hws_event"));
    let word = |word: &str| match all.iter().find(|field| field.c.name == word.trim_end_matches(',')) {
        Some(field) => word.replace(&field.c.name, &field.name),
        None => word.to_owned(),
    };
    format!("{}:{rest}", list.split(' ').map(word).collect::<Vec<_>>().join(" "))
}

/// A word of a comment; is_part: of several with dots between them.
fn word(model: &Model, word: &str, is_part: bool) -> String {
    let described = |s: &&Struct| !s.is_handle() && !BY_HAND.contains(&s.name.as_str());
    let field = |s: &Struct| fields(s).into_iter().find(|field| field.c.name == word).map(|field| field.name);
    let event = |c: &Constant| c.name.strip_prefix("HWS_EVENT_") == Some(word);
    if let Some(status) = word.strip_prefix("HWS_ERR_") {
        format!("Err{}", pascal(status))
    } else if let Some(constant) = word.strip_prefix("HWS_") {
        pascal(constant)
    } else if let Some(function) = model.header.functions.iter().find(|function| function.name == word) {
        function_name(function)
    } else if let Some(name) = lookup(ENUMS, word) {
        name.to_owned()
    } else if word.starts_with("hws_") {
        type_name(word)
    } else if model.header.enums.iter().any(|one| one.constants.iter().any(event)) {
        format!("Event{}", pascal(word))
    } else if model.table.0.iter().any(|code| code.name == word) && (word.contains('_') || word == "SUBPROTOCOL") {
        format!("Err{}", pascal(word))
    } else if is_part || word.contains('_') {
        model.header.structs.iter().filter(described).find_map(field).unwrap_or_else(|| word.to_owned())
    } else {
        word.to_owned()
    }
}

/// The comment of a type, which begins with its name.
fn about(name: &str, comment: &str) -> String {
    comment_lines("", &format!("{name}: {}{}", comment[..1].to_lowercase(), &comment[1..]))
}

fn comment_lines(indent: &str, comment: &str) -> String {
    let mut go = String::new();
    for paragraph in comment.lines() {
        let mut line = String::new();
        for word in paragraph.split(' ') {
            if !line.is_empty() && 4 * indent.len() + 3 + line.len() + 1 + word.len() > 120 {
                writeln!(go, "{indent}// {line}").unwrap();
                line.clear();
            }
            line = if line.is_empty() { word.to_owned() } else { format!("{line} {word}") };
        }
        writeln!(go, "{}", format!("{indent}// {line}").trim_end()).unwrap();
    }
    go
}

/// A member of a block.
struct Line {
    comment: String,
    name: String,
    rest: String,
}

/// As gofmt has them: blank lines before comments, and between those one column.
fn lines(lines: Vec<Line>) -> String {
    let mut go = String::new();
    for (at, line) in lines.iter().enumerate() {
        let first = (0..=at).rev().find(|&i| !lines[i].comment.is_empty()).unwrap_or(0);
        let end = (at + 1..lines.len()).find(|&i| !lines[i].comment.is_empty()).unwrap_or(lines.len());
        let width = lines[first..end].iter().map(|line| line.name.len()).max().unwrap_or(0);
        if at > 0 && !line.comment.is_empty() {
            go += "\n";
        }
        go += &comment_lines("\t", &line.comment);
        writeln!(go, "\t{:width$} {}", line.name, line.rest).unwrap();
    }
    go
}
