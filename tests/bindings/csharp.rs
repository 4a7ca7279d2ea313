//! What is generated of the binding for C#: codes and exceptions, enums, options that fill the header's structs, classes of
//! what the library tells, and the functions themselves.

#[path = "csharp/methods.rs"]
mod methods;

use super::header::{Enum, Struct, Type, Variable};
use super::table::{Code, camel};
use super::{File, MADE, Model};

/// The name in C, the name here, and what the constants' names begin with. The flags of both kinds of sends are one enum.
const ENUMS: &[(&str, &str, &str)] = &[
    ("hws_opcodes", "Opcode", "HWS_"),
    ("hws_states", "State", "HWS_STATE_"),
    ("hws_log_levels", "LogLevel", "HWS_LOG_"),
    ("hws_retries", "Retry", "HWS_RETRY_"),
    ("hws_sides", "Side", "HWS_SIDE_"),
    ("hws_send_flags", "SendFlags", "HWS_SEND_"),
    ("hws_publish_flags", "SendFlags", "HWS_PUBLISH_"),
    ("hws_event_flags", "EventFlags", "HWS_FLAG_"),
    ("hws_matches", "Matching", "HWS_MATCH_"),
    ("hws_slow_policies", "SlowPolicy", "HWS_SLOW_"),
    ("hws_overflows", "Overflow", "HWS_OVERFLOW_"),
    ("hws_replays", "Replay", "HWS_REPLAY_"),
    ("hws_event_kinds", "EventKind", "HWS_EVENT_"),
    ("hws_client_auths", "ClientAuth", "HWS_CLIENT_AUTH_"),
    ("hws_tls_versions", "TlsVersion", "HWS_"),
];

/// Structs that are passed in, as classes.
const OPTIONS: &[(&str, &str)] = &[
    ("hws_engine_options", "EngineOptions"),
    ("hws_client_options", "ClientOptions"),
    ("hws_server_options", "ServerOptions"),
    ("hws_route", "Route"),
    ("hws_response", "Response"),
    ("hws_accept_options", "AcceptOptions"),
    ("hws_timers", "Timers"),
    ("hws_limits", "Limits"),
    ("hws_compression", "Compression"),
    ("hws_reconnect", "Reconnect"),
    ("hws_reconnect_options", "ReconnectOptions"),
    ("hws_heartbeat", "Heartbeat"),
    ("hws_certificate", "Certificate"),
    ("hws_tls", "Tls"),
    ("hws_socket", "SocketOptions"),
    ("hws_send_options", "SendOptions"),
    ("hws_publish_options", "PublishOptions"),
    ("hws_pool_options", "PoolOptions"),
    ("hws_drain", "DrainOptions"),
];

/// Structs that are handed out, as classes.
const FACTS: &[(&str, &str)] = &[
    ("hws_error_info", "HawserException"),
    ("hws_handshake", "Handshake"),
    ("hws_stats", "Stats"),
    ("hws_pool_counts", "PoolCounts"),
    ("hws_close_info", "CloseInfo"),
    ("hws_event", "HawserEvent"),
];

/// Fields that the binding itself sets or gives in another way. (`hws_handshake.user`, a text, is another matter.)
const HIDDEN: &[&str] = &["abi_version", "cause", "message", "present"];

/// Numbers that are 0 or 1.
const BOOLEANS: &[&str] = &["body_truncated", "tls_resumed", "peer_known"];

/// How facts are told there, and here.
const FACT_WORDS: &[(&str, &str)] = &[
    ("-1: ", "null: "),
    ("ptr NULL: ", "null: "),
    ("len 0: ", "empty: "),
    ("1: ", "true: "),
    ("1 the peer's", "true the peer's"),
    ("0 ours", "false ours"),
    ("1 where", "true where"),
    (", see hws_operation_name", ", as a word: \"connect\""),
];

