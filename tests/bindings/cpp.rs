//! What is generated of the binding for C++: enumerations, option structs with their way to C, views of what the library
//! hands out, and the classes of its errors.

use super::header::{Enum, Function, Header, Struct, Variable};
use super::table::{Table, camel};
use super::{File, MADE, Model};

/// Enums of the header by their names there and here, and what their constants begin with. Toggles are std::optional<bool>
/// and flags are bool, so they have no names.
const ENUMS: &[(&str, &str, &str)] = &[
    ("hws_opcodes", "Opcode", "HWS_"),
    ("hws_states", "State", "HWS_STATE_"),
    ("hws_log_levels", "LogLevel", "HWS_LOG_"),
    ("hws_retries", "Retry", "HWS_RETRY_"),
    ("hws_sides", "Side", "HWS_SIDE_"),
    ("hws_matches", "Match", "HWS_MATCH_"),
    ("hws_slow_policies", "SlowPolicy", "HWS_SLOW_"),
    ("hws_overflows", "Overflow", "HWS_OVERFLOW_"),
    ("hws_replays", "Replay", "HWS_REPLAY_"),
    ("hws_event_kinds", "EventKind", "HWS_EVENT_"),
    ("hws_client_auths", "ClientAuth", "HWS_CLIENT_AUTH_"),
    ("hws_tls_versions", "TlsVersion", "HWS_TLS_"),
];

const NOT_ENUMS: &[&str] = &["hws_toggles", "hws_send_flags", "hws_event_flags", "hws_publish_flags"];

/// Structs that are passed in; the header has each behind those that it is made of.
const OPTIONS: &[&str] = &[
    "hws_engine_options",
    "hws_timers",
    "hws_limits",
    "hws_compression",
    "hws_reconnect",
    "hws_reconnect_options",
    "hws_certificate",
    "hws_tls",
    "hws_socket",
    "hws_heartbeat",
    "hws_client_options",
    "hws_response",
    "hws_route",
    "hws_server_options",
    "hws_drain",
    "hws_send_options",
    "hws_publish_options",
    "hws_pool_options",
    "hws_accept_options",
];

/// The flags of a struct of options: each is a bool.
const FLAGS: &[(&str, &[&str])] = &[
    ("hws_send_options", &["HWS_SEND_MORE", "HWS_SEND_RAW", "HWS_SEND_AGAIN"]),
    ("hws_publish_options", &["HWS_SEND_RAW", "HWS_PUBLISH_LOCAL"]),
];

/// Structs that are handed out, and that are looked at where they are.
const VIEWS: &[&str] = &["hws_error_info", "hws_handshake"];

/// Structs that hawser.hpp has its own types for, and those that serve as they are.
const BY_HAND: &[&str] = &[
    "hws_str",
    "hws_header",
    "hws_bytes",
    "hws_close_info",
    "hws_outgoing",
    "hws_allocator",
    "hws_raise",
    "hws_event",
    "hws_preset",
    "hws_stats",
    "hws_pool_counts",
];

/// Handles that a program sees, with the class that each one's is made of.
const HANDLES: &[(&str, &str, &str)] = &[
    ("hws_conn", "Connection", "detail::Sender"),
    ("hws_listener", "Listener", "detail::Handle<hws_listener>"),
    ("hws_request", "Request", "detail::Handle<hws_request>"),
    ("hws_pool", "Pool", "detail::Handle<hws_pool>"),
    ("hws_engine", "EngineCalls", "Handle<hws_engine>"),
];

/// Functions of handles that are written by hand.
const CALLS_BY_HAND: &[&str] = &["hws_send", "hws_recv", "hws_poll", "hws_engine_free", "hws_engine_on_wake"];

/// What a function with several results gives here.
const SEVERAL: &[(&str, &str, &str)] =
    &[("hws_publish", "Reach", "How many connections got a message, and how many went without.")];

