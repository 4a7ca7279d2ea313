//! The words of the header and of its comments in Go.

use std::fmt::Write;

use super::{BY_HAND, ENUMS, Model, fields};
use crate::header::{Constant, Function, Struct};

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

/// Words that Go writes in capitals.
const INITIALISMS: &[&str] = &[
    "abi", "alpn", "ca", "eof", "fd", "gid", "http", "io", "ok", "os", "pem", "pid", "rtt", "socks", "tls", "uid",
    "uri",
];

pub(super) fn lookup(table: &'static [(&str, &str)], name: &str) -> Option<&'static str> {
    table.iter().find(|(c, _)| *c == name).map(|(_, go)| *go)
}

/// `tls_alert` and `TLS_1_2` as `TLSAlert` and `TLS12`.
pub(super) fn pascal(name: &str) -> String {
    let word = |word: &str| match word.to_lowercase() {
        word if INITIALISMS.contains(&word.as_str()) => word.to_uppercase(),
        word => word[..1].to_uppercase() + &word[1..],
    };
    name.split('_').filter(|part| !part.is_empty()).map(word).collect()
}

/// `after_token` as `afterToken`.
pub(super) fn camel(name: &str) -> String {
    match name.split_once('_') {
        Some((first, rest)) => first.to_owned() + &pascal(rest),
        None => name.to_owned(),
    }
}

pub(super) fn type_name(c: &str) -> String {
    match c {
        "hws_error_info" => "Error".into(),
        "hws_conn" => "Handle".into(),
        "hws_close_info" => "CloseFrame".into(),
        _ => pascal(c.trim_start_matches("hws_")),
    }
}

/// `Handle.Send` for hws_send, and for hws_conn_pause what follows the kind of the handle.
pub(super) fn function_name(function: &Function) -> String {
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

// ---- comments and layout

/// A comment of the header in the words of Go, with one line for each paragraph.
pub(super) fn translate(model: &Model, comment: &str) -> String {
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
pub(super) fn of_event(model: &Model, comment: &str) -> String {
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
pub(super) fn about(name: &str, comment: &str) -> String {
    comment_lines("", &format!("{name}: {}{}", comment[..1].to_lowercase(), &comment[1..]))
}

pub(super) fn comment_lines(indent: &str, comment: &str) -> String {
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
pub(super) struct Line {
    pub comment: String,
    pub name: String,
    pub rest: String,
}

/// As gofmt has them: blank lines before comments, and between those one column.
pub(super) fn lines(lines: Vec<Line>) -> String {
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