pub fn files(model: &Model) -> Vec<File> {
    let options = OPTIONS.iter().map(|(name, class)| option_class(model, name, class));
    let facts = FACTS.iter().map(|(name, class)| fact_class(model, name, class));
    vec![
        (
            "csharp/Runtime/Generated/Status.cs",
            file(USING, &[status_enum(model), status_methods(model), exceptions(model)].concat()),
        ),
        ("csharp/Runtime/Generated/Enums.cs", file("using System;\n\n", &enums(model))),
        ("csharp/Runtime/Generated/Options.cs", file(USING, &options.collect::<String>())),
        ("csharp/Runtime/Generated/Facts.cs", file(USING, &facts.collect::<String>())),
        (
            "csharp/Runtime/Generated/Methods.cs",
            file(
                &USING.replace("\n\n", "\nusing System.Text;\n\n"),
                &[methods::methods(model), methods::preset(model)].concat(),
            ),
        ),
        ("csharp/Runtime/Generated/Native.cs", file(USING_INTEROP, &native(model))),
        ("csharp/Tests/Layouts.cs", file(USING, &layouts(model))),
    ]
}

const USING: &str = "using System;\nusing System.Collections.Generic;\n\n";
const USING_INTEROP: &str = "using System;\nusing System.Runtime.InteropServices;\n\n";

fn file(using: &str, body: &str) -> String {
    let indent = |line: &str| match line.is_empty() || line.starts_with('#') {
        true => format!("{line}\n"),
        false => format!("    {line}\n"),
    };
    let body: String = body.trim_end().lines().map(indent).collect();
    format!("// {MADE}\n\n{using}namespace Hawser\n{{\n{body}}}\n")
}

// ---- codes, exceptions, enums

fn status_enum(model: &Model) -> String {
    let mut out = "/// <summary>Every code of an error.</summary>\npublic enum Status\n{\n    Ok = 0,\n".to_owned();
    for code in &model.table.0 {
        out += &format!("{}    {} = {},\n", sentence(code.text, "    "), code.camel, code.status);
    }
    out + "}\n\n"
}

/// `TimeoutException` is System's.
fn exception(code: &Code) -> String {
    match code.name {
        "ERROR" => "HawserException".to_owned(),
        "TIMEOUT" => "HawserTimeoutException".to_owned(),
        _ => format!("{}Exception", code.camel),
    }
}

fn exceptions(model: &Model) -> String {
    let (mut classes, mut cases) = (String::new(), String::new());
    for code in model.table.parents_first() {
        let name = exception(code);
        cases += &format!("            case Status.{}: return new {name}(info, inner);\n", code.camel);
        let parents = model.table.nearest_parents(code);
        let Some((first, others)) = parents.split_first() else { continue };
        let others: Vec<_> = others.iter().map(|other| format!("<see cref=\"Status.{}\"/>", other.camel)).collect();
        let also =
            if others.is_empty() { String::new() } else { format!(" It <c>Is</c> {}, too.", others.join(" and ")) };
        let summary = sentence(code.text, "").replace("</summary>", &format!("{also}</summary>"));
        let parent = exception(first);
        classes += &format!("{summary}public class {name} : {parent}\n{{\n");
        classes += &format!(
            "    internal unsafe {name}(hws_error_info* info, Exception inner) : base(info, inner) {{ }}\n}}\n\n"
        );
    }
    let factory = format!(
        "public partial class HawserException
{{
    /// <summary>Of the class of this status; of one that this binding does not know, of the nearest above it.</summary>
    static unsafe HawserException New(Status status, hws_error_info* info, Exception inner)
    {{
        switch (status)
        {{
{cases}            default: return New((Status)Native.hws_status_parent((int)status, 0), info, inner);
        }}
    }}
}}

"
    );
    factory.replace("case Status.Error:", "case Status.Ok:\n            case Status.Error:") + &classes
}

