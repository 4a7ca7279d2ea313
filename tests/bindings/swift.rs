//! What is generated of the binding for Swift: codes, enums, structs of options and structs of facts, with what carries
//! them across the border, handles and their methods. By hand are `pass` and `take` for single values, and what deserves
//! another shape than C gives it.

use super::header::{Enum, Header, Struct, Variable};
use super::table::{Table, camel};
use super::{File, MADE, Model};

pub fn files(model: &Model) -> Vec<File> {
    let mut text = format!("// {MADE}\n\nimport CHawser\n");
    text += &codes(&model.table);
    for one in &model.header.enums {
        text += &enumeration(one, &model.header);
    }
    for one in &model.header.structs {
        match role(one) {
            Role::Options => text += &options(one, model.header.get("hws_preset")),
            Role::Facts => text += &facts(one),
            Role::Handle => text += &handle(one),
            Role::ByHand => {}
        }
    }
    text += &preset(model.header.get("hws_preset"));
    for function in &model.header.functions {
        let known =
            METHODS.iter().any(|method| method.0 == function.name) || NO_METHODS.contains(&function.name.as_str());
        assert!(known, "what becomes of {}?", function.name);
    }
    for owner in ["Engine", "Connection", "[Connection]", "Listener", "Request", "Pool"] {
        let methods = METHODS.iter().filter(|method| method.1 == owner);
        let methods: Vec<_> = methods.map(|method| self::method(method, &model.header)).collect();
        text += &format!("\nextension {owner} {{\n{}}}\n", methods.join("\n"));
    }
    vec![("swift/Sources/Hawser/Generated.swift", text)]
}

enum Role {
    Options,
    Facts,
    Handle,
    ByHand,
}

fn role(record: &Struct) -> Role {
    match record.name.as_str() {
        "hws_error_info" | "hws_close_info" | "hws_handshake" | "hws_stats" | "hws_pool_counts" | "hws_event" => {
            Role::Facts
        }
        "hws_str" | "hws_bytes" | "hws_outgoing" | "hws_allocator" | "hws_preset" => Role::ByHand,
        "hws_engine" | "hws_error" => Role::ByHand, // whose handles must be freed
        _ if record.is_handle() => Role::Handle,
        _ => Role::Options,
    }
}

/// Options of a client from a preset: what hws_preset points to is read, too.
fn preset(record: &Struct) -> String {
    let mut text = doc("Takes a preset: \"realtime\", \"dashboard\" or \"mobile\"; see docs/presets.md.", "");
    text = text.replace("\n///", "\nextension ClientOptions {\n    ///");
    text += "    public init(uri: String? = nil, preset name: String) throws {\n";
    text +=
        "        let arena = Arena()\n        var preset = hws_preset()\n        preset.struct_size = sizeof(preset)\n";
    for field in record.used_fields() {
        let (name, swift) = (&field.name, type_name(&field.ctype.base));
        text +=
            &format!("        let {name} = arena.copy([{swift}().passed(arena)])\n        preset.{name} = {name}\n");
    }
    text += "        try check(hws_preset_get(arena.pass(name), &preset))\n        self.init(uri: uri)\n";
    for field in record.used_fields() {
        text += &format!("        self.{0} = {1}({0}.pointee)\n", field.name, type_name(&field.ctype.base));
    }
    text + "        withExtendedLifetime(arena) {}\n    }\n}\n"
}

/// The enums, what they are called here, and what their constants begin with. Flags can be combined.
const ENUMS: &[(&str, &str, &str, bool)] = &[
    ("hws_opcodes", "Opcode", "HWS_", false),
    ("hws_states", "ConnectionState", "HWS_STATE_", false),
    ("hws_log_levels", "LogLevel", "HWS_LOG_", false),
    ("hws_retries", "Retry", "HWS_RETRY_", false),
    ("hws_sides", "Side", "HWS_SIDE_", false),
    ("hws_send_flags", "SendFlags", "HWS_SEND_", true),
    ("hws_event_flags", "EventFlags", "HWS_FLAG_", true),
    ("hws_matches", "Match", "HWS_MATCH_", false),
    ("hws_publish_flags", "PublishFlags", "HWS_PUBLISH_", true),
    ("hws_slow_policies", "SlowPolicy", "HWS_SLOW_", false),
    ("hws_overflows", "Overflow", "HWS_OVERFLOW_", false),
    ("hws_replays", "Replay", "HWS_REPLAY_", false),
    ("hws_event_kinds", "EventKind", "HWS_EVENT_", false),
    ("hws_client_auths", "ClientAuth", "HWS_CLIENT_AUTH_", false),
    ("hws_tls_versions", "TLSVersion", "HWS_", false),
];

