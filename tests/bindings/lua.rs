//! What is generated of the binding for Lua: the declarations that LuaJIT's ffi reads, and the same as tables, so that
//! hawser.lua can turn tables of options into structs, and structs into tables, without knowing any field by name.

use super::header::{Enum, Function, Header, Struct, Variable};
use super::table::Code;
use super::{File, MADE, Model};

pub fn files(model: &Model) -> Vec<File> {
    let header = &model.header;
    let abi = header.numbers.iter().find(|(name, _)| name == "HWS_ABI_VERSION").expect("the header has a version");
    let calls = header.functions.iter().filter_map(|function| call(header, function));
    let text = [
        format!("-- {MADE}\nlocal ffi = require \"ffi\"\n"),
        format!("ffi.cdef [[\n{}]]\n", header.declarations()),
        format!("local M = {{ abi_version = {} }}\n", abi.1),
        section("enums", "Constants by their names.", header.enums.iter().map(constants)),
        section("names", "The names of constants.", header.enums.iter().map(constant_names)),
        section("structs", "What the fields of a struct are.", header.structs.iter().map(|one| fields(header, one))),
        section("functions", "What functions that may fail take, and what comes back through pointers.", calls),
        section(
            "statuses",
            "Codes by their names. What is-a what the library knows.",
            model.table.0.iter().map(status),
        ),
        "return M\n".to_owned(),
    ];
    vec![("lua/hawser_cdef.lua", text.join("\n"))]
}

fn section(name: &str, comment: &str, lines: impl Iterator<Item = String>) -> String {
    format!("-- {comment}\nM.{name} = {{\n{}}}\n", lines.collect::<String>())
}

// ---- as tables

/// `hws_sides = { neither = 0, ["local"] = 1, remote = 2 },`
fn constants(one: &Enum) -> String {
    let pair = |(name, value): &(String, i64)| match name.as_str() {
        "local" => format!("[\"local\"] = {value}"), // a keyword
        _ => format!("{name} = {value}"),
    };
    let pairs: Vec<_> = pairs(one).iter().map(pair).collect();
    format!("  {} = {{ {} }},\n", one.name, pairs.join(", "))
}

/// `hws_sides = { [0] = "neither", [1] = "local", [2] = "remote" },`
fn constant_names(one: &Enum) -> String {
    let pairs: Vec<_> = pairs(one).iter().map(|(name, value)| format!("[{value}] = \"{name}\"")).collect();
    format!("  {} = {{ {} }},\n", one.name, pairs.join(", "))
}

fn pairs(one: &Enum) -> Vec<(String, i64)> {
    let prefix = prefix(one);
    one.constants.iter().map(|constant| (constant.name[prefix..].to_lowercase(), constant.value)).collect()
}

/// The length of the words that all constants of an enum begin with. What is left of each must be a name itself.
fn prefix(one: &Enum) -> usize {
    let first = &one.constants[0].name;
    let shared = |at: &usize| {
        one.constants.iter().all(|constant| {
            constant.name.starts_with(&first[..*at]) && constant.name[*at..].starts_with(|c: char| c.is_alphabetic())
        })
    };
    let starts: Vec<_> = first.match_indices('_').map(|(at, _)| at + 1).collect();
    starts.into_iter().rev().find(shared).expect("all begin with HWS_")
}

fn fields(header: &Header, one: &Struct) -> String {
    // the length of an array is no field of its own: its table knows
    let lengths: Vec<_> = one.used_fields().filter_map(|field| length(one, field)).collect();
    let lines: String = one
        .used_fields()
        .filter(|field| field.ctype.function.is_none() && field.ctype.base != "void")
        .filter(|field| !lengths.contains(&field.name.as_str()))
        .map(|field| (&field.name, kind(header, one, field), none(one, field)))
        .map(|(name, kind, none)| format!("    {name} = {{ {kind}{none} }},\n"))
        .collect();
    format!("  {} = {{\n{lines}  }},\n", one.name)
}

/// The name of the field that says how long this array is: it comes right behind.
fn length<'a>(one: &'a Struct, field: &Variable) -> Option<&'a str> {
    let next = one.fields.iter().skip_while(|other| other.name != field.name).nth(1)?;
    (field.ctype.pointers == 1 && next.name.ends_with("_count") && next.ctype.base == "size_t").then_some(&next.name)
}

