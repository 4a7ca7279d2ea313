//! Functions of the header that are nothing but a call, as methods of the classes that have the handle.

use super::{FACTS, OPTIONS, identifier, primitive, sentence, summary, translate};
use crate::Model;
use crate::header::{Function, Variable};
use crate::table::camel;

/// A name that begins with ~ is for the binding itself. There is none for what needs more than a call.
const METHODS: &[(&str, &[(&str, &str)])] = &[
    (
        "Engine",
        &[
            ("hws_engine_new", "~NewId"),
            ("hws_connect", "~ConnectId"),
            ("hws_listen", "~ListenId"),
            ("hws_pool_new", "~PoolId"),
            ("hws_wake", "Wake"),
            ("hws_publish", "Publish"),
            ("hws_topic_subscribers", "TopicSubscribers"),
            ("hws_engine_refusals", "Refusals"),
            ("hws_engine_stats", "Stats"),
            ("hws_version", "LibraryVersion"),
            ("hws_has_feature", "HasFeature"),
        ],
    ),
    (
        "Connection",
        &[
            ("hws_send", "Send"),
            ("hws_close", "Close"),
            ("hws_abort", "Abort"),
            ("hws_conn_pause", "Pause"),
            ("hws_conn_state", "State"),
            ("hws_subscribe", "Subscribe"),
            ("hws_unsubscribe", "Unsubscribe"),
            ("hws_conn_reconnect", "Reconnect"),
            ("hws_conn_replay", "Replay"),
            ("hws_conn_forget", "Forget"),
            ("hws_conn_stats", "Stats"),
        ],
    ),
    (
        "Listener",
        &[("hws_listener_address", "Address"), ("hws_listener_close", "Close"), ("hws_listener_set_tls", "SetTls")],
    ),
    ("Request", &[("hws_request_accept", "~AcceptId"), ("hws_request_respond", "Respond")]),
    ("Pool", &[("hws_pool_acquire", "~Ask"), ("hws_pool_release", "~Return"), ("hws_pool_stats", "Stats")]),
];

/// What an argument is that is left out.
const DEFAULTS: &[(&str, &str)] =
    &[("code", "1000"), ("reason", "null"), ("paused", "true"), ("options", "null"), ("drain", "null")];

/// Methods without parameters that are properties.
const PROPERTIES: &[&str] = &["Stats", "State", "Address", "LibraryVersion"];

pub fn methods(model: &Model) -> String {
    let one = |(class, functions): &(&str, &[(&str, &str)])| {
        let methods: Vec<_> =
            functions.iter().map(|(function, name)| method(model, find(model, function), name)).collect();
        let handle = format!("    internal hws_{0} Handle => new hws_{0} {{ id = Id }};\n\n", class.to_lowercase());
        let handle = handle.replace("connection", "conn");
        format!("public sealed partial class {class}\n{{\n{handle}{}}}\n\n", methods.join("\n"))
    };
    METHODS.iter().map(one).collect()
}

fn find<'a>(model: &'a Model, name: &str) -> &'a Function {
    model.header.functions.iter().find(|one| one.name == name).expect("the header has this function")
}

/// What becomes of the parameters.
#[derive(Default)]
struct Call {
    /// The method's parameters.
    taken: Vec<String>,
    /// The function's arguments.
    given: Vec<String>,
    /// Lines before the call, and behind it.
    before: String,
    after: String,
    /// What the method returns.
    result: Option<String>,
}