/// The functions that become methods: of which type, their names, and their parameters behind the handle, but for pointers
/// to results. A message is three parameters in C.
const METHODS: &[(&str, &str, &str, &str)] = &[
    ("hws_wake", "Engine", "wake", ""),
    ("hws_engine_pollable", "Engine", "pollable", ""),
    ("hws_engine_next_timeout", "Engine", "nextTimeout", ""),
    ("hws_conn_reconnect", "Connection", "reconnect", "_ options: ReconnectOptions? = nil"),
    ("hws_conn_replay", "Connection", "replay", "after token: UInt64"),
    ("hws_conn_forget", "Connection", "forget", "_ token: UInt64"),
    ("hws_connect", "Engine", "connect", "_ options: ClientOptions"),
    ("hws_listen", "Engine", "listen", "_ options: ServerOptions"),
    ("hws_listener_close", "Listener", "close", "_ drain: Drain? = nil"),
    ("hws_engine_refusals", "Engine", "refusals", "_ code: ErrorCode = .error"),
    ("hws_listener_set_tls", "Listener", "setTLS", "_ tls: TLS"),
    ("hws_adopt", "Engine", "adopt", "_ socket: Int, client: ClientOptions? = nil, server: ServerOptions? = nil"),
    ("hws_send", "Connection", "send", "_ message: Message, _ options: SendOptions? = nil"),
    ("hws_send_many", "[Connection]", "send", "_ message: Message, _ options: PublishOptions? = nil"),
    ("hws_close", "Connection", "close", "code: UInt32 = 1000, reason: String = \"\""),
    ("hws_abort", "Connection", "abort", ""),
    ("hws_conn_pause", "Connection", "pause", "_ paused: Bool = true"),
    ("hws_conn_state", "Connection", "state", ""),
    ("hws_conn_set_user", "Connection", "setUser", "_ user: UInt64"),
    ("hws_conn_user", "Connection", "user", ""),
    ("hws_conn_stats", "Connection", "stats", ""),
    ("hws_engine_stats", "Engine", "stats", ""),
    ("hws_subscribe", "Connection", "subscribe", "to topic: String"),
    ("hws_unsubscribe", "Connection", "unsubscribe", "from topic: String = \"\""),
    ("hws_publish", "Engine", "publish", "_ topic: String, _ message: Message, _ options: PublishOptions? = nil"),
    ("hws_topic_subscribers", "Engine", "subscribers", "of topic: String"),
    ("hws_pool_new", "Engine", "pool", "_ options: PoolOptions"),
    ("hws_pool_acquire", "Pool", "acquire", "_ target: String? = nil, timeout: Wait? = nil, token: UInt64"),
    ("hws_pool_release", "Pool", "release", "_ connection: Connection, reusable: Bool = true"),
    ("hws_pool_free", "Pool", "close", ""),
    ("hws_pool_stats", "Pool", "stats", ""),
    ("hws_request_accept", "Request", "accept", "_ options: AcceptOptions? = nil"),
    ("hws_request_respond", "Request", "respond", "_ response: Response"),
];

/// Those that do not: what only bindings call, what is done by hand.
const NO_METHODS: &[&str] = &[
    "hws_last_error",
    "hws_error_keep",
    "hws_error_get",
    "hws_error_free",
    "hws_error_format",
    "hws_error_raise",
    "hws_status_name",
    "hws_status_text",
    "hws_status_is_a",
    "hws_status_parent",
    "hws_status_at",
    "hws_operation_name",
    "hws_abi_version",
    "hws_version",
    "hws_has_feature",
    "hws_set_logger",
    "hws_engine_new",
    "hws_engine_free",
    "hws_poll",
    "hws_preset_get",
    "hws_listener_address",
    // Swift's memory is Swift's affair, and would have to be copied
    "hws_set_allocator",
    "hws_send_batch",
    // for scripts; Swift has await
    "hws_recv",
    // pollable() does as well, and knows no thread to be careful of
    "hws_engine_on_wake",
    // events have copies of both: what these lend another thread's poll could take back
    "hws_conn_handshake",
    "hws_conn_error",
];