pub fn files(model: &Model) -> Vec<File> {
    every_declaration_has_its_place(&model.header);
    let (errors, handles) = (classes(&model.table), handles(&model.header));
    vec![
        ("cpp/include/hawser/types.hpp", types(model)),
        ("cpp/include/hawser/errors.hpp", file("ERRORS", "error.hpp", "The classes of errors", &errors)),
        ("cpp/include/hawser/handles.hpp", file("HANDLES", "handle.hpp", "What can be done with what", &handles)),
        ("cpp/tests/classes.hpp", list_of_classes(&model.table)),
    ]
}

fn every_declaration_has_its_place(header: &Header) {
    for one in header.structs.iter().filter(|one| !one.is_handle()) {
        let name = one.name.as_str();
        assert!([OPTIONS, VIEWS, BY_HAND].iter().any(|list| list.contains(&name)), "where does {name} belong?");
    }
    for one in &header.enums {
        let name = one.name.as_str();
        assert!(enum_of(name).is_some() || NOT_ENUMS.contains(&name), "what is {name} called?");
    }
}

fn file(guard: &str, include: &str, about: &str, body: &str) -> String {
    format!(
        "// {MADE}\n// {about}. Include <hawser.hpp>.\n// clang-format off\n#ifndef HAWSER_{guard}_HPP\n#define HAWSER_{guard}_HPP\n\n\
         #include \"{include}\"\n\nnamespace hawser {{\ninline namespace HAWSER_MODE {{\n\n{body}\
         }} // namespace HAWSER_MODE\n}} // namespace hawser\n\n#endif\n"
    )
}

fn types(model: &Model) -> String {
    let header = &model.header;
    let mut body = statuses(&model.table);
    body += &header.enums.iter().filter_map(enumeration).collect::<String>();
    for name in VIEWS {
        body += &view(header.get(name));
    }
    for one in header.structs.iter().filter(|one| OPTIONS.contains(&one.name.as_str())) {
        body += &options(header, one);
    }
    body += &preset(header.get("hws_preset"));
    body += "namespace detail {\n\n";
    for one in header.structs.iter().filter(|one| OPTIONS.contains(&one.name.as_str())) {
        body += &setter(one);
    }
    for preset in header.get("hws_preset").used_fields() {
        body += &getter(header.get(&preset.ctype.base));
    }
    body += "} // namespace detail\n";
    let about = "Enumerations, options and views: what they mean is said in hawser.h";
    file("TYPES", "base.hpp", about, &body)
}

/// `hws_client_options` as `ClientOptions`.
fn type_name(name: &str) -> String {
    match name {
        "hws_error_info" => "ErrorInfo".to_owned(),
        _ => camel(name.strip_prefix("hws_").expect("the header's names begin alike")),
    }
}

fn comment(indent: &str, text: &str) -> String {
    text.lines().map(|line| format!("{indent}/// {}", translated(line)).trim_end().to_owned() + "\n").collect()
}

/// A comment of the header with the names that things have here.
fn translated(line: &str) -> String {
    let word_ends = |c: char| !c.is_ascii_alphanumeric() && c != '_';
    line.split_inclusive(word_ends)
        .map(|piece| {
            let word = piece.trim_end_matches(word_ends);
            here(word).map_or_else(|| piece.to_owned(), |name| name + &piece[word.len()..])
        })
        .collect()
}

fn here(word: &str) -> Option<String> {
    if let Some(flag) = word.strip_prefix("HWS_FLAG_") {
        return Some(format!("{}()", flag.to_lowercase()));
    }
    if let Some((_, name, prefix)) = ENUMS.iter().skip(1).find(|(_, _, prefix)| word.starts_with(prefix)) {
        return Some(format!("{name}::{}", enumerator(word, prefix)));
    }
    if let Some(status) = word.strip_prefix("HWS_ERR_") {
        return Some(format!("StatusCode::{}", status.to_lowercase()));
    }
    match word {
        "HWS_SEND_MORE" | "HWS_SEND_RAW" | "HWS_SEND_AGAIN" => {
            Some(format!("SendOptions::{}", &word["HWS_SEND_".len()..].to_lowercase()))
        }
        "HWS_OK" => Some("StatusCode::ok".to_owned()),
        "HWS_NEVER" | "HWS_NO_JITTER" => Some(word["HWS_".len()..].to_lowercase()),
        "HWS_TEXT" | "HWS_BINARY" => Some(format!("Opcode::{}", enumerator(word, "HWS_"))),
        _ if OPTIONS.contains(&word) || VIEWS.contains(&word) => Some(type_name(word)),
        _ => enum_of(word).map(|(name, _)| name.to_owned()),
    }
}