/// The table of parents, and what the library knows of its codes.
fn status_methods(model: &Model) -> String {
    let mut cases = String::new();
    for code in &model.table.0 {
        let parents: Vec<_> = code.parents.iter().map(|parent| format!("Status.{}", camel(parent))).collect();
        cases +=
            &format!("            case Status.{}: return new Status[] {{ {} }};\n", code.camel, parents.join(", "));
    }
    format!(
        "/// <summary>What is known about codes.</summary>
public static unsafe class StatusExtensions
{{
    /// <summary>True for the ancestor itself and all that is below it, directly or not.</summary>
    public static bool Is(this Status status, Status ancestor)
    {{
        if (status == ancestor) return true;
        foreach (var parent in status.Parents())
            if (parent.Is(ancestor)) return true;
        return false;
    }}

    /// <summary>\"HWS_ERR_INVALID_STATUS\".</summary>
    public static string Name(this Status status) => Library.First(() => Memory.Text(Native.hws_status_name((int)status)));

    /// <summary>In plain English.</summary>
    public static string Text(this Status status) => Library.First(() => Memory.Text(Native.hws_status_text((int)status)));

    /// <summary>The direct parents.</summary>
    public static IReadOnlyList<Status> Parents(this Status status)
    {{
        switch (status)
        {{
{cases}            case Status.Ok: return new Status[0];
            default: return new[] {{ (Status)Native.hws_status_parent((int)status, 0) }}; // the library is newer
        }}
    }}
}}

"
    )
}

fn enums(model: &Model) -> String {
    let mut out = String::new();
    for (at, (name, class, prefix)) in ENUMS.iter().enumerate() {
        let one = find_enum(model, name);
        if at == 0 || ENUMS[at - 1].1 != *class {
            let flags = if class.ends_with("Flags") { "[Flags]\n" } else { "" };
            out += &format!("{}{flags}public enum {class} : uint\n{{\n", summary(model, &one.comment, ""));
            if !flags.is_empty() {
                out += "    None = 0,\n";
            }
        }
        for constant in &one.constants {
            let comment = summary(model, &constant.comment, "    ");
            out += &format!("{comment}    {} = {},\n", member(&constant.name, prefix), constant.value);
        }
        if ENUMS.get(at + 1).is_none_or(|next| next.1 != *class) {
            out += "}\n\n";
        }
    }
    out
}

fn find_enum<'a>(model: &'a Model, name: &str) -> &'a Enum {
    model.header.enums.iter().find(|one| one.name == name).expect("the header has this enum")
}

/// `HWS_TLS_1_2` as `Tls12`.
fn member(name: &str, prefix: &str) -> String {
    camel(name.strip_prefix(prefix).expect("constants of an enum begin alike"))
}

// ---- what is passed in