fn codes(table: &Table) -> String {
    let mut text = String::from(
        "\n/// Every code. One is-a several others: `catch HawserError.timeout` catches all timeouts.\n\
         public enum ErrorCode: Int32, Sendable, CaseIterable {\n",
    );
    for code in &table.0 {
        text += &format!("    /// {}\n    case {} = {}\n", code.text, declared(code.name), code.status);
    }
    text += "\n    /// The direct parents.\n    public var parents: [ErrorCode] {\n        switch self {\n";
    for code in &table.0 {
        let parents: Vec<_> = code.parents.iter().map(|name| format!(".{}", lower(name))).collect();
        text += &format!("        case .{}: [{}]\n", lower(code.name), parents.join(", "));
    }
    text += "        }\n    }\n}\n\nextension HawserError {\n";
    for code in &table.0 {
        text += &format!("    public static var {}: ErrorCode {{ .{} }}\n", declared(code.name), lower(code.name));
    }
    text + "}\n"
}

fn declared(code: &str) -> String {
    match lower(code).as_str() {
        keyword @ ("protocol" | "internal") => format!("`{keyword}`"),
        name => name.to_owned(),
    }
}

fn enumeration(one: &Enum, header: &Header) -> String {
    if one.name == "hws_toggles" {
        return String::new(); // it is a Bool?
    }
    let (name, prefix, flags) = named(&one.name);
    let protocol = if flags { "OptionSet" } else { "RawRepresentable" };
    let mut text = doc(&one.comment, "") + &format!("public struct {name}: {protocol}, Sendable, Hashable {{\n");
    text += "    public let rawValue: UInt32\n    public init(rawValue: UInt32) { self.rawValue = rawValue }\n\n";
    for constant in &one.constants {
        let short = lower(constant.name.strip_prefix(prefix).expect("the constants of an enum begin alike"));
        text += &doc(&constant.comment, "    ");
        text += &format!("    public static let {short} = {name}(rawValue: {})\n", constant.value);
    }
    match name {
        "PublishFlags" => {
            let flags = header.enums.iter().find(|one| one.name == "hws_send_flags").expect("flags of messages");
            let raw = flags.constants.iter().find(|one| one.name == "HWS_SEND_RAW").expect("it stands for many, too");
            text += &doc(&raw.comment, "    ");
            text += &format!("    public static let raw = {name}(rawValue: {})\n}}\n", raw.value);
        }
        "ConnectionState" => {
            text += "}\n\n/// A set of states, as errors have them.\n";
            text += "public struct ConnectionStates: OptionSet, Sendable, Hashable {\n";
            text +=
                "    public let rawValue: UInt32\n    public init(rawValue: UInt32) { self.rawValue = rawValue }\n\n";
            for constant in &one.constants {
                let short = lower(constant.name.strip_prefix(prefix).expect("as above"));
                text += &format!("    public static let {short} = Self(rawValue: 1 << {})\n", constant.value);
            }
            text += "}\n";
        }
        _ => text += "}\n",
    }
    text
}