impl Call {
    fn parameter(&mut self, one: &Variable) {
        let (c, base) = (parameter(one.name.trim_end_matches("_ms")), one.ctype.base.as_str());
        let class = OPTIONS.iter().find(|(name, _)| *name == base).map(|(_, class)| *class);
        let fact = FACTS.iter().find(|(name, _)| *name == base).map(|(_, class)| *class);
        let (cs, value) = match (base, one.ctype.pointers) {
            ("char", _) if one.ctype.constant => ("string", format!("arena.Text({c}).ptr")),
            ("char", _) => {
                self.before += "var text = stackalloc byte[512];\nUIntPtr length;\n";
                self.result = Some("string".to_owned());
                self.after = "return Encoding.UTF8.GetString(text, (int)length);\n".to_owned();
                ("", "text".to_owned())
            }
            ("size_t", 1) => ("", "&length".to_owned()),
            ("size_t", _) if one.name == "cap" => ("", "(UIntPtr)512".to_owned()),
            ("size_t", _) => ("", "(UIntPtr)data.Count".to_owned()),
            ("void", _) => ("ArraySegment<byte>", "start + data.Offset".to_owned()),
            ("hws_str", _) => ("string", format!("arena.Text({c})")),
            ("hws_opcode", _) => ("Opcode", format!("(uint){c}")),
            ("hws_status", _) => ("Status", format!("(int){c}")),
            ("hws_conn", 0) => ("Connection", format!("{c}.Handle")),
            ("int32_t", 0) if one.name.ends_with("_ms") => {
                ("TimeSpan?", format!("checked((int)Math.Ceiling({c}?.TotalMilliseconds ?? 0))"))
            }
            ("int32_t", 0) => ("bool", format!("{c} ? 1 : 0")),
            _ if class.is_some() => {
                (class.unwrap_or_default(), format!("{}.Copy({c}, arena)", class.unwrap_or_default()))
            }
            (_, 1) if fact.is_some() => {
                self.before += &format!("var known = new {base} {{ struct_size = (uint)sizeof({base}) }};\n");
                self.after = format!("return new {}(&known);\n", fact.unwrap_or_default());
                self.result = fact.map(str::to_owned);
                ("", "&known".to_owned())
            }
            (_, 1) => ("", self.out(&c, primitive(base))),
            _ => (primitive(base), c.clone()),
        };
        self.given.push(value);
        if !cs.is_empty() {
            let default = DEFAULTS.iter().find(|(name, _)| *name == one.name);
            let default = default.map_or(String::new(), |(_, value)| format!(" = {value}"));
            self.taken.push(format!("{cs} {c}{default}"));
        }
    }

    /// The first number or handle that is written is what the method returns.
    fn out(&mut self, c: &str, ctype: &str) -> String {
        if self.result.is_none() {
            self.before += &format!("{ctype} {c};\n");
            let (result, value) = match c {
                "state" => {
                    self.before += "if (Closed.IsCompleted) return State.Closed;\n"; // the handle is stale then
                    ("State", "(State)state".to_owned())
                }
                _ if ctype.starts_with("hws_") => ("ulong", format!("{c}.id")),
                _ => (ctype, c.to_owned()),
            };
            self.result = Some(result.to_owned());
            self.after += &format!("return {value};\n");
            return format!("&{c}");
        }
        self.before += &format!("{ctype} {c}Value;\n");
        self.after = format!("{c} = {c}Value;\n{}", self.after);
        self.taken.push(format!("out {ctype} {c}"));
        for taken in &mut self.taken {
            *taken = taken.replace(" = null", ""); // an out parameter is never left out
        }
        format!("&{c}Value")
    }
}