/// `HWS_TLS_1_2` as `v1_2`: a name begins with a letter.
fn enumerator(constant: &str, prefix: &str) -> String {
    let short = constant.strip_prefix(prefix).expect("its prefix").to_lowercase();
    if short.starts_with(char::is_numeric) { format!("v{short}") } else { short }
}

// ---- enumerations

fn statuses(table: &Table) -> String {
    let mut text = String::from(
        "/// What went wrong: the codes of hawser.h.\nenum class StatusCode : std::int32_t {\n    ok = 0,\n",
    );
    for code in &table.0 {
        text += &format!("    {} = {}, ///< {}\n", code.name.to_lowercase(), code.status, code.text);
    }
    text + "};\n\n"
}

fn enum_of(name: &str) -> Option<(&'static str, &'static str)> {
    ENUMS.iter().find(|row| row.0 == name).map(|row| (row.1, row.2))
}

fn enumeration(one: &Enum) -> Option<String> {
    let (name, prefix) = enum_of(&one.name)?;
    let mut text = comment("", &one.comment) + &format!("enum class {name} : std::uint32_t {{\n");
    for constant in &one.constants {
        text += &comment("    ", &constant.comment);
        text += &format!("    {} = {},\n", enumerator(&constant.name, prefix), constant.value);
    }
    Some(text + "};\n\n")
}

// ---- fields

/// The enum whose value a number is: by its type, or because its comment says so.
fn enum_behind(field: &Variable) -> Option<&'static str> {
    let named = field.comment.split("one of ").nth(1).and_then(|rest| rest.split([' ', ';', ',', ':', '.']).next());
    let base = match field.ctype.base.as_str() {
        "hws_opcode" => "hws_opcodes",
        _ if field.name == "opcode" => "hws_opcodes",
        _ if field.name == "policy" => "hws_overflows",
        _ if field.name == "min_version" => "hws_tls_versions",
        _ => named?,
    };
    enum_of(base).map(|(name, _)| name)
}

/// A time loses its unit, which its type has.
fn field_name(field: &Variable) -> &str {
    let name = field.name.as_str();
    match duration(field) {
        Some(_) => name.rsplit_once('_').expect("a unit").0,
        None => name,
    }
}

fn duration(field: &Variable) -> Option<&'static str> {
    field.name.ends_with("_ms").then_some("std::chrono::milliseconds")
}

/// The fields that have one here: an array's count goes with the array.
fn fields(one: &Struct) -> impl Iterator<Item = (&Variable, Option<&Variable>)> {
    let all: Vec<_> =
        one.used_fields().filter(|field| !["abi_version", "flags"].contains(&field.name.as_str())).collect();
    let is_count = |field: &Variable| field.ctype.base == "size_t";
    let count_of = |at: usize| all.get(at + 1).copied().filter(|next| is_count(next));
    let pairs = all.iter().enumerate().filter(|(_, field)| !is_count(field)).map(|(at, field)| (*field, count_of(at)));
    pairs.collect::<Vec<_>>().into_iter()
}

// ---- options

fn options(header: &Header, one: &Struct) -> String {
    let mut text = comment("", &one.comment) + &format!("struct {} {{\n", type_name(&one.name));
    for (constant, name) in flags(one) {
        text += &comment("    ", constant_comment(header, constant));
        text += &format!("    bool {name}{{}};\n");
    }
    for (field, count) in fields(one) {
        text += &comment("    ", &field.comment);
        text += &format!("    {} {}{{}};\n", option_type(field, count.is_some()), field_name(field));
    }
    text + "};\n\n"
}

fn constant_comment<'a>(header: &'a Header, name: &str) -> &'a str {
    let mut constants = header.enums.iter().flat_map(|one| &one.constants);
    &constants.find(|constant| constant.name == name).expect("the header declares it").comment
}