/// A struct that the host fills.
fn options(record: &Struct, preset: &Struct) -> String {
    let name = type_name(&record.name);
    let fields: Vec<_> =
        fields(record).into_iter().map(|(field, count)| Property::option(record, field, count)).collect();
    let mut text = doc(&record.comment, "") + &format!("public struct {name}: Sendable {{\n");
    for field in &fields {
        text += &field.declaration(
            "var",
            &if field.swift == "String" { String::new() } else { format!(" = {}", field.default()) },
        );
    }
    let parameter = |field: &Property| match field.swift.as_str() {
        "String" => format!("\n        _ {}: String", field.name), // Header("Name", "value")
        swift => format!("\n        {}: {swift} = {}", field.name, field.default()),
    };
    let parameters: Vec<_> = fields.iter().map(parameter).collect();
    text += &format!("\n    public init({}\n    ) {{\n", parameters.join(","));
    for field in &fields {
        text += &format!("        self.{0} = {0}\n", field.name);
    }
    text += &format!(
        "    }}\n}}\n\nextension {name}: Passable {{\n    func passed(_ arena: Arena) -> {0} {{\n",
        record.name
    );
    text += &format!("        var c = {}()\n", record.name);
    if record.is_versioned() {
        text += "        c.struct_size = sizeof(c)\n";
    }
    for field in &fields {
        text += &format!("        {}\n", field.pass());
    }
    text += "        return c\n    }\n}\n";
    if preset.used_fields().any(|field| field.ctype.base == record.name) {
        text += &format!("\nextension {name} {{\n    init(_ c: {}) {{\n", record.name);
        for field in &fields {
            text += &format!("        {} = take(c.{})\n", field.name, field.c);
        }
        text += "    }\n}\n";
    }
    text
}

/// A struct that the library fills.
fn facts(record: &Struct) -> String {
    let name = type_name(&record.name);
    let fields: Vec<_> =
        fields(record).into_iter().map(|(field, count)| Property::fact(record, field, count)).collect();
    let mut text = doc(&record.comment, "") + &format!("public struct {name}: Sendable {{\n");
    for field in &fields {
        text += &field.declaration("let", "");
    }
    text += &format!("\n    init(_ c: {}) {{\n", record.name);
    for field in &fields {
        text += &format!("        {} = {}\n", field.name, field.take());
    }
    text += "    }\n";
    if record.fields[0].comment.starts_with("set it before the call") {
        text += &format!("\n    init(_ fill: (UnsafeMutablePointer<{}>) -> hws_status) throws {{\n", record.name);
        text += &format!("        var c = {}()\n        c.struct_size = sizeof(c)\n", record.name);
        text += "        try check(fill(&c))\n        self.init(c)\n    }\n";
    }
    text + "}\n"
}

fn handle(record: &Struct) -> String {
    let name = type_name(&record.name);
    let mut text = doc(&record.comment, "") + &format!("public struct {name}: Sendable, Hashable {{\n");
    text += &format!("    let handle: {}\n\n", record.name);
    text += &format!(
        "    public static func == (one: {name}, other: {name}) -> Bool {{ one.handle.id == other.handle.id }}\n"
    );
    text + "    public func hash(into hasher: inout Hasher) { hasher.combine(handle.id) }\n}\n"
}

