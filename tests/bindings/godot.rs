//! What is generated of the extension for Godot: tables of the structs that a client fills or is given, so that they can be
//! dictionaries, and of all constants.

use super::header::{Header, Struct, Variable};
use super::table::camel;
use super::{File, MADE, Model};

/// The structs that dictionaries stand for, in the header's order: those inside others come first.
const RECORDS: &[&str] = &[
    "hws_error_info",
    "hws_engine_options",
    "hws_handshake",
    "hws_event",
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
    "hws_send_options",
    "hws_stats",
];

pub fn files(model: &Model) -> Vec<File> {
    let mut text = format!("/* {MADE} */\n");
    for one in model.header.structs.iter().filter(|one| RECORDS.contains(&one.name.as_str())) {
        text += &record(one, &model.header);
    }
    text += "\nstatic const struct constant constants[] = {\n";
    for code in &model.table.0 {
        text += &format!("    {{ \"Codes\", \"ERR_{}\", {}, 0 }},\n", code.name, code.status);
    }
    for one in model.header.enums.iter().filter(|one| one.name != "hws_toggles") {
        let (name, flags) = (camel(one.name.trim_start_matches("hws_")), i32::from(one.name.ends_with("_flags")));
        for constant in &one.constants {
            let short = constant.name.trim_start_matches("HWS_");
            text += &format!("    {{ \"{name}\", \"{short}\", {}, {flags} }},\n", constant.value);
        }
    }
    text += "};\n";
    vec![("godot/src/tables.h", text)]
}

fn record(one: &Struct, header: &Header) -> String {
    let mut text = format!("\nstatic const struct field {}_fields[] = {{\n", one.name);
    for field in one.used_fields() {
        if let Some((kind, record)) = kind(field, header) {
            let inside = record.map_or("NULL".to_owned(), |name| format!("&{name}_record"));
            text += &format!("    {{ \"{0}\", offsetof({1}, {0}), {kind}, {inside} }},\n", field.name, one.name);
        }
    }
    text += "    { NULL, 0, TOGGLE, NULL },\n};\n";
    let versioned = i32::from(one.is_versioned());
    let short = one.name.trim_start_matches("hws_");
    text + &format!(
        "static const struct record {0}_record = {{ \"{short}\", sizeof({0}), {versioned}, {0}_fields }};\n",
        one.name
    )
}

/// How a field is carried over, and the struct that it leads to; none for what clients have no use for.
fn kind<'a>(field: &'a Variable, header: &'a Header) -> Option<(&'static str, Option<&'a str>)> {
    let (base, record) = (field.ctype.base.as_str(), Some(field.ctype.base.as_str()));
    if field.comment.starts_with("servers")
        || field.name.ends_with("_count")
        || field.name == "user" && base == "uint64_t"
    {
        return None;
    }
    Some(match (field.ctype.pointers, base) {
        (0, "hws_toggle") => ("TOGGLE", None),
        (0, "hws_str") if field.name == "header_value" => ("TEXT_OR_NULL", None),
        (0, "hws_str") => ("TEXT", None),
        (0, "hws_bytes") => ("BYTES", None),
        (0, "hws_close_info") => ("CLOSE", None),
        (0, "hws_certificate") => ("INSIDE", record),
        (0, base) if base.starts_with("hws_") && header.structs.iter().any(|one| one.name == base) => return None,
        (0, base) => match header.resolve(base) {
            "uint32_t" => ("U32", None),
            "int32_t" => ("I32", None),
            "uint64_t" => ("U64", None),
            "int64_t" => ("I64", None),
            other => panic!("how does Godot say {other}?"),
        },
        (1, "hws_str") => ("TEXTS", None),
        (1, "hws_header") => ("HEADERS", None),
        (1, "hws_error_info") => ("ERROR_INFO", None), // its own table is not there yet
        (1, "hws_handshake") => ("POINTER", record),
        (1, _) => ("POINTER", record),
        _ => panic!("how does Godot say {} {}?", field.ctype.c(), field.name),
    })
}
