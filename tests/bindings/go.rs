//! What is generated of the binding for Go: the statuses, the option structs and their way into C, what comes out of C,
//! and calls that keep the error of a failure before the goroutine can move to another thread.

#[path = "go/calls.rs"]
mod calls;
#[path = "go/words.rs"]
mod words;

use std::fmt::Write;

use super::header::{Constant, Enum, Struct, Variable};
use super::table::{Code, Table};
use super::{File, Model};
use words::{Line, about, lines, lookup, of_event, pascal, translate, type_name};

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
const BY_HAND: &[&str] = &["hws_str", "hws_bytes", "hws_outgoing", "hws_allocator"];

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

pub fn files(model: &Model) -> Vec<File> {
    vec![
        ("go/status.go", statuses(&model.table)),
        ("go/types.go", types(model)),
        ("go/calls.go", calls::methods(model)),
        ("go/calls.h", calls::calls(&model.header)),
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
    go += "\t\"math\"\n\t\"strconv\"\n\t\"strings\"\n\t\"time\"\n\t\"unsafe\"\n)\n";
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
    go + VALUES
}

/// How texts, bytes and times cross.
const VALUES: &str = r#"
func (m *memory) text(s string) C.hws_str {
	if s == "" {
		return C.hws_str{}
	}
	text := C.CString(s)
	m.blocks = append(m.blocks, unsafe.Pointer(text))
	return C.hws_str{ptr: text, len: C.size_t(len(s))}
}

func fillText(s *string, c *C.hws_str, m *memory) { *c = m.text(*s) }

func readText(s *string, c *C.hws_str) {
	if c.len > 0 {
		*s = C.GoStringN(c.ptr, C.int(c.len))
	}
}

func (m *memory) bytes(b []byte) C.hws_bytes {
	text := m.text(string(b))
	return C.hws_bytes{ptr: (*C.uint8_t)(unsafe.Pointer(text.ptr)), len: text.len}
}

func readBytes(b *[]byte, c *C.hws_bytes) {
	if c.len > 0 {
		*b = append([]byte(nil), unsafe.Slice((*byte)(c.ptr), c.len)...)
	}
}

// first is where bytes begin that a call copies before it returns.
func first(b []byte) *C.uint8_t {
	if len(b) == 0 {
		return nil
	}
	return (*C.uint8_t)(&b[0])
}

// units is a time in milliseconds or seconds: what is more than none is one at least.
func units(d, unit time.Duration) int64 {
	switch {
	case d < 0:
		return -1
	case d > math.MaxInt32*unit:
		return math.MaxInt32
	}
	return int64((d + unit - 1) / unit)
}

func duration(n int64, unit time.Duration) time.Duration {
	if n < 0 {
		return Never
	}
	return time.Duration(n) * unit
}

// Headers are fields of HTTP in their order.
type Headers []Header

// Get is the value of the first field with this name, in any case, or "".
func (h Headers) Get(name string) string {
	for _, header := range h {
		if strings.EqualFold(header.Name, name) {
			return header.Value
		}
	}
	return ""
}
"#;

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
            Kind::Engine => writeln!(body, "\tif o.{name} != nil {{\n\t\tc.{field} = o.{name}.c()\n\t}}"),
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