fn method((c, owner, name, parameters): &(&str, &str, &str, &str), header: &Header) -> String {
    let function = header.functions.iter().find(|function| function.name == *c).unwrap_or_else(|| panic!("no {c}"));
    let subject = if *owner == "[Connection]" { "arena.copy(map(\\.handle)), count" } else { "handle" };
    let mut arguments = vec![subject.to_owned()];
    for parameter in parameters.split(", ").filter(|one| !one.is_empty()) {
        let (names, rest) = parameter.split_once(": ").expect("a name and a type");
        let value = names.rsplit(' ').next().expect("a name");
        arguments.push(match rest.split(" = ").next().expect("a type") {
            "Message" => "opcode, bytes.baseAddress, bytes.count".to_owned(),
            "Bool" => format!("{value} ? 1 : 0"),
            "Connection" => format!("{value}.handle"),
            "ErrorCode" => format!("{value}.rawValue"),
            "Int" | "UInt32" | "UInt64" => value.to_owned(),
            _ => format!("arena.pass({value})"),
        });
    }
    let results: Vec<_> =
        function.parameters[1..].iter().filter(|one| one.ctype.pointers > 0 && !one.ctype.constant).collect();
    match results.len() {
        0 => {}
        1 => arguments.push("out".into()),
        _ => arguments.extend(results.iter().map(|result| format!("&{}", result.name))),
    }
    let mut call = format!("{c}({})", arguments.join(", "));
    if call.contains("arena.") {
        call = format!("withArena {{ arena in {call} }}");
    }
    if call.contains("bytes.") {
        call = format!("message.withBytes {{ opcode, bytes in {call} }}");
    }
    // what the call writes, and what is made of that
    let out = |zero: &str| format!("out({zero}) {{ out in {call} }}");
    let (swift, body) = match &results[..] {
        [] => ("".into(), format!("try check({call})")),
        [one] => match one.ctype.base.as_str() {
            facts @ ("hws_stats" | "hws_pool_counts") => {
                (type_name(facts), format!("try {} {{ out in {call} }}", type_name(facts)))
            }
            "int32_t" => ("Wait".into(), format!("try Wait(milliseconds: {})", out("0"))),
            "ptrdiff_t" => ("Int".into(), format!("try {}", out("0"))),
            "uint64_t" => ("UInt64".into(), format!("try {}", out("0"))),
            "uint32_t" if one.name == "state" => {
                ("ConnectionState".into(), format!("try ConnectionState(rawValue: {})", out("0")))
            }
            "uint32_t" => ("Int".into(), format!("try Int({})", out("UInt32(0)"))),
            handle => {
                let name = type_name(handle);
                (name.clone(), format!("try {name}(handle: {})", out(&format!("{handle}()"))))
            }
        },
        several => {
            let names: Vec<_> = several.iter().map(|one| one.name.as_str()).collect();
            let list =
                |each: &dyn Fn(&str) -> String| names.iter().map(|name| each(name)).collect::<Vec<_>>().join(", ");
            let body = [
                format!(
                    "var ({}): ({}) = ({})",
                    list(&str::to_owned),
                    list(&|_| "UInt32".into()),
                    list(&|_| "0".into())
                ),
                format!("try check({call})"),
                format!("return ({})", list(&|name| format!("Int({name})"))),
            ];
            (format!("({})", list(&|name| format!("{name}: Int"))), body.join("\n        "))
        }
    };
    let arrow = if swift.is_empty() { "" } else { " -> " };
    let (about, _) = function.comment.split_once("\nOwns:").expect("every function says what it owns");
    let errors = function.comment.lines().skip_while(|line| !line.starts_with("Errors:"));
    let errors: Vec<_> = errors.take_while(|line| !line.starts_with("Threads:")).collect();
    let mut text = doc_lines(about.trim_end(), "    ") + "    ///\n";
    text += &doc_lines(&errors.join("\n").replacen("Errors:", "- Throws:", 1), "    ");
    if matches!(*name, "accept" | "publish") || *owner == "[Connection]" {
        text += "    @discardableResult\n";
    }
    text + &format!("    public func {name}({parameters}) throws{arrow}{swift} {{\n        {body}\n    }}\n")
}

/// The fields that mean something; an array's with the name of the field that counts it.
fn fields(record: &Struct) -> Vec<(&Variable, Option<&str>)> {
    let used: Vec<_> = record.used_fields().collect();
    let is_count = |field: &Variable| field.ctype.base == "size_t" && field.name.ends_with("_count");
    let mut found = Vec::new();
    for (at, field) in used.iter().enumerate() {
        if !is_count(field) && field.name != "present" {
            let count = used.get(at + 1).filter(|next| is_count(next) && field.ctype.pointers == 1);
            found.push((*field, count.map(|next| next.name.as_str())));
        }
    }
    found
}

/// A property of a struct in Swift and the field that it is in C.
struct Property<'a> {
    name: String,
    swift: String,
    c: &'a str,
    count: Option<&'a str>,
    comment: &'a str,
}

