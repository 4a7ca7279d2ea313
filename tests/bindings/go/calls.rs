//! The functions of the library as methods, and what they call.

use std::fmt::Write;

use super::words::{about, camel, comment_lines, function_name, translate, type_name};
use super::{MADE, Model, plain, unit};
use crate::header::{Function, Header, Variable};

/// Functions that are wrapped by hand; hws_recv is not: polls of other goroutines would end what it lends.
const WRAPPED: &[&str] = &["hws_engine_new", "hws_engine_free", "hws_poll", "hws_recv"];

/// Functions that return the error with the status, so that both are of the same call on the same thread.
pub(super) fn calls(header: &Header) -> String {
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

/// It may fail, and is not about errors themselves; what it gives is not borrowed from under another goroutine's poll; and it
/// takes nothing that saves no time where all must be copied into C's memory first.
fn is_fallible(function: &Function) -> bool {
    let borrows = |p: &Variable| p.ctype.pointers == 2 && p.ctype.constant;
    let hooks = |p: &Variable| p.ctype.base.ends_with("_fn") || p.ctype.base == "hws_allocator";
    let gathers = |p: &Variable| p.ctype.base == "hws_outgoing";
    function.result.base == "hws_status"
        && (!["hws_error_", "hws_status_"].iter().any(|of| function.name.starts_with(of))
            || function.name == "hws_error_raise")
        && !function.parameters.iter().any(|p| borrows(p) || hooks(p) || gathers(p))
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

pub(super) fn methods(model: &Model) -> String {
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
