import Foundation

/// An engine, and a thread that polls it, for any number of sockets and servers. It ends with the last of them, unless
/// somebody holds it.
public final class Runtime: Sendable {
    public let engine: Engine
    let exchange: Exchange

    /// `observe` gets every event, before anybody else, on the thread that polls: it must not block. There is seen what sockets
    /// do not show, such as `.reconnecting`, `.queue` and `.acceptFailed`, and there are `.request`s decided.
    public init(_ options: EngineOptions? = nil, observe: (@Sendable (Event) -> Void)? = nil) throws {
        engine = try Engine(options)
        exchange = Exchange(engine)
        exchange.runtime = self
        Thread.detachNewThread { [exchange] in exchange.run(observe) }
    }

    deinit { atTheEnd { [engine] in try engine.close() } }

    private static let lock = NSLock()
    private nonisolated(unsafe) static var common: Runtime?

    /// The one for sockets and servers that are given none.
    public static func shared() throws -> Runtime {
        try lock.withLock {
            common = try common ?? Runtime()
            return common!
        }
    }
}

/// What a connection has for its socket.
final class Line: @unchecked Sendable {
    let connection: Connection
    let messages: Inbox<Message>
    private let lock = NSLock()
    private var expected: [(is: @Sendable (Event) -> Bool, inbox: Inbox<Event>)] = []
    private var latest: Handshake?
    private var end: (any Error)?

    init(_ connection: Connection) {
        self.connection = connection
        messages = Inbox(limit: 64) { try? connection.pause($0) }
    }

    var handshake: Handshake? { lock.withLock { latest } }

    /// The first event from here on that is so; or what ends the connection before, as an error.
    func expect(_ condition: @escaping @Sendable (Event) -> Bool) -> Inbox<Event> {
        lock.withLock {
            let inbox = Inbox<Event>()
            if let end { inbox.finish(.failure(end)) } else { expected.append((condition, inbox)) }
            return inbox
        }
    }

    func deliver(_ event: Event) {
        if event.kind == .message { return messages.put(event.message) }
        lock.withLock {
            if event.kind == .open { latest = event.handshake }
            expected.filter { $0.is(event) }.forEach { $0.inbox.finish(.success(event)) }
            expected.removeAll { $0.is(event) }
        }
    }

    func end(_ error: any Error) {
        if case HawserError.closedOk = error { messages.finish(.success(nil)) } else { messages.finish(.failure(error)) }
        lock.withLock {
            end = error
            expected.forEach { $0.inbox.finish(.failure(error)) }
            expected = []
        }
    }
}

/// Who gets what is polled.
final class Exchange: @unchecked Sendable {
    weak var runtime: Runtime?
    private let engine: Engine
    private let lock = NSLock()
    private var lines: [Connection: Line] = [:]
    private var servers: [Listener: Inbox<WebSocket>] = [:]

    init(_ engine: Engine) { self.engine = engine }

    // The lock is held meanwhile, or the first event could come too early.
    func connect(_ options: ClientOptions) throws -> (Line, opened: Inbox<Event>) {
        try lock.withLock {
            let line = Line(try engine.connect(options))
            lines[line.connection] = line
            return (line, line.expect { $0.kind == .open })
        }
    }

    func listen(_ options: ServerOptions, _ sockets: Inbox<WebSocket>) throws -> Listener {
        try lock.withLock {
            let listener = try engine.listen(options)
            servers[listener] = sockets
            return listener
        }
    }

    func forget(_ listener: Listener) { lock.withLock { _ = servers.removeValue(forKey: listener) } }

    func run(_ observe: (@Sendable (Event) -> Void)?) {
        do {
            while true {
                for event in try engine.poll(timeout: .forever) {
                    observe?(event)
                    deliver(event)
                }
            }
        } catch {
            let (lines, servers) = lock.withLock { (self.lines.values, self.servers.values) }
            lines.forEach { $0.end(error) }
            servers.forEach { $0.finish(.failure(error)) }
        }
    }

    private func deliver(_ event: Event) {
        let line = lock.withLock { lines[event.connection] }
        switch (event.kind, line, event.error) {
        case (.open, nil, _): accept(event)
        case (.listenerClosed, _, _):
            lock.withLock { servers.removeValue(forKey: event.listener) }?.finish(.success(nil))
        case (.close, let line?, let error?), (.connectFailed, let line?, let error?):
            lock.withLock { _ = lines.removeValue(forKey: event.connection) }
            line.end(error)
        default: line?.deliver(event)
        }
    }

    private func accept(_ event: Event) {
        guard let runtime, let server = lock.withLock({ servers[event.listener] }) else {
            return _ = try? event.connection.close(code: 1001)  // nobody wants it any more
        }
        let line = Line(event.connection)
        line.deliver(event)
        lock.withLock { lines[event.connection] = line }
        server.put(WebSocket(line, runtime))
    }
}