impl<'a> Property<'a> {
    fn option(record: &Struct, field: &'a Variable, count: Option<&'a str>) -> Self {
        let base = field.ctype.base.as_str();
        let swift = match (field.ctype.pointers, count, base) {
            (1, Some(_), _) => format!("[{}]", element(base)),
            // no options are default options, but for what these switch on
            (1, None, "hws_client_options") => "ClientOptions".into(),
            (1, None, "hws_limits" | "hws_timers" | "hws_socket" | "hws_compression") if record.name != "hws_route" => {
                type_name(base)
            }
            (1, None, "hws_tls") if record.name == "hws_client_options" && field.name == "tls" => type_name(base),
            (1, None, _) => type_name(base) + "?",
            (0, None, "hws_certificate") => type_name(base),
            (0, None, "hws_toggle") => "Bool?".into(),
            (0, None, "hws_opcode") => "Opcode?".into(),
            (0, None, "hws_str") if record.name == "hws_header" => "String".into(),
            (0, None, "hws_str") => "String?".into(),
            (0, None, "hws_bytes") => "[UInt8]?".into(),
            (0, None, "hws_conn") => "Connection?".into(),
            (0, None, "hws_engine") => "Engine?".into(),
            (0, None, "hws_status") => "ErrorCode?".into(),
            (0, None, "int32_t") if field.name.ends_with("_ms") => "Wait?".into(),
            (0, None, "uint32_t") if field.name == "has_position" => "Bool".into(),
            (0, None, "uint32_t") => enumerated(field).unwrap_or("UInt32").to_owned() + "?",
            (0, None, "uint64_t") => "UInt64?".into(),
            _ => panic!("how does Swift say {} {}?", field.ctype.c(), field.name),
        };
        Self { name: property_name(&field.name), swift, c: &field.name, count, comment: &field.comment }
    }

    fn fact(record: &Struct, field: &'a Variable, count: Option<&'a str>) -> Self {
        let base = field.ctype.base.as_str();
        let swift = match (field.ctype.pointers, base, field.name.as_str()) {
            (1, "hws_error_info", "error" | "extension_declined") => "HawserError?".into(),
            (1, "hws_error_info", _) => "[HawserError]".into(), // none or one: a struct cannot hold itself
            (1, "hws_handshake", _) => "Handshake?".into(),
            (1, _, _) if count.is_some() => format!("[{}]", element(base)),
            (0, "hws_close_info", _) => "CloseInfo?".into(),
            (0, "hws_conn", _) if record.name == "hws_error_info" => "Connection?".into(),
            (0, "hws_conn" | "hws_listener" | "hws_request", _) => type_name(base),
            (0, "hws_str", _) => "String?".into(),
            (0, "hws_bytes", _) => "[UInt8]".into(),
            (0, _, "operation") => "String?".into(),
            (0, _, "body_truncated" | "tls_resumed" | "peer_known") => "Bool".into(),
            (0, _, "rcvd_then_sent") => "Bool?".into(),
            (0, _, "tls_alert" | "socks_reply") => "Int?".into(),
            (0, "uint64_t", "time_ms") => "Duration".into(),
            (0, "int64_t", name) if name.ends_with("_ms") => "Duration?".into(),
            (0, "int64_t", _) => "Int64?".into(),
            (0, "uint64_t", _) => "UInt64".into(),
            (0, "uint32_t" | "hws_opcode" | "hws_event_kind", _) => enumerated(field).unwrap_or("Int").into(),
            (0, "int32_t" | "hws_status", _) => "Int".into(),
            _ => panic!("how does Swift say {} {}?", field.ctype.c(), field.name),
        };
        let name = property_name(&field.name) + if swift == "[HawserError]" { "s" } else { "" };
        Self { name, swift, c: &field.name, count, comment: &field.comment }
    }

    fn default(&self) -> String {
        match self.swift.as_str() {
            "Bool" => "false".into(),
            swift if swift.ends_with('?') => "nil".into(),
            swift if swift.starts_with('[') => "[]".into(),
            swift => format!("{swift}()"),
        }
    }

    fn declaration(&self, kind: &str, value: &str) -> String {
        let access = if self.swift == "[HawserError]" { "" } else { "public " };
        doc_lines(self.comment, "    ") + &format!("    {access}{kind} {}: {}{value}\n", self.name, self.swift)
    }

    fn pass(&self) -> String {
        let Self { name, c, .. } = self;
        match (self.count, self.swift.as_str()) {
            (Some(count), _) => format!("(c.{c}, c.{count}) = arena.pass({name})"),
            (None, "Certificate") => format!("c.{c} = {name}.passed(arena)"),
            (None, "Bool") => format!("c.{c} = {name} ? 1 : 0"),
            (None, "ErrorCode?") => format!("c.{c} = {name}?.rawValue ?? 0"),
            _ => format!("c.{c} = arena.pass({name})"),
        }
    }

