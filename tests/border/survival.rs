//! A C program that calls every function of the header with everything that a function must survive: made from the
//! types alone, so that a function added tomorrow is covered the day it appears. tests/c/survive.h has the scene.

use std::fmt::Write as _;

use super::api::{Api, Function, Struct, Variable};

/// One way to spoil a call whose arguments are all plausible.
struct Case {
    /// C statements; also what a failure is reported as.
    change: String,
    /// What must come of it, see tests/c/survive.h.
    expect: &'static str,
}

const INVALID_HANDLE: &str = "HWS_ERR_INVALID_HANDLE";
const INVALID_ARGUMENT: &str = "HWS_ERR_INVALID_ARGUMENT";
const STRUCT_SIZE: &str = "HWS_ERR_STRUCT_SIZE";
/// HWS_OK, a USAGE error, or an error that the function's comment names.
const LEGAL: &str = "LEGAL";
/// Whatever the plausible call gives.
const AS_USUAL: &str = "AS_USUAL";

/// Kinds of handles that tests/c/survive.h can make; the others are refused by name.
const HANDLES: [&str; 6] = ["hws_engine", "hws_listener", "hws_conn", "hws_request", "hws_pool", "hws_error"];

/// Numbers that are handles of nothing: from a fixed seed, and some with a kind and a generation in the right place.
const FORGED: [&str; 8] = [
    "1u",
    "0x9e3779b97f4a7c15u",
    "0xbf58476d1ce4e5b9u",
    "0x1fff000000000001u",
    "0x2fff000000000001u",
    "0x3fff000000000001u",
    "0x7fff000000000001u",
    "0x3000fffff0000001u",
];

/// Values of a number that may be an enumeration: every one that is, the ones between, and the last.
fn enumerated() -> impl Iterator<Item = String> {
    (0..=20).map(|n| n.to_string()).chain(["UINT32_MAX".to_owned()])
}

/// The program, and how many functions and calls it has.
pub fn program(api: &Api) -> (String, usize) {
    let mut out = String::from("#include \"survive.h\"\n\n");
    for (name, is) in &api.structs {
        if is.is_versioned() {
            let _ = writeln!(out, "VERSIONED({name})");
        }
    }
    let mut calls = 0;
    for function in &api.functions {
        calls += write_function(&mut out, api, function);
    }
    write_random(&mut out, api);
    out.push_str("\nstatic const survivor survivors[] = {\n");
    for Function { name, .. } in &api.functions {
        let _ = writeln!(out, "    {{ \"{name}\", survive_{name} }},");
    }
    out.push_str("    { \"random handles\", random_handles },\n};\n\nSURVIVE(survivors)\n");
    (out, calls)
}

/// One C function with a block for each case; gives how many.
fn write_function(out: &mut String, api: &Api, function: &Function) -> usize {
    let mut cases = vec![Case { change: String::new(), expect: usual(function) }];
    for (at, parameter) in function.parameters.iter().enumerate() {
        cases.extend(spoil(api, function, at, parameter));
    }
    let documented = if function.is_infallible() { Vec::new() } else { function.documented() };
    let Function { name, .. } = function;
    let _ = writeln!(out, "\nstatic void survive_{name}(void)\n{{");
    let _ = writeln!(out, "    static const hws_status documented[] = {{ {} 1 }};", list(&documented));
    for Case { change, expect } in &cases {
        let _ =
            writeln!(out, "    scene_new(\"{name}\", \"{}\");\n    {{", change.replace('\\', "\\\\").replace('"', "'"));
        for (at, parameter) in function.parameters.iter().enumerate() {
            let _ = writeln!(out, "        {} = {};", declare(parameter), plausible(api, function, at, parameter));
        }
        let _ = writeln!(out, "        {change}\n        {}\n    }}", call(function, expect));
    }
    out.push_str("}\n");
    cases.len()
}