/// The constants of all flags of a struct, and what their bools are called: `more` for HWS_SEND_MORE.
fn flags(one: &Struct) -> impl Iterator<Item = (&'static str, String)> {
    let row = FLAGS.iter().find(|(name, _)| *name == one.name);
    let short = |constant: &str| constant.rsplit_once('_').expect("a prefix").1.to_lowercase();
    row.map_or(&[][..], |row| row.1).iter().map(move |constant| (*constant, short(constant)))
}

fn option_type(field: &Variable, is_array: bool) -> String {
    let base = match field.ctype.base.as_str() {
        _ if duration(field).is_some() => duration(field).expect("just seen").to_owned(),
        "hws_str" | "hws_bytes" => "std::string".to_owned(),
        "hws_toggle" => "std::optional<bool>".to_owned(),
        handle @ ("hws_engine" | "hws_conn") => handle.to_owned(),
        number if number.ends_with("_t") || number == "hws_opcode" => {
            enum_behind(field).map_or_else(|| format!("std::{number}"), str::to_owned)
        }
        record => type_name(record),
    };
    match field.ctype.pointers {
        0 => base,
        _ if is_array => format!("std::vector<{base}>"),
        _ => format!("std::optional<{base}>"),
    }
}

fn setter(one: &Struct) -> String {
    let name = type_name(&one.name);
    let mut text = format!("inline void set({} &to, const {name} &from, Arena &arena) {{\n", one.name);
    if one.is_versioned() {
        text += "    to.struct_size = sizeof to;\n";
    }
    if one.fields.iter().any(|field| field.name == "abi_version") {
        text += "    to.abi_version = HWS_ABI_VERSION;\n";
    }
    for (constant, name) in flags(one) {
        text += &format!("    to.flags |= from.{name} ? {constant} : 0;\n");
    }
    for (field, count) in fields(one) {
        let count = count.map_or(String::new(), |count| format!("to.{}, ", count.name));
        text += &format!("    set(to.{}, {count}from.{}, arena);\n", field.name, field_name(field));
    }
    text + "}\n\n"
}

fn getter(one: &Struct) -> String {
    let mut text = format!("inline void get({} &to, const {} &from) {{\n", type_name(&one.name), one.name);
    for (field, _) in fields(one) {
        text += &format!("    get(to.{}, from.{});\n", field_name(field), field.name);
    }
    text + "}\n\n"
}

/// What a preset fills.
fn preset(one: &Struct) -> String {
    let parts = one.used_fields().map(|field| format!("    {} {}{{}};\n", type_name(&field.ctype.base), field.name));
    format!("/// Options that suit a purpose: docs/presets.md.\nstruct Preset {{\n{}}};\n\n", parts.collect::<String>())
}

// ---- views

fn view(one: &Struct) -> String {
    let name = type_name(&one.name);
    let mut text = comment("", &one.comment);
    text += "/// Borrowed: look at it until the next poll. Texts that are not there have no data().\n";
    text += &format!("class {name} {{\npublic:\n");
    text += &format!("    {name}() noexcept = default;\n");
    text += &format!("    explicit {name}(const {} *raw) noexcept : raw_(raw ? raw : &none) {{}}\n\n", one.name);
    for (field, count) in fields(one) {
        let (result, value) = accessor(field, count);
        text += &comment("    ", &field.comment);
        text += &format!("    {result} {}() const {{ return {value}; }}\n", field_name(field));
    }
    if name == "ErrorInfo" {
        text += "\n    /// It is this, or below it in the table.\n    bool is_a(StatusCode ancestor) const noexcept;\n";
        text += "    /// It and its causes as one line.\n    std::string describe() const;\n";
    }
    text += &format!("    const {} *raw() const noexcept {{ return raw_; }}\n\n", one.name);
    text += &format!("private:\n    static constexpr {} none{{}};\n", one.name);
    text + &format!("    const {} *raw_ = &none;\n}};\n\n", one.name)
}

