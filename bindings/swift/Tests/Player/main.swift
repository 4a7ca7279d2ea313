// player URL SCENARIO: plays the golden scenario against the server at URL and prints what happens; tests/golden/README.md has
// the language.
import Foundation
import Hawser

var player = Player(server: CommandLine.arguments[1].replacingOccurrences(of: "ws://", with: ""))
for line in try String(contentsOfFile: CommandLine.arguments[2], encoding: .utf8).split(separator: "\n") {
    player.play(String(line))
}

struct Player {
    let server: String
    var engine: Engine?
    var connection: Connection?
    var events: ArraySlice<Event> = []

    mutating func play(_ line: String) {
        var words = Words(line)
        switch words.next() ?? "#" {
        case "case":
            try? engine?.close()
            (engine, connection, events) = (nil, nil, [])
            print("== \(words.next()!)")
        case "connect": attempt("connect") { player in try player.connect(&words) }
        case "send": send(&words, times: 1)
        case "repeat": send(&words, times: Int(words.next()!)!)
        case "await": awaitEvent(words.next()!)
        case "close":
            let code = UInt32(words.next()!)!
            close(code, words.data())
        case "abort": attempt("abort") { try $0.connection?.abort() }
        case "dropped":
            let count = UInt64(words.next()!)!
            while let stats = try? connection?.stats(), stats.recvDropped < count { Thread.sleep(forTimeInterval: 0.001) }
        case "settle":
            while (try? connection?.state()) != nil { _ = try? engine?.poll(timeout: .milliseconds(10)) }
        case let word: if !word.hasPrefix("#") { print("what is \(word)?") }
        }
    }

    mutating func attempt(_ command: String, _ call: (inout Player) throws -> Void) {
        do {
            try call(&self)
        } catch let error as HawserError {
            print("\(command) failed")
            put(error, "error", 1)
        } catch {
            print("\(command) failed: \(error)")
        }
    }

    // MARK: commands

    mutating func connect(_ words: inout Words) throws {
        var options = ClientOptions(uri: words.next()!.replacingOccurrences(of: "SERVER", with: server))
        var loop = EngineOptions()
        while let option = words.next() {
            let (name, value) = option.cut("=")
            let (number, toggle) = (UInt32(value), value == "on")
            let wait = Int32(value).map(Wait.milliseconds)
            if name.hasPrefix("reconnect."), options.reconnect == nil { options.reconnect = Reconnect() }
            switch name {
            case "engine.io_thread": loop.ioThread = toggle
            case "subprotocol_required": options.subprotocolRequired = toggle
            case "max_redirects": options.maxRedirects = number
            case "origin": options.origin = value
            case "user_agent": options.userAgent = value
            case "subprotocols": options.subprotocols = value.components(separatedBy: ",")
            case "header":
                let (name, value) = value.cut(":")
                options.headers.append(Header(name, String(decoding: unescape(value), as: UTF8.self)))
            case "limits.deliver_fragments": options.limits.deliverFragments = toggle
            case "limits.deliver_pings": options.limits.deliverPings = toggle
            case "limits.message_max": options.limits.messageMax = UInt64(value)
            case "limits.recv_queue_messages": options.limits.recvQueueMessages = number
            case "limits.overflow":
                options.limits.overflow = ["drop_oldest": .dropOldest, "drop_newest": .dropNewest, "error": .error][value]
            case "timers.open_ms": options.timers.open = wait
            case "timers.close_ms": options.timers.close = wait
            case "timers.ping_interval_ms": options.timers.pingInterval = wait
            case "timers.ping_timeout_ms": options.timers.pingTimeout = wait
            case "compression.enabled": options.compression.enabled = toggle
            case "reconnect.enabled": options.reconnect?.enabled = toggle
            case "reconnect.max_attempts": options.reconnect?.maxAttempts = number
            case "reconnect.backoff_min_ms": options.reconnect?.backoffMin = wait
            case "reconnect.backoff_percent": options.reconnect?.backoffPercent = number
            case "reconnect.jitter_percent": options.reconnect?.jitterPercent = number
            default: print("connect: what is \(name)?")
            }
        }
        if engine == nil { engine = try Engine(loop) }
        connection = try engine?.connect(options)
    }

    mutating func send(_ words: inout Words, times: Int) {
        let opcodes: [String: Opcode] = ["text": .text, "binary": .binary, "ping": .ping, "pong": .pong, "cont": .cont]
        let type = words.next()!
        let once = words.data()
        let data = Array(repeatElement(once, count: times).joined())
        var options = SendOptions(flags: [])
        while let option = words.next() {
            switch option {
            case "more": options.flags?.insert(.more)
            case "raw": options.flags?.insert(.raw)
            default: options.token = UInt64(option.cut("=").1)
            }
        }
        if type == "close" { return close(1000, data) }
        attempt("send") { try $0.connection?.send(data, as: opcodes[type]!, options) }
    }