/// What the plausible call gives: success, but for these.
fn usual(function: &Function) -> &'static str {
    match &*function.name {
        // No preset has the plausible name.
        "hws_preset_get" => "HWS_ERR_INVALID_ARGUMENT",
        // It says what it is told.
        "hws_error_raise" => "HWS_ERR_INVALID_MESSAGE_DATA",
        // Nobody sends, and nobody waits.
        "hws_recv" => "HWS_ERR_RECV_TIMEOUT",
        // Memory is in use long before the scene is set.
        "hws_set_allocator" => "HWS_ERR_INVALID_STATE",
        // The listener of the scene is plain.
        "hws_listener_set_tls" => "HWS_ERR_INVALID_STATE",
        // The connection of the scene is of no pool.
        "hws_pool_release" => "HWS_ERR_INVALID_ARGUMENT",
        // The plausible status is 0, and success is no failure.
        "hws_engine_refusals" => "HWS_ERR_INVALID_ARGUMENT",
        _ => "HWS_OK",
    }
}

fn list(names: &[String]) -> String {
    names.iter().map(|name| format!("{name},")).collect::<Vec<_>>().join(" ")
}

fn declare(Variable { ctype, name }: &Variable) -> String {
    format!("{ctype}{}{name}", if ctype.ends_with('*') { "" } else { " " })
}

/// The call, and what is checked about it.
fn call(function: &Function, expect: &str) -> String {
    let names: Vec<_> = function.parameters.iter().map(|p| &*p.name).collect();
    let call = format!("{}({})", function.name, names.join(", "));
    match &*function.result {
        "hws_status" if !function.is_infallible() => {
            let exempt = function.parameters.iter().position(|p| function.says(&[&format!("*{} is set then", p.name)]));
            let exempt = exempt.map_or(-1, |at| at as i32);
            format!("TRY({call}, documented, {expect}, {exempt});")
        }
        "hws_status" | "int32_t" | "uint32_t" => format!("(void)documented; LOOK_AT_NUMBER({call});"),
        result if result.ends_with('*') => format!("(void)documented; LOOK_AT_POINTER({call});"),
        other => panic!("{}: the generator does not know the result type {other:?}", function.name),
    }
}