/// What a field is seen as, and how.
fn accessor(field: &Variable, count: Option<&Variable>) -> (String, String) {
    let raw = format!("raw_->{}", field.name);
    let plain = |result: &str| (result.to_owned(), format!("{result}({raw})"));
    if let (Some(count), base) = (count, field.ctype.base.as_str()) {
        let seen = if base == "hws_str" { "std::string_view" } else { "HeaderView" };
        return (format!("std::vector<{seen}>"), format!("detail::views({raw}, raw_->{})", count.name));
    }
    match field.ctype.base.as_str() {
        _ if field.name == "header_value" => (
            "std::optional<std::string_view>".to_owned(),
            format!("{raw}.ptr ? std::optional(detail::view({raw})) : std::nullopt"),
        ),
        _ if field.name == "operation" => {
            ("std::string_view".to_owned(), format!("{raw} != 0 ? hws_operation_name({raw}) : std::string_view()"))
        }
        "hws_str" => ("std::string_view".to_owned(), format!("detail::view({raw})")),
        "hws_close_info" => ("std::optional<CloseFrame>".to_owned(), format!("detail::view({raw})")),
        "hws_bytes" => plain("Bytes"),
        "hws_status" => plain("StatusCode"),
        "hws_error_info" => {
            let result = "std::optional<ErrorInfo>";
            (result.to_owned(), format!("{raw} ? {result}(ErrorInfo({raw})) : std::nullopt"))
        }
        "hws_conn" => ("hws_conn".to_owned(), raw),
        _ if field.comment.starts_with("1: ") => ("bool".to_owned(), format!("{raw} != 0")),
        number => match (duration(field), enum_behind(field)) {
            (Some(time), _) => plain(time),
            (_, Some(name)) => plain(name),
            _ => (format!("std::{number}"), raw),
        },
    }
}

// ---- handles

fn handles(header: &Header) -> String {
    let mut text: String = SEVERAL.iter().map(|(name, result, about)| several(header, name, result, about)).collect();
    for (handle, name, base) in HANDLES {
        let about = &header.get(handle).comment;
        let calls = header.functions.iter().filter(|function| {
            let first = function.parameters.first().map(|first| first.ctype.c());
            first.as_deref() == Some(handle) && !CALLS_BY_HAND.contains(&function.name.as_str())
        });
        let calls: Vec<_> = calls.map(|function| call(header, function)).collect();
        let inherited = base.trim_start_matches("detail::").split('<').next().expect("a name");
        let class = format!(
            "class {name} : public {base} {{\npublic:\n    using {inherited}::{inherited};\n\n{}}};\n",
            calls.join("\n")
        );
        text += &match base.starts_with("detail::") {
            true => format!("{}{class}\n", comment("", about)),
            false => format!("namespace detail {{\n{class}}} // namespace detail\n\n"),
        };
    }
    text + &event(header) + &preset_function(header.get("hws_preset"))
}

/// The struct of all that a function writes.
fn several(header: &Header, function: &str, name: &str, about: &str) -> String {
    let function = header.functions.iter().find(|one| one.name == function).expect("the header declares it");
    let fields = written(function).1.into_iter();
    let fields = fields.map(|one| format!("    std::{} {}{{}};\n", one.ctype.base, one.name)).collect::<String>();
    format!("/// {about}\nstruct {name} {{\n{fields}}};\n\n")
}

/// Fills the options of a preset by its name.
fn preset_function(one: &Struct) -> String {
    let mut text = String::from("/// The options of a preset: \"realtime\", \"dashboard\" or \"mobile\".\n");
    text += "inline Outcome<Preset> preset(std::string_view name) {\n";
    for field in one.used_fields() {
        text += &format!("    detail::Sized<{}> {};\n", field.ctype.base, field.name);
    }
    text += "    detail::Sized<hws_preset> parts;\n";
    for field in one.used_fields() {
        text += &format!("    parts.{0} = &{0};\n", field.name);
    }
    text += "    Preset preset;\n    const hws_status result = hws_preset_get(detail::lend(name), &parts);\n";
    for field in one.used_fields() {
        text += &format!("    detail::get(preset.{0}, {0});\n", field.name);
    }
    text + "    return detail::outcome(result, preset);\n}\n\n"
}