/// What a field of options is here.
enum Kind {
    /// Passed in a struct's field as it is: the type.
    Number(String),
    Toggle,
    /// Of one millisecond, or of a thousand, as the unit.
    Time(&'static str),
    Text,
    Bytes,
    Texts,
    Headers,
    /// A struct by a pointer, in the struct, or any number of them: its class.
    Struct(&'static str),
    Embedded(&'static str),
    Array(&'static str),
    /// An object that has a handle: its class.
    Handle(&'static str),
}

fn kind(model: &Model, field: &Variable) -> Kind {
    let Type { base, pointers, .. } = &field.ctype;
    let class = OPTIONS.iter().find(|(name, _)| name == base).map(|(_, class)| *class);
    match (base.as_str(), pointers, class) {
        ("hws_toggle", ..) => Kind::Toggle,
        ("int32_t", ..) if field.name.ends_with("_ms") => Kind::Time("Milliseconds"),
        ("uint32_t", ..) if field.name.ends_with("_s") => Kind::Time("Seconds"),
        ("hws_str", 0, _) => Kind::Text,
        ("hws_str", ..) => Kind::Texts,
        ("hws_header", ..) => Kind::Headers,
        ("hws_bytes", ..) => Kind::Bytes,
        ("hws_engine", ..) => Kind::Handle("Engine"),
        ("hws_conn", ..) => Kind::Handle("Connection"),
        (_, 0, Some(class)) => Kind::Embedded(class),
        (_, _, Some(class)) if field.name.ends_with('s') && class != "Limits" && class != "Timers" => match class {
            "Tls" => Kind::Struct(class), // proxy_tls
            _ => Kind::Array(class),
        },
        (_, _, Some(class)) => Kind::Struct(class),
        _ => Kind::Number(number(model, field)),
    }
}

/// The type of a number: the enum that its comment, or that of its type, names; else as wide as in C.
fn number(model: &Model, field: &Variable) -> String {
    let alias = model.header.aliases.iter().find(|alias| alias.name == field.ctype.base);
    let comment = alias.map_or(field.comment.clone(), |alias| alias.comment.to_lowercase());
    let named = |name: &str| comment.contains(&format!("one of {name}")) || comment.ends_with(name);
    match field.name.as_str() {
        "opcode" => "Opcode".to_owned(),
        "min_version" => "TlsVersion".to_owned(),
        "policy" => "Overflow".to_owned(),
        _ => match ENUMS.iter().find(|(name, ..)| named(name)) {
            Some((_, class, _)) => (*class).to_owned(),
            None => primitive(model.header.resolve(&field.ctype.base)).to_owned(),
        },
    }
}

/// The fields of an options struct that are properties: not the counts of arrays.
fn properties(record: &Struct) -> impl Iterator<Item = &Variable> {
    let hidden = |field: &Variable| {
        let is_user_number = field.name == "user" && field.ctype.base == "uint64_t";
        is_user_number || HIDDEN.contains(&field.name.as_str()) || field.name.ends_with("_count")
    };
    record.used_fields().filter(move |field| !hidden(field))
}

fn option_class(model: &Model, name: &str, class: &str) -> String {
    let record = model.header.get(name);
    let preset = model.header.get("hws_preset").fields.iter().any(|field| field.ctype.base == name);
    let (mut declared, mut filled, mut read) = (String::new(), String::new(), String::new());
    if record.is_versioned() {
        filled += &format!("        to->struct_size = (uint)sizeof({name});\n");
    }
    if record.fields.iter().any(|field| field.name == "abi_version") {
        filled += "        to->abi_version = Native.AbiVersion;\n";
    }
    for field in properties(record) {
        let (c, property) = (&field.name, property(field));
        let one = c.strip_suffix('s').unwrap_or(c);
        let one = if record.fields.iter().any(|field| field.name == format!("{one}_count")) {
            one.to_owned()
        } else {
            one.trim_end_matches("_offered").to_owned()
        };
        let ctype = &field.ctype.base;
        let fill = |item: &str| {
            format!(
                "to->{c} = ({ctype}*)arena.Take(sizeof({ctype}) * {property}.Count);\n\
                 to->{one}_count = (UIntPtr){property}.Count;\n\
                 for (var i = 0; i < {property}.Count; i++) to->{c}[i] = {};",
                item.replace('^', &property)
            )
        };
        let list = |item: &str| format!("IList<{item}> {property} {{ get; }} = new List<{item}>();");
        let (declaration, fill, get) = match kind(model, field) {
            Kind::Number(cs) => {
                let raw = primitive(model.header.resolve(ctype));
                let cast = |to: &str| if cs == raw { String::new() } else { format!("({to})") };
                (
                    format!("{cs} {property} {{ get; set; }}"),
                    format!("to->{c} = {}{property};", cast(raw)),
                    format!("{property} = {}from->{c};", cast(&cs)),
                )
            }
            Kind::Toggle => (
                format!("bool? {property} {{ get; set; }}"),
                format!("to->{c} = {property} == null ? 0u : {property}.Value ? 1u : 2u;"),
                format!("{property} = from->{c} == 0 ? (bool?)null : from->{c} == 1;"),
            ),
            Kind::Time(unit) => {
                let whole = primitive(ctype); // a fraction counts whole: 0 would be the default
                (
                    format!("TimeSpan? {property} {{ get; set; }}"),
                    format!("to->{c} = checked(({whole})Math.Ceiling({property}?.Total{unit} ?? 0));"),
                    format!("{property} = from->{c} == 0 ? (TimeSpan?)null : TimeSpan.From{unit}(from->{c});"),
                )
            }
            Kind::Text => (
                format!("string {property} {{ get; set; }}"),
                format!("to->{c} = arena.Text({property});"),
                String::new(),
            ),
            Kind::Bytes => (
                format!("byte[] {property} {{ get; set; }}"),
                format!("to->{c} = arena.Bytes({property});"),
                String::new(),
            ),
            Kind::Texts => (list("string"), fill("arena.Text(^[i])"), String::new()),
            Kind::Headers => (
                format!("HeaderList {property} {{ get; }} = new HeaderList();"),
                fill("new hws_header { name = arena.Text(^[i].Key), value = arena.Text(^[i].Value) }"),
                String::new(),
            ),
            Kind::Struct(of) => (
                format!("{of} {property} {{ get; set; }}"),
                format!("to->{c} = {of}.Copy({property}, arena);"),
                String::new(),
            ),
            Kind::Embedded(of) => (
                format!("{of} {property} {{ get; set; }}"),
                format!("{property}?.Fill(&to->{c}, arena);"),
                String::new(),
            ),
            Kind::Array(of) => (
                list(of),
                format!(
                    "to->{c} = ({ctype}*)arena.Take(sizeof({ctype}) * {property}.Count);\n\
                     to->{one}_count = (UIntPtr){property}.Count;\n\
                     for (var i = 0; i < {property}.Count; i++) {property}[i].Fill(to->{c} + i, arena);"
                ),
                String::new(),
            ),
            Kind::Handle(of) => (
                format!("{of} {property} {{ get; set; }}"),
                format!("to->{c} = {property}?.Handle ?? default({ctype});"),
                String::new(),
            ),
        };
        declared += &format!("{}    public {declaration}\n\n", summary(model, &field.comment, "    "));
        filled += &fill.lines().map(|line| format!("        {line}\n")).collect::<String>();
        read += &format!("        {get}\n");
    }
    let mut out = format!("{}public sealed class {class}\n{{\n{declared}", summary(model, &record.comment, ""));
    if ["ClientOptions", "ServerOptions"].contains(&class) {
        let only = if class == "ClientOptions" { "Uri" } else { "Bind" };
        let name = only.to_lowercase();
        out += &format!(
            "    public static implicit operator {class}(string {name}) => new {class} {{ {only} = {name} }};\n\n"
        );
    }
    if preset {
        out += &format!(
            "    public {class}() {{ }}\n\n    internal unsafe {class}({name}* from)\n    {{\n{read}    }}\n\n"
        );
    }
    out + &format!(
        "    internal static unsafe {name}* Copy({class} from, Arena arena)
    {{
        if (from == null) return null;
        var to = ({name}*)arena.Take(sizeof({name}));
        from.Fill(to, arena);
        return to;
    }}

    internal unsafe void Fill({name}* to, Arena arena)
    {{
{filled}    }}
}}

"
    )
}

// ---- what is handed out

fn fact_class(model: &Model, name: &str, class: &str) -> String {
    let record = model.header.get(name);
    let (mut declared, mut filled) = (String::new(), String::new());
    for field in properties(record) {
        let c = &field.name;
        let (cs, value) = fact(model, name, field);
        let property = match (c.as_str(), name) {
            ("conn", "hws_event") => "Connection".to_owned(),
            ("conn", _) => "ConnectionId".to_owned(),
            _ => property(field),
        };
        let mut comment = field.comment.clone();
        for (there, here) in
            FACT_WORDS.iter().filter(|(there, _)| cs.starts_with("bool") || !there.starts_with(['0', '1']))
        {
            comment = comment.replace(there, here);
        }
        declared += &format!("{}    public {cs} {property} {{ get; }}\n\n", summary(model, &comment, "    "));
        filled += &match value.split_once(" for ") {
            Some((list, fill)) => format!("        {property} = {list};\n        for {fill};\n"),
            None => format!("        {property} = {value};\n"),
        };
    }
    let (is_error, is_event) = (class == "HawserException", class == "HawserEvent");
    let comment = summary(model, &record.comment, "");
    let partial = if is_error { "partial" } else { "sealed partial" };
    let (engine, inner) =
        (if is_event { "Engine engine, " } else { "" }, if is_error { ", Exception inner" } else { "" });
    let known = if record.is_versioned() {
        format!(
            "        var known = default({name}); // the library may be older than this binding
        Buffer.MemoryCopy(given, &known, sizeof({name}), Math.Min(given->struct_size, sizeof({name})));
        var from = &known;
"
        )
    } else {
        "        var from = given;\n".to_owned()
    };
    let base = if is_error { " : base(Memory.Text(given->message), inner ?? From(given->cause))" } else { "" };
    format!(
        "{comment}public {partial} class {class}
{{
{declared}    internal unsafe {class}({engine}{name}* given{inner}){base}
    {{
{known}{filled}    }}
}}

"
    )
}

/// The type of a fact, and how it is read.
fn fact(model: &Model, name: &str, field: &Variable) -> (String, String) {
    let c = field.name.as_str();
    let value = format!("from->{}", identifier(c));
    let one = c.strip_suffix("_offered").unwrap_or(c).trim_end_matches('s');
    let (cs, read) = match (c, field.ctype.base.as_str()) {
        ("operation", _) => {
            ("string", format!("{value} == 0 ? null : Memory.Text(Native.hws_operation_name({value}))"))
        }
        ("rcvd_then_sent", _) => ("bool?", format!("{value} < 0 ? (bool?)null : {value} == 1")),
        (c, _) if BOOLEANS.contains(&c) => ("bool", format!("{value} != 0")),
        (c, "int64_t") if c.ends_with("_ms") => {
            ("TimeSpan?", format!("{value} < 0 ? (TimeSpan?)null : TimeSpan.FromMilliseconds({value})"))
        }
        (c, "uint64_t") if c.ends_with("_ms") => ("TimeSpan", format!("TimeSpan.FromMilliseconds({value})")),
        (_, "int64_t") => ("long?", format!("{value} < 0 ? (long?)null : {value}")),
        (_, "hws_status") => ("Status", format!("(Status){value}")),
        (_, "hws_conn") if name == "hws_event" => ("Connection", "engine.FindConnection(from)".to_owned()),
        (_, "hws_listener") => ("Listener", "engine.FindListener(from)".to_owned()),
        (_, "hws_request") => ("Request", "from->request.id == 0 ? null : new Request(engine, from)".to_owned()),
        (_, "hws_handshake") => ("Handshake", format!("{value} == null ? null : new Handshake({value})")),
        (_, "hws_conn") => ("ulong", format!("{value}.id")),
        (_, "hws_str") if field.ctype.pointers == 0 => ("string", format!("Memory.Text({value})")),
        (_, "hws_str") => {
            let property = property(field);
            let fill = format!("(var i = 0; i < {property}.Count; i++) {property}[i] = Memory.Text({value}[i])");
            ("IList<string>", format!("new string[(int)from->{one}_count] for {fill}"))
        }
        (_, "hws_header") => {
            let add = format!("{}.Add(Memory.Text({value}[i].name), Memory.Text({value}[i].value))", property(field));
            ("HeaderList", format!("new HeaderList() for (var i = 0; i < (int)from->{one}_count; i++) {add}"))
        }
        (_, "hws_bytes") => ("byte[]", format!("Memory.Bytes({value})")),
        (_, "hws_close_info") => ("CloseInfo", format!("{value}.present == 0 ? null : new CloseInfo(&{value})")),
        (_, "hws_error_info") => ("HawserException", format!("HawserException.From({value})")),
        _ => {
            let (cs, raw) = (number(model, field), primitive(model.header.resolve(&field.ctype.base)));
            return if cs == raw { (cs, value) } else { (cs.clone(), format!("({cs}){value}")) };
        }
    };
    (cs.to_owned(), read)
}

// ---- the header itself

fn native(model: &Model) -> String {
    let header = &model.header;
    let mut out = String::new();
    for record in &header.structs {
        out += &format!("[StructLayout(LayoutKind.Sequential)]\nunsafe struct {}\n{{\n", record.name);
        for field in &record.fields {
            let (ctype, name) = (native_type(model, &field.ctype), identifier(&field.name));
            out += &match field.ctype.array {
                Some(count) => format!("    public fixed {ctype} {name}[{count}];\n"),
                None => format!("    public {ctype} {name};\n"),
            };
        }
        out += "}\n\n";
    }
    let abi = header.numbers.iter().find(|(name, _)| name == "HWS_ABI_VERSION").expect("there is an ABI version").1;
    out += &format!("static unsafe partial class Native\n{{\n    public const uint AbiVersion = {abi};\n");
    out += "#if UNITY_IOS && !UNITY_EDITOR\n    public const string Name = \"__Internal\";\n";
    out += "#else\n    public const string Name = \"hawser\";\n#endif\n";
    for function in &header.functions {
        let parameters: Vec<_> = function
            .parameters
            .iter()
            .map(|one| format!("{} {}", native_type(model, &one.ctype), identifier(&one.name)))
            .collect();
        let result = native_type(model, &function.result);
        out += "\n    [DllImport(Name, CallingConvention = CallingConvention.Cdecl)]\n";
        out += &format!("    public static extern {result} {}({});\n", function.name, parameters.join(", "));
    }
    out + "}\n"
}

/// Where C has the fields, for a test that they are there in C#, too.
fn layouts(model: &Model) -> String {
    let mut out = "static class Layouts\n{\n".to_owned();
    out += "    public static readonly Dictionary<string, int[]> Offsets = new Dictionary<string, int[]> // the last is the size\n    {\n";
    for record in &model.header.structs {
        let layout = model.header.layout(&record.name);
        let offsets: Vec<_> = layout.offsets.iter().chain([&layout.size]).map(usize::to_string).collect();
        out += &format!("        {{ \"{}\", new[] {{ {} }} }},\n", record.name, offsets.join(", "));
    }
    out + "    };\n}\n"
}

fn native_type(model: &Model, ctype: &Type) -> String {
    let base = model.header.resolve(&ctype.base);
    if ctype.function.is_some() || model.header.callbacks.iter().any(|one| one.name == base) {
        return "IntPtr".to_owned();
    }
    primitive(base).to_owned() + &"*".repeat(ctype.pointers)
}

fn primitive(base: &str) -> &str {
    match base {
        "uint8_t" | "char" => "byte",
        "int32_t" => "int",
        "uint32_t" => "uint",
        "int64_t" => "long",
        "uint64_t" => "ulong",
        "size_t" => "UIntPtr",
        "ptrdiff_t" => "IntPtr",
        other => other,
    }
}

/// Names that mean something else in C#.
fn identifier(name: &str) -> String {
    if ["params", "event"].contains(&name) { format!("@{name}") } else { name.to_owned() }
}

// ---- prose

/// `ping_interval_ms` as `PingInterval`: a property has the unit in its type.
fn property(field: &Variable) -> String {
    let name = field.name.as_str();
    camel(name.strip_suffix("_ms").or(name.strip_suffix("_s")).unwrap_or(name))
}

/// A comment of the header as a summary in XML, with the names that things have here.
fn summary(model: &Model, comment: &str, indent: &str) -> String {
    sentence(&translate(model, comment), indent)
}

fn sentence(text: &str, indent: &str) -> String {
    let Some(first) = text.chars().next() else { return String::new() };
    let word = text.split([' ', ':', ';', ',']).next().unwrap_or_default();
    let is_word = word.chars().all(|c| c.is_ascii_lowercase() || c == '\'' || c == '-');
    let first = if is_word { first.to_ascii_uppercase() } else { first };
    let stop = if text.ends_with(['.', ':']) { "" } else { "." };
    let text = format!("{first}{}{stop}", &text[1..]);
    let text = text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;");
    format!("<summary>{text}</summary>")
        .lines()
        .map(|line| format!("{}\n", format!("{indent}/// {line}").trim_end()))
        .collect()
}

/// What is between quotation marks stays as it is.
fn translate(model: &Model, comment: &str) -> String {
    let quoted = |(at, part): (usize, &str)| if at % 2 == 1 { part.to_owned() } else { translate_words(model, part) };
    comment.split('"').enumerate().map(quoted).collect::<Vec<_>>().join("\"")
}

fn translate_words(model: &Model, text: &str) -> String {
    let is_part = |c: char| c.is_ascii_alphanumeric() || c == '_';
    let (mut out, mut rest) = (String::new(), text);
    while let Some(start) = rest.find(is_part) {
        let end = start + rest[start..].find(|c| !is_part(c)).unwrap_or(rest.len() - start);
        out += &rest[..start];
        let in_path =
            out.ends_with('.') || rest[end..].strip_prefix('.').is_some_and(|after| after.starts_with(is_part));
        out += &translate_word(model, &rest[start..end], in_path);
        rest = &rest[end..];
    }
    out + rest
}

fn translate_word(model: &Model, word: &str, in_path: bool) -> String {
    let fixed = [
        ("HWS_NEVER", "Timeout.InfiniteTimeSpan"),
        ("HWS_NO_JITTER", "uint.MaxValue"),
        ("UINT64_MAX", "ulong.MaxValue"),
        ("HWS_ON", "true"),
        ("HWS_OFF", "false"),
        ("NULL", "null"),
        ("conn", "connection"),
        ("hws_event", "HawserEvent"),
    ];
    if let Some((_, here)) = fixed.iter().find(|(there, _)| *there == word) {
        return (*here).to_owned();
    }
    for (name, class, prefix) in ENUMS.iter().filter(|_| word.starts_with("HWS_")) {
        if find_enum(model, name).constants.iter().any(|constant| constant.name == word) {
            return format!("{class}.{}", member(word, prefix));
        }
    }
    if let Some(code) = word.strip_prefix("HWS_ERR_") {
        return format!("Status.{}", camel(code));
    }
    let enums = ENUMS.iter().map(|(name, class, _)| (name, class));
    let structs = OPTIONS.iter().chain(FACTS).map(|(name, class)| (name, class));
    if let Some((_, class)) = enums.chain(structs).find(|(name, _)| **name == word) {
        return (*class).to_owned();
    }
    let mut fields = model.header.structs.iter().flat_map(|record| &record.fields);
    match word.strip_prefix("hws_") {
        Some(function) => method(function).unwrap_or(word.to_owned()),
        None if in_path || word.contains('_') => {
            fields.find(|field| field.name == word).map_or(word.to_owned(), property)
        }
        None => word.to_owned(),
    }
}

/// `conn_reconnect` as `Connection.Reconnect`, if it is there.
fn method(function: &str) -> Option<String> {
    let classes = ["conn", "engine", "listener", "pool", "request"].into_iter();
    let (class, name) = match function {
        "poll" => ("Engine", "update"),
        "pool_free" => ("Pool", "dispose"),
        "engine_free" => ("Engine", "dispose"),
        "preset_get" => return Some("Preset".to_owned()),
        "engine_new" | "adopt" | "recv" | "operation_name" => return None,
        "send" | "close" | "abort" | "subscribe" | "unsubscribe" => ("Connection", function),
        "connect" | "listen" | "publish" | "wake" | "has_feature" => ("Engine", function),
        _ => match classes.clone().find_map(|class| Some((class, function.strip_prefix(class)?.strip_prefix('_')?))) {
            Some(("conn", name)) => ("Connection", name),
            Some((class, name)) => return Some(format!("{}.{}", camel(class), camel(name))),
            None => return None,
        },
    };
    Some(format!("{class}.{}", camel(name)))
}
