import CHawser
import Foundation

/// The loop that drives connections and listeners. Any thread may call it; one at a time polls.
///
/// Programs with tasks rather use `WebSocket` and `Server`; a game calls `poll()` once a frame. An engine that is dropped
/// ends its connections at once, without Close frames.
public final class Engine: @unchecked Sendable {
    let handle: hws_engine
    // what a poll has borrowed is copied before the next poll, or the end, may take it back
    private let turn = NSCondition()
    private var isPolled = false
    private var isEnding = false

    public init(_ options: EngineOptions? = nil) throws {
        handle = try out(hws_engine()) { out in withArena { hws_engine_new($0.pass(options), out) } }
    }

    deinit { atTheEnd { [handle] in try check(hws_engine_free(handle)) } }

    /// Drops all connections and listeners. From here on every call throws `HawserError.invalidHandle`, a poll that waits, too.
    public func close() throws {
        try check(hws_wake(handle))  // throws in a logger, which must not wait below for what waits for it
        turn.withLock {
            while isEnding { turn.wait() }
            isEnding = true
        }
        defer { turn.withLock { (isEnding, _) = (false, turn.broadcast()) } }
        try check(hws_wake(handle))  // a poll that began since
        turn.withLock { while isPolled { turn.wait() } }
        try check(hws_engine_free(handle))  // without the lock: it waits for the thread of `ioThread`, which may be in a logger
    }

    /// Does the work that is due, waits for events if there are none yet, and returns a batch of them.
    public func poll(timeout: Wait = .milliseconds(0), capacity: UInt16 = 64) throws -> [Event] {
        let isLate = try turn.withLock {
            if !isEnding && isPolled { throw HawserError(.concurrency) }
            isPolled = isPolled || !isEnding
            return isEnding
        }
        if isLate {
            try check(hws_wake(handle))  // throws in a logger, and of an engine that is gone
            throw HawserError(.invalidHandle)
        }
        defer { turn.withLock { (isPolled, _) = (false, turn.broadcast()) } }
        var (count, status): (UInt32, hws_status) = (0, 0)
        let events = withUnsafeTemporaryAllocation(of: hws_event.self, capacity: Int(capacity)) { events -> [Event] in
            let size = MemoryLayout<hws_event>.stride
            status = hws_poll(handle, events.baseAddress, size, UInt32(capacity), timeout.milliseconds, &count)
            return status == 0 ? events[..<Int(count)].map(Event.init) : []
        }
        try check(status)
        return events
    }
}

extension Event {
    /// The message of an event that has one.
    public var message: Message { opcode == .text ? .text(String(decoding: data, as: UTF8.self)) : .binary(data) }
}

extension Connection {
    /// Sends text.
    public func send(_ text: String) throws { try send(.text(text)) }

    /// Sends bytes: a message, or as another opcode a ping, or with `SendFlags.more` a fragment.
    public func send(_ bytes: [UInt8], as opcode: Opcode = .binary, _ options: SendOptions? = nil) throws {
        try check(withArena { arena in
            bytes.withUnsafeBytes { hws_send(handle, opcode.rawValue, $0.baseAddress, $0.count, arena.pass(options)) }
        })
    }
}

extension Listener {
    /// What it is bound to, "127.0.0.1:40213".
    public func address() throws -> String {
        var text = [CChar](repeating: 0, count: 256)
        try check(hws_listener_address(handle, &text, text.count, nil))
        return String(decoding: text.prefix { $0 != 0 }.map(UInt8.init(bitPattern:)), as: UTF8.self)
    }
}

/// A whole message.
public enum Message: Sendable, Hashable {
    case text(String)
    case binary([UInt8])

    func withBytes<Result>(_ body: (hws_opcode, UnsafeRawBufferPointer) -> Result) -> Result {
        switch self {
        case .text(var text): text.withUTF8 { body(Opcode.text.rawValue, UnsafeRawBufferPointer($0)) }
        case .binary(let bytes): bytes.withUnsafeBytes { body(Opcode.binary.rawValue, $0) }
        }
    }
}

/// What concerns the whole process.
public enum Library {
    public static var version: String { String(cString: hws_version()) }

    /// Whether the library can do something: "tls", "deflate", "reconnect" and so on.
    public static func has(_ feature: String) -> Bool { hws_has_feature(feature) == 1 }

    /// Sends the log to a function, on whatever thread it happens; nil switches it off. What the function calls of the
    /// library throws `HawserError.callback`. It is never released: a call of it may still be running.
    public static func log(_ level: LogLevel = .info, to function: Logger?) {
        guard let function else { return _ = hws_set_logger(0, nil, nil) }
        let hook: hws_log_fn = { user, level, _, _, text, count in
            let function = Unmanaged<AnyObject>.fromOpaque(user!).takeUnretainedValue() as! Logger
            let line = UnsafeRawBufferPointer(start: text, count: count)
            function(LogLevel(rawValue: level), String(decoding: line, as: UTF8.self))
        }
        _ = hws_set_logger(level.rawValue, hook, Unmanaged.passRetained(function as AnyObject).toOpaque())
    }
    public typealias Logger = @Sendable (LogLevel, String) -> Void
}