/// Not a view: a batch is an array of them.
fn event(header: &Header) -> String {
    let one = header.get("hws_event");
    let mut text = comment("", "What has happened. EventKind says which fields then have a meaning.");
    text += "/// Borrowed, with all that it leads to: look at it until the next poll.\nclass Event {\npublic:\n";
    for (field, _) in fields(one) {
        let raw = format!("raw_.{}", field.name);
        let handle = HANDLES.iter().find(|(handle, ..)| *handle == field.ctype.base);
        let result = match field.ctype.base.as_str() {
            _ if handle.is_some() => handle.expect("just seen").1.to_owned(),
            "hws_event_kind" => "EventKind".to_owned(),
            "hws_opcode" => "Opcode".to_owned(),
            "hws_status" => "StatusCode".to_owned(),
            "hws_bytes" => "Bytes".to_owned(),
            "hws_str" => "std::string_view".to_owned(),
            pointed if field.ctype.pointers == 1 => type_name(pointed),
            number => format!("std::{number}"),
        };
        let value =
            if result == "std::string_view" { format!("detail::view({raw})") } else { format!("{result}({raw})") };
        text += &comment("    ", &field.comment);
        text += &format!("    {result} {}() const noexcept {{ return {value}; }}\n", field.name);
    }
    let flags = header.enums.iter().find(|one| one.name == "hws_event_flags").expect("events have flags");
    for flag in &flags.constants {
        let name = enumerator(&flag.name, "HWS_FLAG_");
        text += &comment("    ", &flag.comment);
        text += &format!("    bool {name}() const noexcept {{ return (raw_.flags & {}) != 0; }}\n", flag.name);
    }
    text += "    /// data as text\n    std::string_view text() const noexcept { return data().text(); }\n";
    text += "    /// user as the pointer that it was\n    template <class T> T *user_as() const noexcept {\n";
    text += "        return reinterpret_cast<T *>(static_cast<std::uintptr_t>(raw_.user));\n    }\n";
    text += "    const hws_event &raw() const noexcept { return raw_; }\n\nprivate:\n    hws_event raw_{};\n};\n\n";
    text + "static_assert(sizeof(Event) == sizeof(hws_event), \"an array of one is an array of the other\");\n\n"
}

/// `hws_conn_set_user` as `set_user`.
fn method_name(name: &str) -> &str {
    let prefixes = ["hws_conn_", "hws_listener_", "hws_request_", "hws_engine_", "hws_"];
    match name {
        "hws_pool_new" => "pool",
        "hws_pool_free" => "close",
        _ if name.starts_with("hws_pool_") => &name["hws_pool_".len()..],
        _ => prefixes.iter().find_map(|prefix| name.strip_prefix(prefix)).expect("a prefix"),
    }
}

/// A member function: what is written is its result, all else its parameters.
fn call(header: &Header, function: &Function) -> String {
    if function.parameters.iter().any(|one| one.name == "needed") {
        return text_member(function);
    }
    let (parameters, results) = written(function);
    let result = match (&results[..], SEVERAL.iter().find(|(name, ..)| *name == function.name)) {
        ([], _) => None,
        ([one], _) => Some(result(header, one)),
        (all, Some((_, name, _))) => Some(Returned {
            kind: (*name).to_owned(),
            variable: format!("{name} out;"),
            passed: all.iter().map(|one| format!("&out.{}", one.name)).collect::<Vec<_>>().join(", "),
            made: "out".to_owned(),
        }),
        _ => panic!("{} has several results", function.name),
    };
    let is_options = |one: &Variable| OPTIONS.contains(&one.ctype.base.as_str());
    let options: Vec<_> = (0..parameters.len()).filter(|at| is_options(parameters[*at])).collect();
    // The arguments, where the options at these places are not given.
    let without = |left_out: &[usize]| -> Vec<_> {
        let one = |(at, one): (usize, &&Variable)| match left_out.contains(&at) {
            true => Parameter::null(),
            false => parameter(&function.name, one),
        };
        parameters.iter().enumerate().map(one).collect()
    };
    let forms = match options[..] {
        [client, server] => vec![without(&[server]), without(&[client])], // the one or the other
        [last] if function.comment.contains(" may be NULL") => vec![without(&[last]), without(&[])],
        _ => vec![without(&[])],
    };
    about(&function.comment) + &forms.iter().map(|form| member(function, form, &result)).collect::<String>()
}