    mutating func close(_ code: UInt32, _ reason: [UInt8]) {
        attempt("close") { try $0.connection?.close(code: code, reason: String(decoding: reason, as: UTF8.self)) }
    }

    mutating func awaitEvent(_ kind: String) {
        while true {
            while let event = events.popFirst() {
                put(event)
                if name(event.kind) == kind { return }
            }
            attempt("poll") { player in player.events = try player.engine?.poll(timeout: .seconds(10))[...] ?? [] }
            if events.isEmpty { return print("await \(kind): nothing came") }
        }
    }

    // MARK: writing

    func name(_ kind: EventKind) -> String {
        let names: [EventKind: String] = [
            .open: "OPEN", .message: "MESSAGE", .fragment: "FRAGMENT", .ping: "PING", .pong: "PONG", .queue: "QUEUE",
            .close: "CLOSE", .connectFailed: "CONNECT_FAILED", .reconnecting: "RECONNECTING",
        ]
        return names[kind] ?? "OTHER"
    }

    func put(_ event: Event) {
        var line = name(event.kind)
        let hasOpcode = [.message, .fragment].contains(event.kind)
        if hasOpcode { line += [.cont: " cont", .text: " text", .binary: " binary"][event.opcode]! }
        let flags: [(EventFlags, String)] = [
            (.fin, " fin"), (.compressed, " compressed"), (.clean, " clean"), (.reconnected, " reconnected"),
        ]
        line += flags.filter { event.flags.contains($0.0) }.map(\.1).joined()
        if event.token != 0 { line += " token=\(event.token)" }
        if [.queue, .reconnecting].contains(event.kind) { line += " value=\(event.value)" }
        if hasOpcode || [.ping, .pong].contains(event.kind) { line += " " + data(event.data) }
        print(line)
        if let handshake = event.handshake {
            put("http_status", handshake.httpStatus, 0, 1)
            put("subprotocol", handshake.subprotocol, 1)
            put("extensions", handshake.extensions, 1)
            put("uri", handshake.uri, 1)
            for header in handshake.headers where header.name.hasPrefix("X-") { put(header, 1) }
        }
        if let error = event.error { put(error, "error", 1) }
    }

    func put(_ error: HawserError, _ label: String, _ depth: Int) {
        print("\(indent(depth))\(label) \(error.code.name)")
        let depth = depth + 1
        let ancestors = ErrorCode.allCases.filter { $0 != error.code && error.isA($0) }
        print("\(indent(depth))is:" + ancestors.map { " " + $0.name }.joined())
        if let operation = error.operation { print("\(indent(depth))operation: \(operation)") }
        put("state", error.state.rawValue, 0, depth)
        put("required_states", error.requiredStates.rawValue, 0, depth)
        put("retryable", error.retryable.rawValue, 0, depth)
        put("os_error", error.osError, 0, depth)
        put("tls_alert", error.tlsAlert.map { $0 + 1 }, nil, depth)
        put("socks_reply", error.socksReply.map { $0 + 1 }, nil, depth)
        put("http_status", error.httpStatus, 0, depth)
        put("body_truncated", error.bodyTruncated ? 1 : 0, 0, depth)
        put("opcode", error.opcode.rawValue, 0, depth)
        put("policy", error.policy.rawValue, 0, depth)
        put("initiated_by", error.initiatedBy.rawValue, 0, depth)
        put("attempts", error.attempts, 0, depth)
        put("max_attempts", error.maxAttempts, 0, depth)
        put("retry_after_ms", error.retryAfter.map(milliseconds), 0, depth)
        put("timeout_ms", error.timeout.map(milliseconds), nil, depth)
        put("position", error.position, nil, depth)
        put("size", error.size, nil, depth)
        put("max_size", error.maxSize, nil, depth)
        put("current_size", error.currentSize, nil, depth)
        put("fragments", error.fragments, 0, depth)
        put("max_fragments", error.maxFragments, 0, depth)
        put("capacity", error.capacity, 0, depth)
        put("dropped", error.dropped, 0, depth)
        put("max_connections", error.maxConnections, 0, depth)
        put("in_use", error.inUse, 0, depth)
        put("message", error.message, depth)
        put("detail", error.detail, depth)
        put("uri", error.uri, depth)
        put("proxy", error.proxy, depth)
        put("location", error.location, depth)
        put("peer", error.peer, depth)
        put("http_method", error.httpMethod, depth)
        put("http_version", error.httpVersion, depth)
        put("http_reason", error.httpReason, depth)
        put("header_name", error.headerName, depth)
        if error.headerValue == "" { print("\(indent(depth))header_value: \"\"") }
        put("header_value", error.headerValue, depth)
        put("origin", error.origin, depth)
        put("parameter_name", error.parameterName, depth)
        put("parameter_value", error.parameterValue, depth)
        for header in error.headers where header.name != "Sec-WebSocket-Accept" { put(header, depth) }
        if !error.body.isEmpty { print("\(indent(depth))body: \(data(error.body))") }
        for (name, close) in [("close_rcvd", error.closeRcvd), ("close_sent", error.closeSent)] {
            if let close { print("\(indent(depth))\(name): \(close.code) \(quoted(Array((close.reason ?? "").utf8)))") }
        }
        put("rcvd_then_sent", error.rcvdThenSent.map { $0 ? 1 : 0 }, nil, depth)
        put("close_code", error.closeCode, 0, depth)
        if let cause = error.cause { put(cause, "cause", depth) }
    }