fn method(model: &Model, function: &Function, name: &str) -> String {
    let first = function.parameters.first().map_or("", |one| one.ctype.base.as_str());
    let has_handle =
        function.parameters.first().is_some_and(|one| one.ctype.pointers == 0) && first.starts_with("hws_");
    let mut call = Call::default();
    if has_handle {
        call.given.push("Handle".to_owned());
    }
    for one in &function.parameters[usize::from(has_handle)..] {
        call.parameter(one);
    }
    let native = format!("Native.{}({})", function.name, call.given.join(", "));
    let (statement, wrapped) = match (function.result.base.as_str(), function.result.pointers) {
        ("char", 1) => (result(&mut call, "string", format!("Memory.Text({native})")), true),
        ("int32_t", 0) => (result(&mut call, "bool", format!("{native} == 1")), true),
        _ => (format!("HawserException.Check({native});"), false),
    };
    let fixed = native.contains("start + ");
    let statement = if fixed { format!("fixed (byte* start = data.Array)\n    {statement}") } else { statement };
    let using = "using (var arena = new Arena())";
    let statement = match native.contains("arena") {
        false => statement + "\n",
        true if !fixed && statement.len() < 80 => format!("{using} {statement}\n"),
        true => format!("{using}\n    {}\n", statement.replace('\n', "\n    ")),
    };
    let (visible, name) = name.strip_prefix('~').map_or(("public", name), |name| ("internal", name));
    let fixed = if has_handle { "" } else { "static " };
    let head = format!("    {visible} {fixed}unsafe {} {name}", call.result.as_deref().unwrap_or("void"));
    let doc = if visible == "public" { describe(model, &function.comment) } else { String::new() };
    let lines = |indent: &str| {
        let body = call.before.clone() + &statement + &call.after;
        body.lines().map(|line| format!("{indent}{line}\n")).collect::<String>()
    };
    let parameters = call.taken.join(", ");
    if wrapped && PROPERTIES.contains(&name) {
        let value = statement.trim().trim_start_matches("return ").trim_end_matches(';');
        return format!("{doc}{head} => Library.First(() => {value});\n");
    }
    if wrapped {
        return format!("{doc}{head}({parameters}) => Library.First(() =>\n    {{\n{}    }});\n", lines("        "));
    }
    if PROPERTIES.contains(&name) {
        return format!("{doc}{head}\n    {{\n        get\n        {{\n{}        }}\n    }}\n", lines("            "));
    }
    format!("{doc}{head}({parameters})\n    {{\n{}    }}\n", lines("        "))
}

fn result(call: &mut Call, ctype: &str, value: String) -> String {
    call.result = Some(ctype.to_owned());
    format!("return {value};")
}

/// `after_token` as `afterToken`.
fn parameter(name: &str) -> String {
    identifier(&(name[..1].to_owned() + &camel(name)[1..]))
}

/// What the header says of a function, and its errors as those of the method.
fn describe(model: &Model, comment: &str) -> String {
    let (text, rest) = comment.split_once("\nOwns:").expect("every function says what it owns");
    let errors = rest.split_once("\nErrors:").and_then(|(_, rest)| rest.split_once("\nThreads:"));
    let errors = translate(model, errors.map_or("", |(errors, _)| errors.trim()));
    let exception = sentence(&errors, "    ")
        .replace("<summary>", "<exception cref=\"HawserException\">")
        .replace("</summary>", "</exception>");
    summary(model, text.trim(), "    ") + if errors == "none." { "" } else { &exception }
}

pub fn preset(model: &Model) -> String {
    let (mut declared, mut before, mut after) = (String::new(), String::new(), String::new());
    for field in model.header.get("hws_preset").used_fields() {
        let (c, name, property) = (&field.name, &field.ctype.base, camel(&field.name));
        declared += &format!("    public {property} {property} {{ get; private set; }}\n\n");
        before += &format!("        var {c} = new {name} {{ struct_size = (uint)sizeof({name}) }};\n");
        before += &format!("        preset.{c} = &{c};\n");
        after += &format!("        {property} = new {property}(&{c});\n");
    }
    format!(
        "/// <summary>Options for a kind of use. Change what you like, and pass them on.</summary>
public sealed class Preset
{{
{declared}{}    public Preset(string name) => Library.First(() => Get(name));

    unsafe bool Get(string name)
    {{
        var preset = new hws_preset {{ struct_size = (uint)sizeof(hws_preset) }};
{before}        using (var arena = new Arena()) HawserException.Check(Native.hws_preset_get(arena.Text(name), &preset));
{after}        return true;
    }}
}}
",
        describe(model, &find(model, "hws_preset_get").comment)
    )
}