/// The parameters behind the handle: what is read, and what is pointed to and not const, which is written.
fn written(function: &Function) -> (Vec<&Variable>, Vec<&Variable>) {
    let is_read = |one: &&Variable| one.ctype.pointers <= usize::from(one.ctype.constant);
    let is_length = |at: usize| function.parameters[at].ctype.base == "size_t"; // goes with the data before it
    (1..function.parameters.len()).filter(|at| !is_length(*at)).map(|at| &function.parameters[at]).partition(is_read)
}

/// A member function that gives text, which C writes to a buffer.
fn text_member(function: &Function) -> String {
    let name = method_name(&function.name);
    format!(
        "{}    Outcome<std::string> {name}() const {{\n        char text[256];\n        std::size_t size = 0;\n        \
         const hws_status result = {}(handle_, text, sizeof text, &size);\n        \
         return detail::outcome(result, std::string(text, result == HWS_OK ? size : 0));\n    }}\n",
        about(&function.comment),
        function.name
    )
}

/// What it does and how it fails: the header's comment without the other paragraphs.
fn about(text: &str) -> String {
    let mut kept = true;
    let lines = text.lines().filter(|line| {
        if let Some(begun) = ["Owns:", "Errors:", "Threads:", "Since:"].iter().find(|word| line.starts_with(**word)) {
            kept = *begun == "Errors:";
        }
        kept && !line.is_empty()
    });
    comment("    ", &lines.collect::<Vec<_>>().join("\n"))
}

struct Parameter {
    /// `std::string_view topic`; empty: there is none
    declared: String,
    /// A statement before the call.
    before: String,
    passed: String,
}

impl Parameter {
    fn null() -> Self {
        Self { declared: String::new(), before: String::new(), passed: "nullptr".to_owned() }
    }
}

fn parameter(function: &str, one: &Variable) -> Parameter {
    let name = field_name(one);
    let base = one.ctype.base.as_str();
    let default = |value: &str| {
        if ["hws_close", "hws_pool_acquire"].contains(&function) { format!(" = {value}") } else { String::new() }
    };
    let mut before = String::new();
    let (declared, passed) = match base {
        "void" => (format!("Bytes {name}"), format!("{name}.data(), {name}.size()")),
        _ if one.ctype.pointers > 0 => {
            before = format!("        const detail::Lowered<{base}> lowered({name});\n");
            (format!("const {} &{name}", type_name(base)), "lowered.get()".to_owned())
        }
        _ if duration(one).is_some() => {
            (format!("std::chrono::milliseconds {name}{}", default("{}")), format!("detail::count_ms({name})"))
        }
        "hws_str" => (format!("std::string_view {name}{}", default("{}")), format!("detail::lend({name})")),
        "hws_conn" => (format!("Connection {name}"), name.to_owned()),
        "hws_opcode" => (format!("Opcode {name}"), format!("static_cast<hws_opcode>({name})")),
        "hws_status" => (format!("StatusCode {name}"), format!("static_cast<hws_status>({name})")),
        "int32_t" => (format!("bool {name} = true"), name.to_owned()),
        number => (format!("std::{number} {name}{}", default("0")), name.to_owned()),
    };
    Parameter { declared, before, passed }
}

/// What a function gives: its type, the variable that is written to, how that is passed, and what is made of it.
struct Returned {
    kind: String,
    variable: String,
    passed: String,
    made: String,
}

