/// A connection for tasks: a sequence of the messages that come. It ends when the peer has closed, and throws when the
/// connection was lost. A socket that is dropped says goodbye with 1001. While 64 messages wait, nothing is read, so that
/// the peer is slowed down.
public final class WebSocket: AsyncSequence, AsyncIteratorProtocol, Sendable {
    private let line: Line
    private let runtime: Runtime

    init(_ line: Line, _ runtime: Runtime) { (self.line, self.runtime) = (line, runtime) }

    deinit {
        line.messages.shut()
        atTheEnd { [connection] in try connection.close(code: 1001) }
    }

    /// Connects, and returns when the connection is open. Cancelling the task gives it up.
    public static func connect(
        _ uri: String, _ options: ClientOptions = ClientOptions(), on runtime: Runtime? = nil
    ) async throws -> WebSocket {
        var options = options
        options.uri = uri
        let runtime = try runtime ?? .shared()
        let (line, opened) = try runtime.exchange.connect(options)
        let socket = WebSocket(line, runtime)
        _ = try await opened.next()
        return socket
    }

    /// For what has no better name here: topics, pausing, counters.
    public var connection: Connection { line.connection }

    /// What was agreed in the opening handshake; the last one, if there were several.
    public var handshake: Handshake? { line.handshake }

    /// The next message; nil when the peer has closed.
    public func next() async throws -> Message? { try await line.messages.next() }
    public func makeAsyncIterator() -> WebSocket { self }

    /// Sends a message. While the send queue is full, this waits.
    public func send(_ message: Message, _ options: SendOptions? = nil) async throws {
        var writable: Inbox<Event>?
        while true {
            do {
                return try connection.send(message, options)
            } catch let error as HawserError
                where error.code == .sendQueueFull && UInt64(error.size ?? 0) + 14 <= error.capacity
            {
                // Not larger than the whole queue. Tried again before waiting: room that came first is not told again.
                if let waiting = writable { _ = try await waiting.next() }
                writable = writable == nil ? line.expect { $0.kind == .writable } : nil
            }
        }
    }

    public func send(_ text: String) async throws { try await send(.text(text)) }
    public func send(_ bytes: [UInt8]) async throws { try await send(.binary(bytes)) }

    /// Sends a ping, and returns how long its answer took.
    @discardableResult
    public func ping() async throws -> Duration {
        let token = UInt64.random(in: 1 ... .max)
        let pong = line.expect { $0.kind == .pong && $0.token == token }
        try connection.send(withUnsafeBytes(of: token) { Array($0) }, as: .ping, SendOptions(token: token))
        return .microseconds(try await pong.next()?.value ?? 0)
    }

    /// Closes, and returns when that is done, with what ended the connection: as a rule `ErrorCode.closedOk`. Messages that
    /// come from here on are dropped.
    @discardableResult
    public func close(code: UInt32 = 1000, reason: String = "") async throws -> HawserError? {
        line.messages.shut()
        let never = line.expect { _ in false }
        do { try connection.close(code: code, reason: reason) } catch HawserError.invalidHandle {}  // it has ended already
        do { return try await never.next()?.error } catch let end as HawserError { return end }
    }
}

/// A listening socket for tasks: a sequence of the sockets that open. One that is dropped stops accepting.
public final class Server: AsyncSequence, AsyncIteratorProtocol, Sendable {
    public let listener: Listener
    private let sockets = Inbox<WebSocket>()
    private let runtime: Runtime

    public init(_ options: ServerOptions, on runtime: Runtime? = nil) throws {
        self.runtime = try runtime ?? .shared()
        listener = try self.runtime.exchange.listen(options, sockets)
    }

    deinit {
        runtime.exchange.forget(listener)
        atTheEnd { [listener] in try listener.close() }
    }

    /// The next socket; nil when the server is closed.
    public func next() async throws -> WebSocket? { try await sockets.next() }
    public func makeAsyncIterator() -> Server { self }

    /// Stops accepting, says goodbye to all, and returns when that is done.
    public func close(_ drain: Drain = Drain()) async throws {
        sockets.shut()
        try listener.close(drain)
        while try await sockets.next() != nil {}
    }
}