/// What stands behind a pointer or a number, as far as its type and its neighbours tell.
enum Shape<'a> {
    Handle(&'a str),
    /// A pointer to a const struct with a size.
    In(&'a str, &'a Struct),
    /// A pointer to such a struct to be filled in.
    InOut(&'a str),
    /// A pointer to be written to.
    Out,
    /// An array of handles, which its neighbour counts.
    Handles(&'a str),
    /// An array of structs, behind which stands the size of one; tests/c/survive.h makes it.
    Row(&'a str),
    Bytes,
    CString,
    Text,
    Hook(&'a str),
    User,
    /// The size of what the parameter before points to.
    SizeOf(&'a str),
    Length,
    Time,
    /// A descriptor.
    Socket,
    Signed,
    Unsigned,
    Wide,
}

fn shape_of<'a>(api: &'a Api, function: &'a Function, at: usize) -> Shape<'a> {
    let is = &function.parameters[at];
    let base = is.ctype.trim_start_matches("const ").trim_end_matches(['*', ' ']);
    let before = |steps| at.checked_sub(steps).map_or("", |at| &*function.parameters[at].ctype);
    let counts =
        before(1).ends_with('*') || before(2).ends_with('*') && function.parameters[at - 1].name.ends_with("_size");
    match (&*is.ctype, api.structs.get_key_value(base)) {
        ("hws_str", _) => Shape::Text,
        ("const void *", _) => Shape::Bytes,
        ("void *", _) => Shape::User,
        ("const char *", _) => Shape::CString,
        ("char *", _) => Shape::Out,
        ("hws_log_fn" | "hws_wake_fn", _) => Shape::Hook(&is.ctype),
        ("size_t", _) if is.name.ends_with("_size") => Shape::SizeOf(before(1).trim_end_matches([' ', '*'])),
        ("size_t" | "uint32_t", _) if counts => Shape::Length,
        ("int32_t", _) if is.name.ends_with("_ms") => Shape::Time,
        ("ptrdiff_t", _) if is.name == "socket" => Shape::Socket,
        ("int32_t" | "hws_status", _) => Shape::Signed,
        ("uint32_t" | "hws_opcode" | "hws_toggle", _) => Shape::Unsigned,
        ("uint64_t", _) => Shape::Wide,
        (ctype, Some((name, is))) if ctype == name && is.is_handle() && HANDLES.contains(&&**name) => {
            Shape::Handle(name)
        }
        (ctype, Some((name, is))) if ctype.starts_with("const ") && is.is_versioned() && !ctype.ends_with("**") => {
            Shape::In(name, is)
        }
        (ctype, Some((name, is)))
            if ctype == format!("const {name} *") && is.is_handle() && HANDLES.contains(&&**name) =>
        {
            Shape::Handles(name)
        }
        ("const hws_outgoing *", Some((name, _))) => Shape::Row(name),
        (ctype, Some((name, is))) if ctype == format!("{name} *") && is.is_versioned() => Shape::InOut(name),
        (ctype, Some(_)) if ctype.ends_with("**") || !ctype.starts_with("const") && ctype.ends_with('*') => Shape::Out,
        ("size_t *" | "uint32_t *" | "int32_t *" | "uint64_t *" | "ptrdiff_t *", None) => Shape::Out,
        (ctype, _) => panic!("{}: the generator does not know the type {ctype:?} of {}", function.name, is.name),
    }
}

/// An argument that a reasonable caller might pass.
fn plausible(api: &Api, function: &Function, at: usize, parameter: &Variable) -> String {
    match shape_of(api, function, at) {
        Shape::Handle(kind) => format!("scene.live_{kind}"),
        Shape::In(..) if excluded_by(api, function, at).is_some() => "NULL".to_owned(),
        Shape::In(name, _) => format!("in_{name}()"),
        Shape::InOut(name) => format!("inout_{name}({at})"),
        Shape::Out => format!("({})out({at})", parameter.ctype),
        // As many as a length says, see below.
        Shape::Handles(kind) => format!(
            "({kind}[]) {{ scene.live_{kind}, scene.ended_{kind}, {{ scene.live_hws_engine.id }}, scene.live_{kind} }}"
        ),
        Shape::Row(name) => format!("row_{name}()"),
        Shape::Bytes => "\"ahoy\"".to_owned(),
        Shape::CString => "\"client\"".to_owned(),
        Shape::Text if parameter.name == "target" => "hws_cstr(\"/ahoy\")".to_owned(),
        Shape::Text => "hws_cstr(\"ahoy\")".to_owned(),
        Shape::Hook(kind) => format!("quiet_{kind}"),
        Shape::SizeOf(name) => format!("sizeof({name})"),
        // As many bytes as "ahoy" has, and room for as many structs; texts to be written are longer, see `spoil`.
        Shape::Length if function.parameters[at - 1].ctype == "char *" => "OUT_MAX".to_owned(),
        Shape::Length => "4".to_owned(),
        Shape::User => "NULL".to_owned(),
        Shape::Socket => "a_socket()".to_owned(),
        Shape::Time | Shape::Signed | Shape::Wide => "0".to_owned(),
        // Text; also a log level, a state, an index.
        Shape::Unsigned if parameter.ctype == "hws_opcode" => "HWS_TEXT".to_owned(),
        Shape::Unsigned => "0".to_owned(),
    }
}

/// The struct before this one, where a function wants one of two only.
fn excluded_by<'a>(api: &Api, function: &'a Function, at: usize) -> Option<&'a str> {
    let either = function.says(&["Either", "the other is NULL"]);
    let before = at.checked_sub(1).filter(|at| either && matches!(shape_of(api, function, *at), Shape::In(..)));
    before.map(|at| &*function.parameters[at].name)
}

/// Everything that may be wrong with one argument.
fn spoil(api: &Api, function: &Function, at: usize, parameter: &Variable) -> Vec<Case> {
    let name = &*parameter.name;
    let case = |change: String, expect| Case { change, expect };
    let null = |expect| case(format!("{name} = NULL;"), expect);
    let optional = function.may_be_null(name);
    let mut cases = match shape_of(api, function, at) {
        Shape::Handle(kind) => spoil_handle(kind, name),
        Shape::In(kind, is) => {
            let spoiled = spoil_in(api, kind, is, name, if optional { LEGAL } else { INVALID_ARGUMENT }).into_iter();
            let instead = excluded_by(api, function, at);
            let instead = instead.map_or(String::new(), |other| format!("{other} = NULL; {name} = in_{kind}(); "));
            spoiled.map(|Case { change, expect }| case(format!("{instead}{change}"), expect)).collect()
        }
        Shape::InOut(_) => spoil_inout(name),
        Shape::Out => vec![
            null(if optional { LEGAL } else { INVALID_ARGUMENT }),
            case(format!("{name} = misaligned({name});"), LEGAL),
        ],
        Shape::Handles(kind) => {
            let freed = format!("scene.freed_{kind}.id");
            let ids = ["0", "UINT64_MAX", &freed].into_iter().chain(FORGED);
            let one = ids.map(|id| case(format!("{kind} one[4] = {{ {{ {id} }} }}; {name} = one;"), LEGAL));
            one.chain([null(INVALID_ARGUMENT), case(format!("{name} = misaligned({name});"), LEGAL)]).collect()
        }
        Shape::Row(kind) => spoil_row(api, kind, name),
        Shape::Bytes => vec![null(INVALID_ARGUMENT), case(format!("{name} = \"\\xff\\xfe\\xfd\\xfc\";"), LEGAL)],
        Shape::CString => vec![null(LEGAL), case(format!("{name} = \"\";"), LEGAL)],
        Shape::Text => spoil_text(&format!("{name} = ")),
        Shape::Hook(_) | Shape::User => vec![null(LEGAL)],
        Shape::SizeOf(of) => spoil_size_of(name, of),
        Shape::Length => (0..=4).map(|n| case(format!("{name} = {n};"), LEGAL)).collect(),
        Shape::Time => spoil_time(name),
        Shape::Socket => ["-1", "0", "INT32_MAX", "PTRDIFF_MAX", "PTRDIFF_MIN"]
            .map(|n| case(format!("{name} = {n};"), INVALID_ARGUMENT))
            .into(),
        Shape::Signed => ["-1", "1", "-2", "20", "-903", "INT32_MAX", "INT32_MIN"]
            .map(|n| case(format!("{name} = {n};"), LEGAL))
            .into(),
        Shape::Unsigned => enumerated().map(|n| case(format!("{name} = {n};"), LEGAL)).collect(),
        Shape::Wide => ["1", "UINT64_MAX"].map(|n| case(format!("{name} = {n};"), LEGAL)).into(),
    };
    if let Some(length) = length_of(api, function, at) {
        let max = if length.ctype == "size_t" { "SIZE_MAX" } else { "UINT32_MAX" };
        let lengths = ["1", max, &format!("{max} / 2"), &format!("{max} / 2 + 1")].map(str::to_owned);
        cases.extend(lengths.map(|n| case(format!("{name} = NULL; {} = {n};", length.name), INVALID_ARGUMENT)));
        cases.push(case(format!("{name} = NULL; {} = 0;", length.name), LEGAL));
    }
    cases
}

/// The parameter that counts what a pointer points to: right behind it, or behind the size of one.
fn length_of<'a>(api: &Api, function: &'a Function, at: usize) -> Option<&'a Variable> {
    let mut next = at + 1;
    let points = function.parameters[at].ctype.ends_with('*');
    if next < function.parameters.len() && matches!(shape_of(api, function, next), Shape::SizeOf(_)) {
        next += 1;
    }
    let is_length = |at: usize| points && matches!(shape_of(api, function, at), Shape::Length);
    function.parameters.get(next).filter(|_| is_length(next))
}

fn spoil_handle(kind: &str, name: &str) -> Vec<Case> {
    let others = HANDLES.iter().filter(|other| **other != kind).map(|other| format!("scene.live_{other}.id"));
    let freed = format!("scene.freed_{kind}.id");
    // A pool is known for closed while its engine lives.
    let ended_is = if kind == "hws_pool" { "HWS_ERR_POOL_CLOSED" } else { INVALID_HANDLE };
    let ended = (format!("scene.ended_{kind}.id"), ended_is);
    let fixed = ["0", "UINT64_MAX", "INT64_MAX"].into_iter().chain(FORGED).map(str::to_owned);
    let almost = ["1u", "1u << 28", "(uint64_t)1 << 60", "(uint64_t)1 << 63"];
    let almost = almost.iter().map(|bit| format!("{name}.id ^ ({bit})"));
    let ids = others.chain([freed]).chain(fixed).map(|id| (id, INVALID_HANDLE));
    // Another slot may hold something alive.
    let ids = ids.chain([ended]).chain(almost.map(|id| (id, LEGAL)));
    ids.map(|(id, expect)| Case { change: format!("{name}.id = {id};"), expect }).collect()
}

/// A struct passed in: NULL, every size, and everything wrong with each field.
fn spoil_in(api: &Api, kind: &str, is: &Struct, name: &str, null: &'static str) -> Vec<Case> {
    let mut cases = vec![Case { change: format!("{name} = NULL;"), expect: null }];
    cases.extend(spoil_sizes(name, if is.is_handed_out() { LEGAL } else { AS_USUAL }));
    cases.push(Case { change: format!("{name} = misaligned({name});"), expect: LEGAL });
    let zero = format!("{name} = blank({name}); ((uint32_t *)(uintptr_t){name})[0] = sizeof(*{name});");
    cases.push(Case { change: zero, expect: LEGAL });
    if is.is_handed_out() {
        return cases;
    }
    for (at, field) in is.fields.iter().enumerate().skip(1) {
        let before = &is.fields[at - 1];
        for Case { change, expect } in spoil_field(api, kind, field, before) {
            // Named after its type, for another may be inside.
            let spoiled = format!("spoiled_{kind}");
            let change = change.replace("FIELD", &format!("{spoiled}->{}", field.name));
            let change = change.replace("BEFORE", &format!("{spoiled}->{}", before.name));
            cases.push(Case {
                change: format!("{kind} *{spoiled} = in_{kind}(); {name} = {spoiled}; {change}"),
                expect,
            });
        }
    }
    cases
}

/// An array of structs: what is wrong with its first, and with its last.
fn spoil_row(api: &Api, kind: &str, name: &str) -> Vec<Case> {
    let fields = spoil_inside(api, kind).into_iter();
    let spoiled = fields.flat_map(|Case { change, expect }| {
        [("first", 0, expect), ("last", 3, LEGAL)].map(|(which, at, expect)| {
            let change = change.replace("FIELD", &format!("{which}[{at}]"));
            Case { change: format!("{kind} *{which} = row_{kind}(); {name} = {which}; {change}"), expect }
        })
    });
    let misaligned = Case { change: format!("{name} = misaligned({name});"), expect: INVALID_ARGUMENT };
    spoiled.chain([misaligned]).collect()
}

/// struct_size, honest and not. A larger struct is accepted while its tail is zero.
fn spoil_sizes(name: &str, larger: &'static str) -> Vec<Case> {
    let set = |size: &str| format!("((uint32_t *)(uintptr_t){name})[0] = (uint32_t)({size});");
    let tail = format!("((char *)(uintptr_t){name})[sizeof(*{name}) + 5] = 1;");
    let case = |change: String, expect| Case { change, expect };
    vec![
        case(set("0"), STRUCT_SIZE),
        case(set("1"), STRUCT_SIZE),
        case(set("3"), STRUCT_SIZE),
        case(set("4"), LEGAL),
        case(set(&format!("sizeof(*{name}) - 4")), LEGAL),
        case(set(&format!("sizeof(*{name}) - 8")), LEGAL),
        case(set(&format!("sizeof(*{name})")), AS_USUAL),
        case(set(&format!("sizeof(*{name}) + 8")), larger),
        case(format!("{} {tail}", set(&format!("sizeof(*{name}) + 8"))), STRUCT_SIZE),
        case(set("65536"), LEGAL),
        case(set("UINT32_MAX"), STRUCT_SIZE),
    ]
}

/// A struct to be filled in: what lies beyond what the library knows is none of its business.
fn spoil_inout(name: &str) -> Vec<Case> {
    let case = |size: &str, expect| Case { change: format!("{name}->struct_size = (uint32_t)({size});"), expect };
    let mut cases = vec![
        Case { change: format!("{name} = NULL;"), expect: INVALID_ARGUMENT },
        Case { change: format!("{name} = misaligned({name}); memset({name}, 0, 4);"), expect: STRUCT_SIZE },
    ];
    cases.extend(["0", "1", "3", "UINT32_MAX"].map(|size| case(size, STRUCT_SIZE)));
    cases.extend(["4", "65536"].map(|size| case(size, LEGAL)));
    cases.extend(["- 8", "- 4", "+ 0", "+ 8"].map(|more| case(&format!("sizeof(*{name}) {more}"), AS_USUAL)));
    cases
}

fn spoil_size_of(name: &str, of: &str) -> Vec<Case> {
    let sizes = ["0", "1", "3", "4", "SIZE_MAX", "SIZE_MAX / 2"].map(str::to_owned);
    let near = ["- 8", "- 4", "- 1"].map(|more| format!("sizeof({of}) {more}"));
    let small = sizes.into_iter().chain(near).map(|size| (size, STRUCT_SIZE));
    let large = ["+ 1", "+ 8", "+ 1024"].map(|more| (format!("sizeof({of}) {more}"), LEGAL));
    let cases = small.chain(large).map(|(size, expect)| Case { change: format!("{name} = {size};"), expect });
    cases.collect()
}

/// Times: 0 does not wait, and nothing below HWS_NEVER means anything.
fn spoil_time(name: &str) -> Vec<Case> {
    let negative =
        ["-2", "-1000", "INT32_MIN"].map(|ms| Case { change: format!("{name} = {ms};"), expect: INVALID_ARGUMENT });
    negative.into()
}

/// `set` is the beginning of an assignment.
fn spoil_text(set: &str) -> Vec<Case> {
    [
        ("no_str", LEGAL),
        ("odd_str(NULL, 5)", INVALID_ARGUMENT),
        ("odd_str(NULL, SIZE_MAX / 2)", INVALID_ARGUMENT),
        ("odd_str(NULL, HWS_NUL_TERMINATED)", INVALID_ARGUMENT),
        ("odd_str(\"ahoy\", SIZE_MAX - 1)", INVALID_ARGUMENT),
        ("odd_str(\"\\xff\\xfe\", 2)", INVALID_ARGUMENT),
        ("odd_str(\"\\xe2\\x82\", HWS_NUL_TERMINATED)", INVALID_ARGUMENT),
        ("odd_str(\"a\\0b\", 3)", LEGAL),
        ("odd_str(\"a\\r\\nb: c\", 8)", LEGAL),
        ("odd_str(\"\", 0)", LEGAL),
        ("long_str()", LEGAL),
    ]
    .map(|(value, expect)| Case { change: format!("{set}{value};"), expect })
    .into()
}

/// A field of a struct passed in; FIELD stands for it, BEFORE for the one before.
fn spoil_field(api: &Api, kind: &str, field: &Variable, before: &Variable) -> Vec<Case> {
    let case = |change: String, expect| Case { change, expect };
    let set = |values: &[&str], expect| -> Vec<Case> {
        values.iter().map(|value| case(format!("FIELD = {value};"), expect)).collect()
    };
    match (&*field.ctype, &*before.ctype) {
        ("hws_toggle", _) => enumerated()
            .map(|n| (n.parse().is_ok_and(|n: u32| n <= 2), n))
            .map(|(known, n)| case(format!("FIELD = {n};"), if known { LEGAL } else { INVALID_ARGUMENT }))
            .collect(),
        ("hws_str", _) => spoil_text("FIELD = "),
        ("hws_bytes", _) => [
            ("NULL, 5", INVALID_ARGUMENT),
            ("NULL, SIZE_MAX", INVALID_ARGUMENT),
            ("\"ahoy\", SIZE_MAX", INVALID_ARGUMENT),
            ("\"ahoy\", SIZE_MAX / 2 + 1", INVALID_ARGUMENT),
            ("\"ahoy\", 4", LEGAL),
            ("\"ahoy\", 0", LEGAL),
        ]
        .map(|(bytes, expect)| case(format!("FIELD = odd_bytes({bytes});"), expect))
        .into(),
        (inside, _) if api.structs.contains_key(inside) => spoil_inside(api, inside),
        ("size_t", array) if array.ends_with('*') => spoil_array(array),
        ("int32_t", _) if field.name.ends_with("_ms") => spoil_time("FIELD"),
        ("hws_status", _) => set(&["0", "1", "-1", "HWS_ERR_PANIC", "HWS_ERR_CALLBACK", "INT32_MIN"], LEGAL),
        ("uint32_t" | "hws_opcode", _) => enumerated().map(|n| case(format!("FIELD = {n};"), LEGAL)).collect(),
        ("uint64_t" | "size_t", _) => set(&["1", "UINT32_MAX", "UINT64_MAX"], LEGAL),
        ("void *", _) => Vec::new(),
        (hook, _) if hook.contains("(*)") => set(&["NULL"], LEGAL),
        // To be filled in.
        (pointer, _) if pointer.starts_with("hws_") && pointer.ends_with('*') => {
            let name = pointer.trim_end_matches([' ', '*']);
            let inside = format!("FIELD = inout_{name}(7); FIELD->struct_size = ");
            let sizes = [("0", STRUCT_SIZE), ("1", STRUCT_SIZE), ("UINT32_MAX", STRUCT_SIZE), ("4", LEGAL)];
            let sizes = sizes.map(|(size, expect)| case(format!("{inside}{size};"), expect)).into_iter();
            sizes.chain([case("FIELD = NULL;".to_owned(), LEGAL)]).collect()
        }
        (pointer, _) if pointer.starts_with("const hws_") => {
            let name = pointer.trim_start_matches("const ").trim_end_matches([' ', '*']);
            let is = &api.structs[name];
            if !is.is_versioned() {
                return Vec::new(); // with its count, the next field
            }
            let inside = format!("inside_{name}");
            let cases = spoil_in(api, name, is, &inside, LEGAL).into_iter();
            cases
                .map(|c| {
                    case(format!("const {name} *{inside} = in_{name}(); {} FIELD = {inside};", c.change), c.expect)
                })
                .collect()
        }
        (ctype, _) => panic!("{kind}: the generator does not know the type {ctype:?} of {}", field.name),
    }
}

/// A struct that is a field of another one; FIELD stands for it.
fn spoil_inside(api: &Api, kind: &str) -> Vec<Case> {
    let fields = &api.structs[kind].fields;
    let spoiled = fields.iter().flat_map(|field| {
        let cases = spoil_field(api, kind, field, field).into_iter();
        cases.map(|Case { change, expect }| Case {
            change: change.replace("FIELD", &format!("FIELD.{}", field.name)),
            expect,
        })
    });
    spoiled.collect()
}

/// A count and the array before it.
fn spoil_array(array: &str) -> Vec<Case> {
    let element = array.trim_start_matches("const ").trim_end_matches([' ', '*']);
    let case = |change: String, expect| Case { change, expect };
    let mut cases: Vec<_> = ["1", "SIZE_MAX", "SIZE_MAX / 16", "SIZE_MAX / 2 + 1"]
        .map(|count| case(format!("BEFORE = NULL; FIELD = {count};"), INVALID_ARGUMENT))
        .into();
    cases.push(case(format!("static const {element} one; BEFORE = &one; FIELD = SIZE_MAX;"), INVALID_ARGUMENT));
    cases.push(case(format!("static const {element} one; BEFORE = misaligned(&one); FIELD = 1;"), LEGAL));
    let text = match element {
        "hws_header" => "element.name = ",
        "hws_certificate" => "element.cert_file = ",
        "hws_route" => "element.struct_size = sizeof element; element.pattern = ",
        _ => "element = ",
    };
    cases.extend(
        spoil_text(text)
            .into_iter()
            .map(|c| case(format!("static {element} element; BEFORE = &element; FIELD = 1; {}", c.change), c.expect)),
    );
    cases
}

/// A function for each that takes a handle first, to be called with random ones.
fn write_random(out: &mut String, api: &Api) {
    let mut table = String::from("\nstatic const guess guesses[] = {\n");
    for function in &api.functions {
        let Some(first) = function.parameters.first() else { continue };
        let Shape::Handle(kind) = shape_of(api, function, 0) else { continue };
        let _ = writeln!(out, "\nstatic hws_status guess_{}(uint64_t id)\n{{", function.name);
        for (at, parameter) in function.parameters.iter().enumerate() {
            let value = plausible(api, function, at, parameter);
            let value = if at == 0 { format!("{{ {} }}", "0") } else { value };
            let _ = writeln!(out, "    {} = {value};", declare(parameter));
        }
        let names: Vec<_> = function.parameters.iter().map(|p| &*p.name).collect();
        let _ = writeln!(out, "    {}.id = id;\n    return {}({});\n}}", first.name, function.name, names.join(", "));
        let _ = writeln!(table, "    {{ \"{}({kind})\", guess_{} }},", function.name, function.name);
    }
    let _ = write!(out, "{table}}};\n\nRANDOM_HANDLES(guesses)\n");
}