fn result(header: &Header, one: &Variable) -> Returned {
    let base = one.ctype.base.as_str();
    let returned = |kind: &str, variable: String, made: String| Returned {
        kind: kind.to_owned(),
        variable,
        passed: "&out".to_owned(),
        made,
    };
    if let Some((_, name, _)) = HANDLES.iter().find(|(handle, ..)| *handle == base) {
        return returned(name, format!("{base} out{{}};"), format!("{name}(out)"));
    }
    match base {
        _ if VIEWS.contains(&base) => {
            let name = type_name(base);
            returned(&name, format!("const {base} *out = nullptr;"), format!("{name}(out)"))
        }
        "uint32_t" if one.name == "state" => {
            returned("State", "std::uint32_t out{};".to_owned(), "State(out)".to_owned())
        }
        "int32_t" => {
            let name = "std::chrono::milliseconds";
            returned(name, "std::int32_t out{};".to_owned(), format!("{name}(out)"))
        }
        number if !header.structs.iter().any(|one| one.name == number) => {
            returned(&format!("std::{number}"), format!("std::{number} out{{}};"), "out".to_owned())
        }
        record => returned(record, format!("detail::Sized<{record}> out;"), "out".to_owned()),
    }
}

fn member(function: &Function, parameters: &[Parameter], result: &Option<Returned>) -> String {
    let joined = |part: fn(&Parameter) -> &String| {
        parameters.iter().map(part).filter(|text| !text.is_empty()).cloned().collect::<Vec<_>>().join(", ")
    };
    let declared = joined(|one| &one.declared);
    let mut passed = vec!["handle_".to_owned()];
    passed.extend(parameters.iter().map(|one| one.passed.clone()));
    let before: String = parameters.iter().map(|one| one.before.as_str()).collect();
    let name = method_name(&function.name);
    let Some(Returned { kind, variable, passed: out, made }) = result else {
        let call = format!("return detail::done({}({}));", function.name, passed.join(", "));
        return match before.as_str() {
            "" => format!("    Outcome<void> {name}({declared}) const {{ {call} }}\n"),
            before => format!("    Outcome<void> {name}({declared}) const {{\n{before}        {call}\n    }}\n"),
        };
    };
    passed.push(out.clone());
    format!(
        "    Outcome<{kind}> {name}({declared}) const {{\n{before}        {variable}\n        \
         const hws_status result = {}({});\n        return detail::outcome<{kind}>(result, {made});\n    }}\n",
        function.name,
        passed.join(", ")
    )
}

// ---- errors

fn classes(table: &Table) -> String {
    let mut text = String::new();
    for code in table.parents_first() {
        let parents: Vec<_> = table.nearest_parents(code).iter().map(|parent| parent.exception.as_str()).collect();
        text += &format!("/// {}.\n", sentence(code.text));
        text += &match &parents[..] {
            [] => format!("using {} = Error;\n\n", code.exception),
            parents => {
                format!("class {} : public virtual {} {{}};\n\n", code.exception, parents.join(", public virtual "))
            }
        };
    }
    text += "#if !defined(HAWSER_NO_EXCEPTIONS)\nnamespace detail {\n\n";
    text += "/// Throws an error as what a status stands for; as what that is-a if a newer library has made it.\n";
    text += "[[noreturn]] inline void raise(const Error &error, StatusCode status) {\n    switch (status) {\n";
    for code in &table.0 {
        text += &format!("    case StatusCode::{}: throw_as<{}>(error);\n", code.name.to_lowercase(), code.exception);
    }
    text += "    default: break;\n    }\n";
    text += "    const StatusCode parent{hws_status_parent(static_cast<hws_status>(status), 0)};\n";
    text += "    raise(error, parent == StatusCode::ok ? StatusCode::error : parent);\n}\n\n";
    text + "} // namespace detail\n#endif\n\n"
}

/// For the tests, which must name every class.
fn list_of_classes(table: &Table) -> String {
    let rows = table.0.iter().map(|code| format!("    X({}, {})", code.exception, code.name.to_lowercase()));
    let about = "// X(class, code) for every row of the table.\n// clang-format off\n";
    format!("// {MADE}\n{about}#define HAWSER_CLASSES(X) \\\n{}\n", rows.collect::<Vec<_>>().join(" \\\n"))
}

fn sentence(text: &str) -> String {
    text[..1].to_uppercase() + &text[1..]
}