    func put<Number: BinaryInteger>(_ name: String, _ value: Number?, _ usual: Number?, _ depth: Int) {
        if let value, value != usual { print("\(indent(depth))\(name): \(value)") }
    }

    func put(_ name: String, _ text: String?, _ depth: Int) {
        if let text, !text.isEmpty { print("\(indent(depth))\(name): \(quoted(Array(text.utf8)))") }
    }

    func put(_ header: Header, _ depth: Int) {
        print("\(indent(depth))header: \(quoted(Array(header.name.utf8))) \(quoted(Array(header.value.utf8)))")
    }

    func indent(_ depth: Int) -> String { String(repeating: "  ", count: depth) }

    func milliseconds(_ duration: Duration) -> Int64 { Int64(duration / .milliseconds(1)) }

    func data(_ bytes: [UInt8]) -> String {
        if bytes.count <= 128 { return quoted(bytes) }
        let hash = bytes.reduce(0xcbf2_9ce4_8422_2325 as UInt64) { ($0 ^ UInt64($1)) &* 0x100_0000_01b3 }
        return "\(bytes.count) bytes " + String(format: "%016lx", hash)
    }

    func quoted(_ bytes: [UInt8]) -> String {
        var (text, rest) = ("", bytes[...])
        while let byte = rest.first {
            if rest.starts(with: server.utf8) {
                text += "SERVER"
                rest = rest.dropFirst(server.utf8.count)
                continue
            }
            switch byte {
            case UInt8(ascii: "\""), UInt8(ascii: "\\"): text += "\\" + String(UnicodeScalar(byte))
            case 0x20...0x7e: text += String(UnicodeScalar(byte))
            default: text += String(format: "\\x%02x", byte)
            }
            rest = rest.dropFirst()
        }
        return "\"\(text)\""
    }
}

/// The words of a line.
struct Words {
    var rest: Substring

    init(_ line: String) { rest = line[...] }

    mutating func next() -> String? {
        rest = rest.drop { $0 == " " }
        let word = rest.prefix { $0 != " " }
        rest = rest.dropFirst(word.count)
        return word.isEmpty ? nil : String(word)
    }

    /// What is quoted, without escapes.
    mutating func data() -> [UInt8] {
        rest = rest.drop { $0 != "\"" }.dropFirst()
        var end = rest.startIndex
        while rest[end] != "\"" { end = rest.index(end, offsetBy: rest[end] == "\\" ? 2 : 1) }
        let data = unescape(String(rest[..<end]))
        rest = rest[end...].dropFirst()
        return data
    }
}

func unescape(_ text: String) -> [UInt8] {
    var (bytes, rest) = ([UInt8](), Array(text.utf8)[...])
    while let byte = rest.popFirst() {
        guard byte == UInt8(ascii: "\\"), let escaped = rest.popFirst() else {
            bytes.append(byte)
            continue
        }
        if escaped == UInt8(ascii: "x") {
            bytes.append(UInt8(String(decoding: rest.prefix(2), as: UTF8.self), radix: 16)!)
            rest = rest.dropFirst(2)
        } else {
            bytes.append(escaped)
        }
    }
    return bytes
}

extension String {
    /// What is before and behind a character.
    func cut(_ character: Character) -> (String, String) {
        let before = prefix { $0 != character }
        return (String(before), String(dropFirst(before.count + 1)))
    }
}