fn kind(header: &Header, one: &Struct, field: &Variable) -> String {
    let base = field.ctype.base.as_str();
    if let Some(count) = length(one, field) {
        return format!("kind = \"array\", type = \"{base}\", count = \"{count}\"");
    }
    if let Some(name) = listed(header, field).filter(|name| *name != "hws_toggles") {
        return format!("kind = \"enum\", type = \"{name}\"");
    }
    match base {
        "hws_toggle" => "kind = \"toggle\"".to_owned(),
        "hws_status" => "kind = \"status\"".to_owned(),
        "hws_str" | "hws_bytes" => "kind = \"text\"".to_owned(),
        _ if field.ctype.pointers == 1 => format!("kind = \"pointer\", type = \"{base}\""),
        _ if base.starts_with("hws_") && header.resolve(base) == base => {
            let kind = if header.get(base).is_handle() { "handle" } else { "struct" };
            format!("kind = \"{kind}\", type = \"{base}\"")
        }
        _ => format!("kind = \"number\", type = \"{}\"", header.resolve(base)),
    }
}

/// The enum that lists the values of a number, if one does: its comment, or its type's, says `one of` it or begins with
/// the one that is the default.
fn listed<'a>(header: &'a Header, field: &Variable) -> Option<&'a str> {
    let alias = header.aliases.iter().find(|alias| alias.name == field.ctype.base);
    let comments = [field.comment.as_str(), alias.map_or("", |alias| &alias.comment)];
    let is_listed = |one: &&Enum| {
        let words = format!("ne of {}", one.name);
        let is_default = |name| field.comment.starts_with(&format!("{name}, the default"));
        comments.iter().any(|comment| comment.contains(&words)) || one.constants.iter().any(|c| is_default(&c.name))
    };
    header.enums.iter().find(is_listed).map(|one| one.name.as_str())
}

/// What a field of an error is when it does not apply, and an option that is as usual.
fn none(one: &Struct, field: &Variable) -> &'static str {
    let says = |word: &str| field.comment.contains(word);
    let is_option = ["Zero is the default", " 0 is the default"].iter().any(|rule| one.comment.contains(rule));
    match field.ctype.base.as_str() {
        _ if field.ctype.pointers > 0 || (one.name != "hws_error_info" && !is_option) => "",
        "hws_str" if says("ptr NULL") => "",
        "hws_str" | "hws_bytes" => ", none = \"\"",
        "int32_t" | "int64_t" if !is_option && (says("-1:") || field.name.ends_with("_size")) => ", none = -1",
        _ => ", none = 0",
    }
}

/// A function that a table can describe: handles, texts, numbers, options, bytes with their length, and what comes back.
fn call(header: &Header, function: &Function) -> Option<String> {
    let parameters: Option<Vec<_>> = function.parameters.iter().map(|one| parameter(header, one)).collect();
    let lines: String = parameters?.iter().map(|one| format!("    {{ {one} }},\n")).collect();
    (function.result.base == "hws_status" && !function.comment.contains("\nErrors: none"))
        .then(|| format!("  {} = {{\n{lines}  }},\n", function.name))
}

fn parameter(header: &Header, one: &Variable) -> Option<String> {
    let Variable { name, ctype, .. } = one;
    let base = ctype.base.as_str();
    let is_struct = header.structs.iter().any(|other| other.name == base);
    let versioned = is_struct && header.get(base).is_versioned();
    let kind = match (base, ctype.pointers, ctype.constant) {
        ("hws_str", 0, _) => "text",
        ("hws_opcode", 0, _) => "opcode",
        ("hws_status", 0, _) => "status",
        (_, 0, _) if is_struct => "handle",
        ("size_t", 0, _) => "length",
        ("uint32_t" | "int32_t" | "uint64_t" | "ptrdiff_t", 0, _) => "number",
        ("void", 1, true) => "data",
        (_, 1, true) if is_struct && header.get(base).is_handle() => "handles",
        (_, 1, true) if versioned && base != "hws_error_info" => "options",
        (_, 1, false) if versioned => "filled",
        (_, 1, false) if is_struct || base.ends_with("_t") && base != "size_t" => "out",
        _ => return None,
    };
    Some(format!("name = \"{name}\", kind = \"{kind}\", type = \"{base}\""))
}

/// `INVALID_ORIGIN = -433, -- the origin is not allowed`
fn status(code: &Code) -> String {
    format!("  {} = {}, -- {}\n", code.name, code.status, code.text)
}