    fn take(&self) -> String {
        let c = self.c;
        match (self.swift.as_str(), c) {
            (swift, "tls_alert" | "socks_reply") => {
                format!("c.{c} == 0 ? nil : {}(c.{c}) - 1", swift.trim_end_matches('?'))
            }
            (_, "operation") => format!("c.{c} == 0 ? nil : hws_operation_name(c.{c}).map {{ String(cString: $0) }}"),
            ("Bool", _) => format!("c.{c} != 0"),
            ("Bool?", _) => format!("c.{c} < 0 ? nil : c.{c} == 1"),
            ("Int", _) => format!("Int(c.{c})"),
            ("Int64?", _) => format!("c.{c} < 0 ? nil : c.{c}"),
            ("Duration", _) => format!(".milliseconds(c.{c})"),
            ("Duration?", _) => format!("c.{c} < 0 ? nil : .milliseconds(c.{c})"),
            ("UInt64", _) => format!("c.{c}"),
            ("Connection?", _) => format!("c.{c}.id == 0 ? nil : Connection(handle: c.{c})"),
            ("CloseInfo?", _) => format!("c.{c}.present == 0 ? nil : CloseInfo(c.{c})"),
            ("[HawserError]", _) => format!("c.{c}.map {{ [HawserError($0.pointee)] }} ?? []"),
            ("HawserError?" | "Handshake?", _) => {
                format!("c.{c}.map {{ {}($0.pointee) }}", self.swift.trim_end_matches('?'))
            }
            ("Connection" | "Listener" | "Request", _) => format!("{}(handle: c.{c})", self.swift),
            (swift, _) if swift.starts_with("[") && self.count.is_some() => {
                format!("take(c.{c}, c.{})", self.count.expect("as said"))
            }
            ("String?" | "[UInt8]", _) => format!("take(c.{c})"),
            (enumeration, _) => format!("{enumeration}(rawValue: c.{c})"),
        }
    }
}

/// The enum whose constants a number holds, as its comment says, or the field's name.
fn enumerated(field: &Variable) -> Option<&'static str> {
    match field.name.as_str() {
        "min_version" => return Some("TLSVersion"),
        "opcode" => return Some("Opcode"),
        "policy" => return Some("Overflow"),
        "state" | "required_states" => return Some("ConnectionStates"),
        "kind" => return Some("EventKind"),
        _ => {}
    }
    let (_, rest) = field.comment.split_once("one of hws_").or_else(|| match field.name.as_str() {
        "flags" => field.comment.split_once("hws_"),
        _ => None,
    })?;
    let name: String = rest.chars().take_while(|c| c.is_ascii_lowercase() || *c == '_').collect();
    Some(named(&format!("hws_{name}")).0)
}

fn named(c: &str) -> (&'static str, &'static str, bool) {
    let (_, name, prefix, flags) =
        ENUMS.iter().find(|one| one.0 == c).unwrap_or_else(|| panic!("what is {c} in Swift?"));
    (name, prefix, *flags)
}

fn type_name(c: &str) -> String {
    match c {
        "hws_error_info" => "HawserError".into(),
        "hws_tls" => "TLS".into(),
        "hws_conn" => "Connection".into(),
        _ => camel(c.trim_start_matches("hws_")),
    }
}

fn element(c: &str) -> String {
    if c == "hws_str" { "String".into() } else { type_name(c) }
}

/// `ping_interval_ms` as `pingInterval`: what is a time says so by its type.
fn property_name(c: &str) -> String {
    match c {
        "keepalive_idle_s" => "keepaliveIdleSeconds".into(),
        "keepalive_interval_s" => "keepaliveIntervalSeconds".into(),
        "rtt_us" => "roundTripMicroseconds".into(),
        "conn" => "connection".into(),
        _ => lower(c.trim_end_matches("_ms")),
    }
}

/// `INVALID_HEADER` as `invalidHeader`.
fn lower(name: &str) -> String {
    let camel = camel(name);
    camel[..1].to_lowercase() + &camel[1..]
}

/// A comment above what is declared, behind an empty line if it is at the margin.
fn doc(comment: &str, margin: &str) -> String {
    let gap = if margin.is_empty() { "\n" } else { "" };
    gap.to_owned() + &doc_lines(comment, margin)
}

fn doc_lines(comment: &str, margin: &str) -> String {
    comment.lines().map(|line| format!("{margin}/// {line}\n")).collect()
}
