// Made from include/hawser.h and the status table by `HAWSER_BLESS=1 cargo test --test bindings`; do not edit.

import CHawser

/// Every code. One is-a several others: `catch HawserError.timeout` catches all timeouts.
public enum ErrorCode: Int32, Sendable, CaseIterable {
    /// something failed
    case error = -1
    /// the call was wrong
    case usage = -100
    /// no such object: the handle is stale, forged, closed, zero or of another kind
    case invalidHandle = -101
    /// an argument or option is not acceptable
    case invalidArgument = -102
    /// struct_size is zero, or the struct sets fields this library does not know
    case structSize = -103
    /// not in this build or on this platform
    case unsupported = -104
    /// not possible in the present state
    case invalidState = -105
    /// somebody else is in the middle of the same thing
    case concurrency = -106
    /// the URI is malformed or not a WebSocket URI
    case invalidUri = -107
    /// the proxy URL is malformed or of an unknown scheme
    case invalidProxy = -108
    /// this cannot be sent as a legal WebSocket frame
    case invalidSend = -109
    /// the network failed
    case network = -200
    /// the name does not resolve
    case address = -201
    /// the peer refuses connections
    case connectionRefused = -202
    /// no route to the peer
    case unreachable = -203
    /// the peer reset the connection
    case connectionReset = -204
    /// the peer ended the connection unexpectedly
    case unexpectedEof = -205
    /// the operating system reports an I/O error
    case io = -206
    /// no address of the peer could be reached
    case connectFailed = -207
    /// TLS failed
    case tls = -210
    /// the certificate is not acceptable
    case tlsCertificate = -211
    /// the peer sent a TLS alert
    case tlsAlert = -212
    /// the peer does not speak acceptable TLS
    case tlsProtocol = -213
    /// it took too long
    case timeout = -300
    /// the name did not resolve in time
    case resolveTimeout = -301
    /// the connection was not up in time
    case connectTimeout = -302
    /// the opening handshake was not done in time
    case handshakeTimeout = -303
    /// no message came in time
    case recvTimeout = -304
    /// the peer takes no data
    case sendTimeout = -305
    /// the peer did not answer a ping in time
    case pingTimeout = -306
    /// the closing handshake was not done in time
    case closeTimeout = -307
    /// the connection was idle for too long
    case idleTimeout = -308
    /// the opening handshake failed
    case handshake = -400
    /// a limit that guards against hostile peers was exceeded
    case security = -401
    /// the request line is too long
    case requestLineTooLong = -402
    /// the status line is too long
    case statusLineTooLong = -403
    /// a header line is too long
    case headerLineTooLong = -404
    /// the head has too many headers
    case tooManyHeaders = -405
    /// the body is too large
    case bodyTooLarge = -406
    /// a redirect leads from wss to ws
    case redirectDowngrade = -407
    /// too many redirects
    case tooManyRedirects = -408
    /// the peer does not speak HTTP/1.1
    case invalidMessage = -410
    /// the peer ended the connection inside its HTTP message
    case invalidMessageEof = -411
    /// the method is not GET
    case invalidMethod = -412
    /// the version is not HTTP/1.1
    case invalidHttpVersion = -413
    /// the server answered with another status than 101
    case invalidStatus = -420
    /// the server redirects
    case redirect = -421
    /// the server decided to refuse the request
    case handshakeAborted = -422
    /// a header is missing or repeated
    case invalidHeader = -430
    /// a header does not match its grammar
    case invalidHeaderFormat = -431
    /// a header has a wrong value
    case invalidHeaderValue = -432
    /// the origin is not allowed
    case invalidOrigin = -433
    /// the Upgrade or Connection header does not ask for WebSocket
    case invalidUpgrade = -434
    /// the negotiation of extensions or subprotocols failed
    case negotiation = -440
    /// an extension parameter is repeated
    case duplicateParameter = -441
    /// an extension parameter is unknown
    case invalidParameterName = -442
    /// an extension parameter has a wrong value
    case invalidParameterValue = -443
    /// no subprotocol in common
    case subprotocol = -444
    /// the proxy failed
    case proxy = -450
    /// the proxy does not speak its protocol
    case invalidProxyMessage = -451
    /// the proxy refuses to connect
    case invalidProxyStatus = -452
    /// the proxy wants other credentials
    case proxyAuthentication = -453
    /// the SOCKS proxy reports a failure
    case socksReply = -454
    /// the WebSocket protocol was violated
    case `protocol` = -500
    /// a frame breaks the protocol
    case invalidFrame = -501
    /// the payload is not UTF-8
    case invalidPayload = -502
    /// a message or frame is over the limit
    case payloadTooBig = -503
    /// a message has too many fragments
    case tooManyFragments = -504
    /// the compressed data is corrupt
    case decompression = -505
    /// a Close frame is malformed
    case invalidClose = -506
    /// the message could not be decoded
    case invalidMessageData = -507
    /// the connection is closed
    case connectionClosed = -600
    /// the connection was closed cleanly
    case closedOk = -601
    /// the connection was closed with an error
    case closedError = -602
    /// reconnecting failed
    case reconnect = -700
    /// every attempt to reconnect failed
    case reconnectExhausted = -701
    /// reconnecting is off
    case reconnectDisabled = -702
    /// the cause is permanent, trying again would not help
    case reconnectRefused = -703
    /// a resource is used up
    case resource = -800
    /// a buffer is full
    case buffer = -801
    /// the send buffer overflowed
    case bufferOverflow = -802
    /// the receive queue overflowed
    case queueFull = -803
    /// the send queue is full
    case sendQueueFull = -804
    /// the pool cannot serve
    case pool = -810
    /// no connection of the pool became free in time
    case poolExhausted = -811
    /// the pool is closed
    case poolClosed = -812
    /// out of memory
    case noMemory = -820
    /// too many connections
    case tooManyConnections = -821
    /// out of file descriptors
    case fdLimit = -822
    /// too many subscriptions
    case tooManySubscriptions = -823
    /// hawser failed
    case `internal` = -900
    /// a hook of the host failed
    case callback = -901
    /// a bug in hawser was caught at the border
    case panic = -902
    /// the engine belongs to the parent process
    case forked = -903

    /// The direct parents.
    public var parents: [ErrorCode] {
        switch self {
        case .error: []
        case .usage: [.error]
        case .invalidHandle: [.usage]
        case .invalidArgument: [.usage]
        case .structSize: [.usage]
        case .unsupported: [.usage]
        case .invalidState: [.usage, .protocol]
        case .concurrency: [.usage, .protocol]
        case .invalidUri: [.usage]
        case .invalidProxy: [.usage, .proxy]
        case .invalidSend: [.usage, .protocol]
        case .network: [.error]
        case .address: [.network]
        case .connectionRefused: [.network]
        case .unreachable: [.network]
        case .connectionReset: [.network]
        case .unexpectedEof: [.network]
        case .io: [.network]
        case .connectFailed: [.network]
        case .tls: [.network]
        case .tlsCertificate: [.tls, .security]
        case .tlsAlert: [.tls]
        case .tlsProtocol: [.tls]
        case .timeout: [.error]
        case .resolveTimeout: [.timeout, .network]
        case .connectTimeout: [.timeout, .network]
        case .handshakeTimeout: [.timeout, .handshake, .network]
        case .recvTimeout: [.timeout]
        case .sendTimeout: [.timeout]
        case .pingTimeout: [.timeout]
        case .closeTimeout: [.timeout]
        case .idleTimeout: [.timeout]
        case .handshake: [.error]
        case .security: [.handshake]
        case .requestLineTooLong: [.security]
        case .statusLineTooLong: [.security]
        case .headerLineTooLong: [.security]
        case .tooManyHeaders: [.security]
        case .bodyTooLarge: [.security]
        case .redirectDowngrade: [.security, .redirect]
        case .tooManyRedirects: [.security, .redirect]
        case .invalidMessage: [.handshake]
        case .invalidMessageEof: [.invalidMessage, .network]
        case .invalidMethod: [.handshake]
        case .invalidHttpVersion: [.handshake]
        case .invalidStatus: [.handshake]
        case .redirect: [.invalidStatus]
        case .handshakeAborted: [.handshake]
        case .invalidHeader: [.handshake]
        case .invalidHeaderFormat: [.invalidHeader]
        case .invalidHeaderValue: [.invalidHeader]
        case .invalidOrigin: [.invalidHeader, .handshake]
        case .invalidUpgrade: [.invalidHeader, .handshake]
        case .negotiation: [.handshake]
        case .duplicateParameter: [.negotiation, .handshake]
        case .invalidParameterName: [.negotiation, .handshake]
        case .invalidParameterValue: [.negotiation, .handshake]
        case .subprotocol: [.negotiation]
        case .proxy: [.handshake]
        case .invalidProxyMessage: [.proxy]
        case .invalidProxyStatus: [.proxy]
        case .proxyAuthentication: [.invalidProxyStatus]
        case .socksReply: [.proxy]
        case .protocol: [.error]
        case .invalidFrame: [.protocol]
        case .invalidPayload: [.protocol]
        case .payloadTooBig: [.protocol]
        case .tooManyFragments: [.protocol]
        case .decompression: [.protocol]
        case .invalidClose: [.protocol]
        case .invalidMessageData: [.protocol]
        case .connectionClosed: [.error]
        case .closedOk: [.connectionClosed]
        case .closedError: [.connectionClosed]
        case .reconnect: [.error]
        case .reconnectExhausted: [.reconnect, .network]
        case .reconnectDisabled: [.reconnect]
        case .reconnectRefused: [.reconnect]
        case .resource: [.error]
        case .buffer: [.resource]
        case .bufferOverflow: [.buffer]
        case .queueFull: [.buffer]
        case .sendQueueFull: [.buffer]
        case .pool: [.resource]
        case .poolExhausted: [.pool, .timeout]
        case .poolClosed: [.pool]
        case .noMemory: [.resource]
        case .tooManyConnections: [.resource]
        case .fdLimit: [.resource]
        case .tooManySubscriptions: [.resource]
        case .internal: [.error]
        case .callback: [.internal]
        case .panic: [.internal]
        case .forked: [.internal]
        }
    }
}

extension HawserError {
    public static var error: ErrorCode { .error }
    public static var usage: ErrorCode { .usage }
    public static var invalidHandle: ErrorCode { .invalidHandle }
    public static var invalidArgument: ErrorCode { .invalidArgument }
    public static var structSize: ErrorCode { .structSize }
    public static var unsupported: ErrorCode { .unsupported }
    public static var invalidState: ErrorCode { .invalidState }
    public static var concurrency: ErrorCode { .concurrency }
    public static var invalidUri: ErrorCode { .invalidUri }
    public static var invalidProxy: ErrorCode { .invalidProxy }
    public static var invalidSend: ErrorCode { .invalidSend }
    public static var network: ErrorCode { .network }
    public static var address: ErrorCode { .address }
    public static var connectionRefused: ErrorCode { .connectionRefused }
    public static var unreachable: ErrorCode { .unreachable }
    public static var connectionReset: ErrorCode { .connectionReset }
    public static var unexpectedEof: ErrorCode { .unexpectedEof }
    public static var io: ErrorCode { .io }
    public static var connectFailed: ErrorCode { .connectFailed }
    public static var tls: ErrorCode { .tls }
    public static var tlsCertificate: ErrorCode { .tlsCertificate }
    public static var tlsAlert: ErrorCode { .tlsAlert }
    public static var tlsProtocol: ErrorCode { .tlsProtocol }
    public static var timeout: ErrorCode { .timeout }
    public static var resolveTimeout: ErrorCode { .resolveTimeout }
    public static var connectTimeout: ErrorCode { .connectTimeout }
    public static var handshakeTimeout: ErrorCode { .handshakeTimeout }
    public static var recvTimeout: ErrorCode { .recvTimeout }
    public static var sendTimeout: ErrorCode { .sendTimeout }
    public static var pingTimeout: ErrorCode { .pingTimeout }
    public static var closeTimeout: ErrorCode { .closeTimeout }
    public static var idleTimeout: ErrorCode { .idleTimeout }
    public static var handshake: ErrorCode { .handshake }
    public static var security: ErrorCode { .security }
    public static var requestLineTooLong: ErrorCode { .requestLineTooLong }
    public static var statusLineTooLong: ErrorCode { .statusLineTooLong }
    public static var headerLineTooLong: ErrorCode { .headerLineTooLong }
    public static var tooManyHeaders: ErrorCode { .tooManyHeaders }
    public static var bodyTooLarge: ErrorCode { .bodyTooLarge }
    public static var redirectDowngrade: ErrorCode { .redirectDowngrade }
    public static var tooManyRedirects: ErrorCode { .tooManyRedirects }
    public static var invalidMessage: ErrorCode { .invalidMessage }
    public static var invalidMessageEof: ErrorCode { .invalidMessageEof }
    public static var invalidMethod: ErrorCode { .invalidMethod }
    public static var invalidHttpVersion: ErrorCode { .invalidHttpVersion }
    public static var invalidStatus: ErrorCode { .invalidStatus }
    public static var redirect: ErrorCode { .redirect }
    public static var handshakeAborted: ErrorCode { .handshakeAborted }
    public static var invalidHeader: ErrorCode { .invalidHeader }
    public static var invalidHeaderFormat: ErrorCode { .invalidHeaderFormat }
    public static var invalidHeaderValue: ErrorCode { .invalidHeaderValue }
    public static var invalidOrigin: ErrorCode { .invalidOrigin }
    public static var invalidUpgrade: ErrorCode { .invalidUpgrade }
    public static var negotiation: ErrorCode { .negotiation }
    public static var duplicateParameter: ErrorCode { .duplicateParameter }
    public static var invalidParameterName: ErrorCode { .invalidParameterName }
    public static var invalidParameterValue: ErrorCode { .invalidParameterValue }
    public static var subprotocol: ErrorCode { .subprotocol }
    public static var proxy: ErrorCode { .proxy }
    public static var invalidProxyMessage: ErrorCode { .invalidProxyMessage }
    public static var invalidProxyStatus: ErrorCode { .invalidProxyStatus }
    public static var proxyAuthentication: ErrorCode { .proxyAuthentication }
    public static var socksReply: ErrorCode { .socksReply }
    public static var `protocol`: ErrorCode { .protocol }
    public static var invalidFrame: ErrorCode { .invalidFrame }
    public static var invalidPayload: ErrorCode { .invalidPayload }
    public static var payloadTooBig: ErrorCode { .payloadTooBig }
    public static var tooManyFragments: ErrorCode { .tooManyFragments }
    public static var decompression: ErrorCode { .decompression }
    public static var invalidClose: ErrorCode { .invalidClose }
    public static var invalidMessageData: ErrorCode { .invalidMessageData }
    public static var connectionClosed: ErrorCode { .connectionClosed }
    public static var closedOk: ErrorCode { .closedOk }
    public static var closedError: ErrorCode { .closedError }
    public static var reconnect: ErrorCode { .reconnect }
    public static var reconnectExhausted: ErrorCode { .reconnectExhausted }
    public static var reconnectDisabled: ErrorCode { .reconnectDisabled }
    public static var reconnectRefused: ErrorCode { .reconnectRefused }
    public static var resource: ErrorCode { .resource }
    public static var buffer: ErrorCode { .buffer }
    public static var bufferOverflow: ErrorCode { .bufferOverflow }
    public static var queueFull: ErrorCode { .queueFull }
    public static var sendQueueFull: ErrorCode { .sendQueueFull }
    public static var pool: ErrorCode { .pool }
    public static var poolExhausted: ErrorCode { .poolExhausted }
    public static var poolClosed: ErrorCode { .poolClosed }
    public static var noMemory: ErrorCode { .noMemory }
    public static var tooManyConnections: ErrorCode { .tooManyConnections }
    public static var fdLimit: ErrorCode { .fdLimit }
    public static var tooManySubscriptions: ErrorCode { .tooManySubscriptions }
    public static var `internal`: ErrorCode { .internal }
    public static var callback: ErrorCode { .callback }
    public static var panic: ErrorCode { .panic }
    public static var forked: ErrorCode { .forked }
}

/// What a frame is for, RFC 6455 section 11.8.
public struct Opcode: RawRepresentable, Sendable, Hashable {
    public let rawValue: UInt32
    public init(rawValue: UInt32) { self.rawValue = rawValue }

    /// the next fragment of a message begun with HWS_SEND_MORE
    public static let cont = Opcode(rawValue: 0)
    public static let text = Opcode(rawValue: 1)
    public static let binary = Opcode(rawValue: 2)
    /// only seen in errors; sent with hws_close
    public static let close = Opcode(rawValue: 8)
    public static let ping = Opcode(rawValue: 9)
    public static let pong = Opcode(rawValue: 10)
}

/// Where a connection stands. Errors carry masks: 1 << state.
public struct ConnectionState: RawRepresentable, Sendable, Hashable {
    public let rawValue: UInt32
    public init(rawValue: UInt32) { self.rawValue = rawValue }

    public static let connecting = ConnectionState(rawValue: 0)
    public static let open = ConnectionState(rawValue: 1)
    /// a Close frame was sent or received, or the connection broke
    public static let closing = ConnectionState(rawValue: 2)
    public static let closed = ConnectionState(rawValue: 3)
    /// with hws_client_options.reconnect: down, and waiting for the next attempt or making it
    public static let reconnecting = ConnectionState(rawValue: 4)
}

/// A set of states, as errors have them.
public struct ConnectionStates: OptionSet, Sendable, Hashable {
    public let rawValue: UInt32
    public init(rawValue: UInt32) { self.rawValue = rawValue }

    public static let connecting = Self(rawValue: 1 << 0)
    public static let open = Self(rawValue: 1 << 1)
    public static let closing = Self(rawValue: 1 << 2)
    public static let closed = Self(rawValue: 1 << 3)
    public static let reconnecting = Self(rawValue: 1 << 4)
}

/// How important a line of the log is.
public struct LogLevel: RawRepresentable, Sendable, Hashable {
    public let rawValue: UInt32
    public init(rawValue: UInt32) { self.rawValue = rawValue }

    public static let error = LogLevel(rawValue: 1)
    public static let warn = LogLevel(rawValue: 2)
    public static let info = LogLevel(rawValue: 3)
    public static let debug = LogLevel(rawValue: 4)
    public static let trace = LogLevel(rawValue: 5)
}

/// Whether trying again could help: hws_error_info.retryable.
public struct Retry: RawRepresentable, Sendable, Hashable {
    public let rawValue: UInt32
    public init(rawValue: UInt32) { self.rawValue = rawValue }

    public static let no = Retry(rawValue: 0)
    public static let yes = Retry(rawValue: 1)
    /// not before retry_after_ms
    public static let after = Retry(rawValue: 2)
}

/// Who began it: hws_error_info.initiated_by.
public struct Side: RawRepresentable, Sendable, Hashable {
    public let rawValue: UInt32
    public init(rawValue: UInt32) { self.rawValue = rawValue }

    public static let neither = Side(rawValue: 0)
    public static let local = Side(rawValue: 1)
    public static let remote = Side(rawValue: 2)
}

/// Flags of hws_send_options.
public struct SendFlags: OptionSet, Sendable, Hashable {
    public let rawValue: UInt32
    public init(rawValue: UInt32) { self.rawValue = rawValue }

    /// more fragments of this message follow
    public static let more = SendFlags(rawValue: 1)
    /// not to be compressed; of a message in fragments the first decides
    public static let raw = SendFlags(rawValue: 2)
    /// now, if the connection is open, and first whenever it is open again, until hws_conn_forget: a subscription, say. token
    /// is its name, and a new message takes the place of one with the same
    public static let again = SendFlags(rawValue: 8)
}

/// Flags of hws_event.
public struct EventFlags: OptionSet, Sendable, Hashable {
    public let rawValue: UInt32
    public init(rawValue: UInt32) { self.rawValue = rawValue }

    /// FRAGMENT: the last frame of its message
    public static let fin = EventFlags(rawValue: 1)
    /// MESSAGE, FRAGMENT: it came compressed
    public static let compressed = EventFlags(rawValue: 2)
    /// CLOSE: both sides closed with 1000, 1001 or no code
    public static let clean = EventFlags(rawValue: 4)
    /// OPEN: it was open before, and has come back
    public static let reconnected = EventFlags(rawValue: 8)
    /// REQUEST: it asks for no WebSocket, and can only be answered
    public static let plain = EventFlags(rawValue: 16)
}

/// How hws_heartbeat.answer is compared with a message.
public struct Match: RawRepresentable, Sendable, Hashable {
    public let rawValue: UInt32
    public init(rawValue: UInt32) { self.rawValue = rawValue }

    /// the message is the answer
    public static let exact = Match(rawValue: 0)
    /// it begins with it
    public static let prefix = Match(rawValue: 1)
    /// it has it in it
    public static let contains = Match(rawValue: 2)
    /// whatever comes will do
    public static let any = Match(rawValue: 3)
}

/// Flags of hws_publish_options, beside HWS_SEND_RAW.
public struct PublishFlags: OptionSet, Sendable, Hashable {
    public let rawValue: UInt32
    public init(rawValue: UInt32) { self.rawValue = rawValue }

    /// no PUBLISH event: this came from where those go
    public static let local = PublishFlags(rawValue: 4)
    /// not to be compressed; of a message in fragments the first decides
    public static let raw = PublishFlags(rawValue: 2)
}

/// What becomes of a connection whose send queue has no room for a message that many get: hws_limits.slow_subscriber.
public struct SlowPolicy: RawRepresentable, Sendable, Hashable {
    public let rawValue: UInt32
    public init(rawValue: UInt32) { self.rawValue = rawValue }

    /// it goes without
    public static let skip = SlowPolicy(rawValue: 0)
    /// it is closed with 1013; the cause is SEND_QUEUE_FULL. A message that is larger than the whole queue closes nobody
    public static let close = SlowPolicy(rawValue: 1)
}

/// What becomes of a message for which there is no room.
public struct Overflow: RawRepresentable, Sendable, Hashable {
    public let rawValue: UInt32
    public init(rawValue: UInt32) { self.rawValue = rawValue }

    /// it is not taken from its sender until there is room
    public static let backpressure = Overflow(rawValue: 1)
    /// the oldest go
    public static let dropOldest = Overflow(rawValue: 2)
    /// it goes
    public static let dropNewest = Overflow(rawValue: 3)
    /// an error
    public static let error = Overflow(rawValue: 4)
}

/// When messages are sent again that may not have been read: hws_reconnect.replay.
public struct Replay: RawRepresentable, Sendable, Hashable {
    public let rawValue: UInt32
    public init(rawValue: UInt32) { self.rawValue = rawValue }

    public static let off = Replay(rawValue: 0)
    /// when hws_conn_replay is called
    public static let onRequest = Replay(rawValue: 1)
    /// whenever the connection is open again
    public static let always = Replay(rawValue: 2)
}

/// What an event tells, and which of its fields then have a meaning beside kind, user and the handle.
/// The missing numbers belong to later work.
public struct EventKind: RawRepresentable, Sendable, Hashable {
    public let rawValue: UInt32
    public init(rawValue: UInt32) { self.rawValue = rawValue }

    public static let none = EventKind(rawValue: 0)
    /// conn, handshake, and on servers listener: messages may be sent. With hws_client_options.reconnect also
    /// HWS_FLAG_RECONNECTED, value: how long it was down, in milliseconds, token: how many attempts it took to come back
    public static let open = EventKind(rawValue: 1)
    /// conn, opcode, data, HWS_FLAG_COMPRESSED: a whole message
    public static let message = EventKind(rawValue: 2)
    /// conn, opcode, data, HWS_FLAG_FIN, HWS_FLAG_COMPRESSED: one frame of a message, with limits.deliver_fragments
    public static let fragment = EventKind(rawValue: 3)
    /// conn, data: answered already unless timers.auto_pong is off; with limits.deliver_pings
    public static let ping = EventKind(rawValue: 4)
    /// conn, data, token of the ping, value: round trip in microseconds
    public static let pong = EventKind(rawValue: 5)
    /// conn, token: a message has left for the kernel
    public static let sent = EventKind(rawValue: 6)
    /// conn: after a send was refused, the queue is below its low watermark
    public static let writable = EventKind(rawValue: 7)
    /// conn, status, error, value: here messages are missing, error.dropped of them; value counts all that the connection has
    /// lost so far. See hws_limits.overflow
    public static let queue = EventKind(rawValue: 8)
    /// conn, status, error, HWS_FLAG_CLEAN: the last event of a connection that was open
    public static let close = EventKind(rawValue: 9)
    /// conn, status, error: the last event of a client that did not open
    public static let connectFailed = EventKind(rawValue: 10)
    /// conn, status, error, value: lost, or an attempt has failed, and there will be another in value milliseconds;
    /// UINT64_MAX: only if you say so. With hws_client_options.reconnect
    public static let reconnecting = EventKind(rawValue: 11)
    /// request, listener, handshake, HWS_FLAG_PLAIN: decide on it, now or later; OPEN or ACCEPT_FAILED follows
    public static let request = EventKind(rawValue: 12)
    /// listener, status, error, request if there was one: a client failed to open, or nothing can be accepted for now
    public static let acceptFailed = EventKind(rawValue: 13)
    /// listener, value, token: the last event of a listener; what value and token count, see hws_listener_close
    public static let listenerClosed = EventKind(rawValue: 14)
    /// conn, handshake, token and value, the id of the pool: hws_pool_acquire has led to a connection. Of one that was
    /// leased before, handshake has http_status, subprotocol, peer and uri only
    public static let poolReady = EventKind(rawValue: 15)
    /// status, error, token and value, the id of the pool: hws_pool_acquire has led to none
    public static let poolFailed = EventKind(rawValue: 16)
    /// topic, opcode, data: hws_publish was called on this engine; with hws_engine_options.publish_events
    public static let publish = EventKind(rawValue: 20)
}

/// Whether a server asks its clients for certificates.
public struct ClientAuth: RawRepresentable, Sendable, Hashable {
    public let rawValue: UInt32
    public init(rawValue: UInt32) { self.rawValue = rawValue }

    /// it does not
    public static let none = ClientAuth(rawValue: 0)
    /// a client may show one; a bad one is refused
    public static let optional = ClientAuth(rawValue: 1)
    /// a client without a good one is refused
    public static let required = ClientAuth(rawValue: 2)
}

/// Versions of TLS, as they are on the wire.
public struct TLSVersion: RawRepresentable, Sendable, Hashable {
    public let rawValue: UInt32
    public init(rawValue: UInt32) { self.rawValue = rawValue }

    public static let tls12 = TLSVersion(rawValue: 771)
    public static let tls13 = TLSVersion(rawValue: 772)
}

/// A connection, client or server side. Needs no freeing: stale at the poll after its last event.
public struct Connection: Sendable, Hashable {
    let handle: hws_conn

    public static func == (one: Connection, other: Connection) -> Bool { one.handle.id == other.handle.id }
    public func hash(into hasher: inout Hasher) { hasher.combine(handle.id) }
}

/// A header field of HTTP.
public struct Header: Sendable {
    public var name: String
    public var value: String

    public init(
        _ name: String,
        _ value: String
    ) {
        self.name = name
        self.value = value
    }
}

extension Header: Passable {
    func passed(_ arena: Arena) -> hws_header {
        var c = hws_header()
        c.name = arena.pass(name)
        c.value = arena.pass(value)
        return c
    }
}

/// One Close frame, RFC 6455 section 5.5.1.
public struct CloseInfo: Sendable {
    /// 1005 when the frame had none
    public let code: Int
    public let reason: String?

    init(_ c: hws_close_info) {
        code = Int(c.code)
        reason = take(c.reason)
    }
}

/// Everything that is known about a failure. Fields that do not apply are 0, empty, or what their comment says.
public struct HawserError: Sendable {
    public let status: Int
    /// what was being done, see hws_operation_name
    public let operation: String?
    /// of the connection, as 1 << hws_states; 0: no connection
    public let state: ConnectionStates
    /// mask of the states in which the call would have been legal
    public let requiredStates: ConnectionStates
    /// one of hws_retries
    public let retryable: Retry
    /// errno or WSAGetLastError(), or 0
    public let osError: Int
    /// TLS alert number + 1, or 0
    public let tlsAlert: Int?
    /// SOCKS reply + 1, or 0
    public let socksReply: Int?
    /// 0: no HTTP response
    public let httpStatus: Int
    /// 1: the body was longer than what body holds
    public let bodyTruncated: Bool
    /// of the frame at fault
    public let opcode: Opcode
    /// of the queue that is full
    public let policy: Overflow
    /// one of hws_sides
    public let initiatedBy: Side
    public let attempts: Int
    public let maxAttempts: Int
    public let retryAfter: Duration?
    public let downtime: Duration?
    /// -1: not a timeout
    public let timeout: Duration?
    /// byte offset of the fault in the value or message; -1: none
    public let position: Int64?
    /// -1: not about a size, or unknown; likewise the next two
    public let size: Int64?
    public let maxSize: Int64?
    public let currentSize: Int64?
    public let fragments: UInt64
    public let maxFragments: UInt64
    /// of the queue that is full, bytes
    public let capacity: UInt64
    public let dropped: UInt64
    public let maxConnections: UInt64
    public let inUse: UInt64
    /// monotonic, of the engine
    public let time: Duration
    public let connection: Connection?
    /// one line without a line end
    public let message: String?
    /// the rule that was broken, or the argument at fault
    public let detail: String?
    public let uri: String?
    public let proxy: String?
    /// where a redirect leads
    public let location: String?
    /// address of the peer
    public let peer: String?
    public let httpMethod: String?
    public let httpVersion: String?
    public let httpReason: String?
    public let headerName: String?
    /// ptr NULL: the header is missing; len 0: it is empty
    public let headerValue: String?
    public let origin: String?
    public let parameterName: String?
    public let parameterValue: String?
    /// of the HTTP response, in order, repeats kept
    public let headers: [Header]
    /// first bytes of the HTTP response's body
    public let body: [UInt8]
    public let closeRcvd: CloseInfo?
    public let closeSent: CloseInfo?
    /// both Close frames: 1 the peer's came first, 0 ours went first; -1: not both
    public let rcvdThenSent: Bool?
    /// the code of the connection, RFC 6455 section 7.1.5: 1006 when none was received
    public let closeCode: Int
    /// what led to this, or NULL
    let causes: [HawserError]

    init(_ c: hws_error_info) {
        status = Int(c.status)
        operation = c.operation == 0 ? nil : hws_operation_name(c.operation).map { String(cString: $0) }
        state = ConnectionStates(rawValue: c.state)
        requiredStates = ConnectionStates(rawValue: c.required_states)
        retryable = Retry(rawValue: c.retryable)
        osError = Int(c.os_error)
        tlsAlert = c.tls_alert == 0 ? nil : Int(c.tls_alert) - 1
        socksReply = c.socks_reply == 0 ? nil : Int(c.socks_reply) - 1
        httpStatus = Int(c.http_status)
        bodyTruncated = c.body_truncated != 0
        opcode = Opcode(rawValue: c.opcode)
        policy = Overflow(rawValue: c.policy)
        initiatedBy = Side(rawValue: c.initiated_by)
        attempts = Int(c.attempts)
        maxAttempts = Int(c.max_attempts)
        retryAfter = c.retry_after_ms < 0 ? nil : .milliseconds(c.retry_after_ms)
        downtime = c.downtime_ms < 0 ? nil : .milliseconds(c.downtime_ms)
        timeout = c.timeout_ms < 0 ? nil : .milliseconds(c.timeout_ms)
        position = c.position < 0 ? nil : c.position
        size = c.size < 0 ? nil : c.size
        maxSize = c.max_size < 0 ? nil : c.max_size
        currentSize = c.current_size < 0 ? nil : c.current_size
        fragments = c.fragments
        maxFragments = c.max_fragments
        capacity = c.capacity
        dropped = c.dropped
        maxConnections = c.max_connections
        inUse = c.in_use
        time = .milliseconds(c.time_ms)
        connection = c.conn.id == 0 ? nil : Connection(handle: c.conn)
        message = take(c.message)
        detail = take(c.detail)
        uri = take(c.uri)
        proxy = take(c.proxy)
        location = take(c.location)
        peer = take(c.peer)
        httpMethod = take(c.http_method)
        httpVersion = take(c.http_version)
        httpReason = take(c.http_reason)
        headerName = take(c.header_name)
        headerValue = take(c.header_value)
        origin = take(c.origin)
        parameterName = take(c.parameter_name)
        parameterValue = take(c.parameter_value)
        headers = take(c.headers, c.header_count)
        body = take(c.body)
        closeRcvd = c.close_rcvd.present == 0 ? nil : CloseInfo(c.close_rcvd)
        closeSent = c.close_sent.present == 0 ? nil : CloseInfo(c.close_sent)
        rcvdThenSent = c.rcvd_then_sent < 0 ? nil : c.rcvd_then_sent == 1
        closeCode = Int(c.close_code)
        causes = c.cause.map { [HawserError($0.pointee)] } ?? []
    }
}

/// An error of a binding's own. Zero is what is not known; status is needed.
public struct Raise: Sendable {
    /// HWS_ERR_INVALID_MESSAGE_DATA: a message could not be decoded. HWS_ERR_CALLBACK: a function of the host's that the
    /// binding has called failed
    public var status: ErrorCode? = nil
    /// whose message it was; it may be closed by now
    public var connection: Connection? = nil
    /// what is wrong, for people; line ends become spaces, and what is beyond 4096 bytes is left out
    public var detail: String? = nil
    /// of the message: HWS_TEXT or HWS_BINARY; 0: it is not about a message
    public var opcode: Opcode? = nil
    /// 1: position is known
    public var hasPosition: Bool = false
    /// byte offset of the fault in the message
    public var position: UInt64? = nil
    /// bytes in the message, if opcode says that there is one
    public var size: UInt64? = nil

    public init(
        status: ErrorCode? = nil,
        connection: Connection? = nil,
        detail: String? = nil,
        opcode: Opcode? = nil,
        hasPosition: Bool = false,
        position: UInt64? = nil,
        size: UInt64? = nil
    ) {
        self.status = status
        self.connection = connection
        self.detail = detail
        self.opcode = opcode
        self.hasPosition = hasPosition
        self.position = position
        self.size = size
    }
}

extension Raise: Passable {
    func passed(_ arena: Arena) -> hws_raise {
        var c = hws_raise()
        c.struct_size = sizeof(c)
        c.status = status?.rawValue ?? 0
        c.conn = arena.pass(connection)
        c.detail = arena.pass(detail)
        c.opcode = arena.pass(opcode)
        c.has_position = hasPosition ? 1 : 0
        c.position = arena.pass(position)
        c.size = arena.pass(size)
        return c
    }
}

/// How an engine is made. Zero is the default.
public struct EngineOptions: Sendable {
    /// HWS_ABI_VERSION, or 0 to skip the check
    public var abiVersion: UInt32? = nil
    /// connections at a time; default and most: 1048576
    public var maxConnections: UInt32? = nil
    /// payload bytes that one batch may lend, and that hws_recv of one connection puts by of others, roughly; default 4 MiB.
    /// A batch that lends 256 KiB ends all the same, as that is what a processor's cache holds; the rest comes with the next
    public var eventMemoryMax: UInt64? = nil
    /// bytes of compressors that connections may keep between messages; default 64 MiB. Over it they share one, and each
    /// message is compressed by itself
    public var compressionMemoryMax: UInt64? = nil
    /// an engine whose topics the new one shares: what is published to either reaches the subscribers of both; default
    /// topics of its own
    public var shareTopics: Engine? = nil
    /// each hws_publish to this engine is a PUBLISH event of it, too; default off. Those that wait are bounded by
    /// event_memory_max
    public var publishEvents: Bool? = nil
    /// a thread of the library's own does all work, and hws_poll and hws_recv only take events; default off. See hws_engine_new
    public var ioThread: Bool? = nil

    public init(
        abiVersion: UInt32? = nil,
        maxConnections: UInt32? = nil,
        eventMemoryMax: UInt64? = nil,
        compressionMemoryMax: UInt64? = nil,
        shareTopics: Engine? = nil,
        publishEvents: Bool? = nil,
        ioThread: Bool? = nil
    ) {
        self.abiVersion = abiVersion
        self.maxConnections = maxConnections
        self.eventMemoryMax = eventMemoryMax
        self.compressionMemoryMax = compressionMemoryMax
        self.shareTopics = shareTopics
        self.publishEvents = publishEvents
        self.ioThread = ioThread
    }
}

extension EngineOptions: Passable {
    func passed(_ arena: Arena) -> hws_engine_options {
        var c = hws_engine_options()
        c.struct_size = sizeof(c)
        c.abi_version = arena.pass(abiVersion)
        c.max_connections = arena.pass(maxConnections)
        c.event_memory_max = arena.pass(eventMemoryMax)
        c.compression_memory_max = arena.pass(compressionMemoryMax)
        c.share_topics = arena.pass(shareTopics)
        c.publish_events = arena.pass(publishEvents)
        c.io_thread = arena.pass(ioThread)
        return c
    }
}

/// A listening socket. Closed with hws_listener_close.
public struct Listener: Sendable, Hashable {
    let handle: hws_listener

    public static func == (one: Listener, other: Listener) -> Bool { one.handle.id == other.handle.id }
    public func hash(into hasher: inout Hasher) { hasher.combine(handle.id) }
}

/// A request that waits for a decision: hws_request_accept, hws_request_respond. Needs no freeing: stale once it is
/// decided, its peer has left, or the time is up.
public struct Request: Sendable, Hashable {
    let handle: hws_request

    public static func == (one: Request, other: Request) -> Bool { one.handle.id == other.handle.id }
    public func hash(into hasher: inout Hasher) { hasher.combine(handle.id) }
}

/// What was asked and answered in the opening handshake, RFC 6455 section 4.
public struct Handshake: Sendable {
    public let httpStatus: Int
    public let method: String?
    public let target: String?
    public let host: String?
    public let origin: String?
    /// the one that was agreed, or empty
    public let subprotocol: String?
    /// those that were agreed, with their parameters: "permessage-deflate; server_max_window_bits=12"
    public let extensions: String?
    /// address of the peer
    public let peer: String?
    /// by the client
    public let subprotocolsOffered: [String]
    /// what the peer sent, in order, repeats kept
    public let headers: [Header]
    /// clients: where the connection leads, after redirects
    public let uri: String?
    /// servers: who was let in by hws_server_options.credentials
    public let user: String?
    /// "TLSv1.3"; empty without TLS, like all that follows
    public let tlsVersion: String?
    /// as IANA has it, "TLS_AES_128_GCM_SHA256"
    public let tlsCipher: String?
    /// the name that the client asked for (SNI)
    public let tlsServerName: String?
    /// the protocol that was agreed by ALPN
    public let tlsAlpn: String?
    /// whom the peer's certificate is for, RFC 4514: "CN=alice,O=Example"
    public let tlsSubject: String?
    /// the peer's certificate, DER
    public let tlsCertificate: [UInt8]
    /// 1: an earlier session was resumed
    public let tlsResumed: Bool
    /// servers: why an offer of an extension was declined, the first that was; NULL if none was. The connection is open
    /// all the same
    public let extensionDeclined: HawserError?
    /// servers with routes: the pattern of the one it was
    public let route: String?
    /// what the variable parts of the pattern stand for, by name, percent-decoded; "*" is the name of the rest
    public let params: [Header]

    init(_ c: hws_handshake) {
        httpStatus = Int(c.http_status)
        method = take(c.method)
        target = take(c.target)
        host = take(c.host)
        origin = take(c.origin)
        subprotocol = take(c.subprotocol)
        extensions = take(c.extensions)
        peer = take(c.peer)
        subprotocolsOffered = take(c.subprotocols_offered, c.subprotocol_count)
        headers = take(c.headers, c.header_count)
        uri = take(c.uri)
        user = take(c.user)
        tlsVersion = take(c.tls_version)
        tlsCipher = take(c.tls_cipher)
        tlsServerName = take(c.tls_server_name)
        tlsAlpn = take(c.tls_alpn)
        tlsSubject = take(c.tls_subject)
        tlsCertificate = take(c.tls_certificate)
        tlsResumed = c.tls_resumed != 0
        extensionDeclined = c.extension_declined.map { HawserError($0.pointee) }
        route = take(c.route)
        params = take(c.params, c.param_count)
    }
}

/// One event: 128 bytes with 64-bit pointers. hws_event_kinds says which fields have a meaning.
public struct Event: Sendable {
    public let kind: EventKind
    /// hws_event_flags
    public let flags: EventFlags
    public let connection: Connection
    /// where it happened, or where the connection came from
    public let listener: Listener
    public let request: Request
    /// what was attached to the connection, or listener, when the event was made
    public let user: UInt64
    public let token: UInt64
    public let value: UInt64
    public let status: Int
    public let opcode: Opcode
    public let data: [UInt8]
    /// never NULL where the kind has an error
    public let error: HawserError?
    public let handshake: Handshake?
    public let topic: String?

    init(_ c: hws_event) {
        kind = EventKind(rawValue: c.kind)
        flags = EventFlags(rawValue: c.flags)
        connection = Connection(handle: c.conn)
        listener = Listener(handle: c.listener)
        request = Request(handle: c.request)
        user = c.user
        token = c.token
        value = c.value
        status = Int(c.status)
        opcode = Opcode(rawValue: c.opcode)
        data = take(c.data)
        error = c.error.map { HawserError($0.pointee) }
        handshake = c.handshake.map { Handshake($0.pointee) }
        topic = take(c.topic)
    }
}

/// Deadlines in milliseconds: 0 is the default, HWS_NEVER is none.
public struct Timers: Sendable {
    /// answer pings; default on
    public var autoPong: Bool? = nil
    /// from the call, or from accepting, to the end of the opening handshake, whatever happens; default 10 s
    public var open: Wait? = nil
    /// from the beginning of the closing handshake to the end of TCP; default 10 s
    public var close: Wait? = nil
    /// for a send queue of which nothing leaves; default 60 s
    public var send: Wait? = nil
    /// without a message in either direction; default never. Rests while the connection is not read because its queue is full
    public var idle: Wait? = nil
    /// between keepalive pings; default 20 s. Rests while the connection is paused, or is not read because its queue is full
    public var pingInterval: Wait? = nil
    /// for the answer to one; default 20 s
    public var pingTimeout: Wait? = nil

    public init(
        autoPong: Bool? = nil,
        open: Wait? = nil,
        close: Wait? = nil,
        send: Wait? = nil,
        idle: Wait? = nil,
        pingInterval: Wait? = nil,
        pingTimeout: Wait? = nil
    ) {
        self.autoPong = autoPong
        self.open = open
        self.close = close
        self.send = send
        self.idle = idle
        self.pingInterval = pingInterval
        self.pingTimeout = pingTimeout
    }
}

extension Timers: Passable {
    func passed(_ arena: Arena) -> hws_timers {
        var c = hws_timers()
        c.struct_size = sizeof(c)
        c.auto_pong = arena.pass(autoPong)
        c.open_ms = arena.pass(open)
        c.close_ms = arena.pass(close)
        c.send_ms = arena.pass(send)
        c.idle_ms = arena.pass(idle)
        c.ping_interval_ms = arena.pass(pingInterval)
        c.ping_timeout_ms = arena.pass(pingTimeout)
        return c
    }
}

extension Timers {
    init(_ c: hws_timers) {
        autoPong = take(c.auto_pong)
        open = take(c.open_ms)
        close = take(c.close_ms)
        send = take(c.send_ms)
        idle = take(c.idle_ms)
        pingInterval = take(c.ping_interval_ms)
        pingTimeout = take(c.ping_timeout_ms)
    }
}

/// What may be received and queued. Zero is the default.
public struct Limits: Sendable {
    /// deliver FRAGMENT events, each frame up to frame_max, instead of whole messages; default off
    public var deliverFragments: Bool? = nil
    /// deliver PING events, and PONG events for pongs that answer no ping of yours; default off
    public var deliverPings: Bool? = nil
    /// frames in one message, the empty ones too; default 4096
    public var fragmentsMax: UInt32? = nil
    /// bytes in one received message; default 1 MiB
    public var messageMax: UInt64? = nil
    /// bytes in one received frame; default message_max
    public var frameMax: UInt64? = nil
    /// high watermark of the send queue, bytes; sends over it are refused, and nothing is read; default 16 MiB
    public var sendQueueMax: UInt64? = nil
    /// low watermark: WRITABLE follows a refused send when the queue is not above it; default a quarter of the max
    public var sendQueueLow: UInt64? = nil
    /// bytes in an HTTP head; default 64 KiB
    public var headMax: UInt64? = nil
    /// bytes in the body of an HTTP response that refuses; default 1 MiB
    public var bodyMax: UInt64? = nil
    /// topics that a connection may subscribe to; default 1024
    public var subscriptionsMax: UInt32? = nil
    /// one of hws_slow_policies; default HWS_SLOW_SKIP
    public var slowSubscriber: SlowPolicy? = nil
    /// bytes a second at which a frame must come once it has begun, measured over 30 s; a peer that is slower is cut off
    /// with RECV_TIMEOUT and 1008. Time in which nothing is read from it does not count; default 32, UINT64_MAX none
    public var receiveRateMin: UInt64? = nil
    /// messages (or fragments) of a connection that may wait for you beyond a batch: what hws_recv has put by, what is read
    /// on (see hws_overflows), and with hws_engine_options.io_thread everything; default 1024
    public var recvQueueMessages: UInt32? = nil
    /// one of hws_overflows: what becomes of more; default HWS_OVERFLOW_BACKPRESSURE
    public var overflow: Overflow? = nil
    /// bytes in the messages that wait; default 4 MiB. One message may always wait, whatever its size
    public var recvQueueMax: UInt64? = nil

    public init(
        deliverFragments: Bool? = nil,
        deliverPings: Bool? = nil,
        fragmentsMax: UInt32? = nil,
        messageMax: UInt64? = nil,
        frameMax: UInt64? = nil,
        sendQueueMax: UInt64? = nil,
        sendQueueLow: UInt64? = nil,
        headMax: UInt64? = nil,
        bodyMax: UInt64? = nil,
        subscriptionsMax: UInt32? = nil,
        slowSubscriber: SlowPolicy? = nil,
        receiveRateMin: UInt64? = nil,
        recvQueueMessages: UInt32? = nil,
        overflow: Overflow? = nil,
        recvQueueMax: UInt64? = nil
    ) {
        self.deliverFragments = deliverFragments
        self.deliverPings = deliverPings
        self.fragmentsMax = fragmentsMax
        self.messageMax = messageMax
        self.frameMax = frameMax
        self.sendQueueMax = sendQueueMax
        self.sendQueueLow = sendQueueLow
        self.headMax = headMax
        self.bodyMax = bodyMax
        self.subscriptionsMax = subscriptionsMax
        self.slowSubscriber = slowSubscriber
        self.receiveRateMin = receiveRateMin
        self.recvQueueMessages = recvQueueMessages
        self.overflow = overflow
        self.recvQueueMax = recvQueueMax
    }
}

extension Limits: Passable {
    func passed(_ arena: Arena) -> hws_limits {
        var c = hws_limits()
        c.struct_size = sizeof(c)
        c.deliver_fragments = arena.pass(deliverFragments)
        c.deliver_pings = arena.pass(deliverPings)
        c.fragments_max = arena.pass(fragmentsMax)
        c.message_max = arena.pass(messageMax)
        c.frame_max = arena.pass(frameMax)
        c.send_queue_max = arena.pass(sendQueueMax)
        c.send_queue_low = arena.pass(sendQueueLow)
        c.head_max = arena.pass(headMax)
        c.body_max = arena.pass(bodyMax)
        c.subscriptions_max = arena.pass(subscriptionsMax)
        c.slow_subscriber = arena.pass(slowSubscriber)
        c.receive_rate_min = arena.pass(receiveRateMin)
        c.recv_queue_messages = arena.pass(recvQueueMessages)
        c.overflow = arena.pass(overflow)
        c.recv_queue_max = arena.pass(recvQueueMax)
        return c
    }
}

extension Limits {
    init(_ c: hws_limits) {
        deliverFragments = take(c.deliver_fragments)
        deliverPings = take(c.deliver_pings)
        fragmentsMax = take(c.fragments_max)
        messageMax = take(c.message_max)
        frameMax = take(c.frame_max)
        sendQueueMax = take(c.send_queue_max)
        sendQueueLow = take(c.send_queue_low)
        headMax = take(c.head_max)
        bodyMax = take(c.body_max)
        subscriptionsMax = take(c.subscriptions_max)
        slowSubscriber = take(c.slow_subscriber)
        receiveRateMin = take(c.receive_rate_min)
        recvQueueMessages = take(c.recv_queue_messages)
        overflow = take(c.overflow)
        recvQueueMax = take(c.recv_queue_max)
    }
}

/// Compression of messages, permessage-deflate (RFC 7692). Zero is the default: clients offer it, servers grant it.
/// An idle connection costs nothing for it, nor does one whose messages are short. A compressor takes 164 KiB with the
/// default window and memory level and 374 KiB with the largest; it stays with a connection that has compressed until
/// it closes (see hws_engine_options.compression_memory_max), unless there is no context takeover. What a connection
/// receives compressed costs it the peer's window, 4 KiB by default, and no more than came.
public struct Compression: Sendable {
    /// default on
    public var enabled: Bool? = nil
    /// 1, fast, to 9, small; default 1
    public var level: UInt32? = nil
    /// shorter messages, or first fragments, are sent as they are, bytes; default 128
    public var minSize: UInt32? = nil
    /// 1 to 9: the memory of a compressor beside its window; default 5
    public var memoryLevel: UInt32? = nil
    /// 8 to 15, the bits of the window that clients compress with: a server asks for it where it may, a client keeps it;
    /// default 12
    public var clientMaxWindowBits: UInt32? = nil
    /// the same for servers: a client asks for it, a server keeps it; default 12 in a server, not asked for in a client
    public var serverMaxWindowBits: UInt32? = nil
    /// clients begin each message with an empty window; default off
    public var clientNoContextTakeover: Bool? = nil
    /// servers do; default off
    public var serverNoContextTakeover: Bool? = nil

    public init(
        enabled: Bool? = nil,
        level: UInt32? = nil,
        minSize: UInt32? = nil,
        memoryLevel: UInt32? = nil,
        clientMaxWindowBits: UInt32? = nil,
        serverMaxWindowBits: UInt32? = nil,
        clientNoContextTakeover: Bool? = nil,
        serverNoContextTakeover: Bool? = nil
    ) {
        self.enabled = enabled
        self.level = level
        self.minSize = minSize
        self.memoryLevel = memoryLevel
        self.clientMaxWindowBits = clientMaxWindowBits
        self.serverMaxWindowBits = serverMaxWindowBits
        self.clientNoContextTakeover = clientNoContextTakeover
        self.serverNoContextTakeover = serverNoContextTakeover
    }
}

extension Compression: Passable {
    func passed(_ arena: Arena) -> hws_compression {
        var c = hws_compression()
        c.struct_size = sizeof(c)
        c.enabled = arena.pass(enabled)
        c.level = arena.pass(level)
        c.min_size = arena.pass(minSize)
        c.memory_level = arena.pass(memoryLevel)
        c.client_max_window_bits = arena.pass(clientMaxWindowBits)
        c.server_max_window_bits = arena.pass(serverMaxWindowBits)
        c.client_no_context_takeover = arena.pass(clientNoContextTakeover)
        c.server_no_context_takeover = arena.pass(serverNoContextTakeover)
        return c
    }
}

extension Compression {
    init(_ c: hws_compression) {
        enabled = take(c.enabled)
        level = take(c.level)
        minSize = take(c.min_size)
        memoryLevel = take(c.memory_level)
        clientMaxWindowBits = take(c.client_max_window_bits)
        serverMaxWindowBits = take(c.server_max_window_bits)
        clientNoContextTakeover = take(c.client_no_context_takeover)
        serverNoContextTakeover = take(c.server_no_context_takeover)
    }
}

/// How a client comes back when its connection is lost, or cannot be opened yet. RECONNECTING tells of every loss and
/// every attempt that has failed, OPEN with HWS_FLAG_RECONNECTED that it is back: under the same handle, with its user
/// value and its subscriptions. hws_error_info.retryable decides whether it tries again; a peer that closes with 1000 or
/// no code has finished. A 1013 and a Retry-After put off the next attempt. Zero is the default; see docs/reconnect.md.
public struct Reconnect: Sendable {
    /// default on
    public var enabled: Bool? = nil
    /// attempts after the first; default 0: no limit. After the last RECONNECT_EXHAUSTED is the error of the last event
    public var maxAttempts: UInt32? = nil
    /// the delay before an attempt is chosen by chance, up to a ceiling: that of the first; default 1 s
    public var backoffMin: Wait? = nil
    /// and that of all, but for what a peer asks for; default 60 s
    public var backoffMax: Wait? = nil
    /// the ceiling of an attempt in hundredths of that of the attempt before; default 200, at least 100
    public var backoffPercent: UInt32? = nil
    /// how much of the ceiling chance decides, in hundredths of it; default 100: all, HWS_NO_JITTER: nothing
    public var jitterPercent: UInt32? = nil
    /// down for so long, it gives up with RECONNECT_EXHAUSTED; default never
    public var downtimeMax: Wait? = nil
    /// for each attempt, the first included; default timers.open_ms
    public var attempt: Wait? = nil
    /// open for so long, the attempts before are forgotten; default 60 s
    public var stable: Wait? = nil
    /// open for so long, it is closed with 1000 and opened anew; up to a tenth earlier, by chance; default never
    public var maxAge: Wait? = nil
    /// a permanent cause raises RECONNECTING with value UINT64_MAX, and ends the connection with RECONNECT_REFUSED unless
    /// hws_conn_reconnect is called within this time; default none: it ends the connection at once
    public var ask: Wait? = nil
    /// one of hws_overflows but HWS_OVERFLOW_BACKPRESSURE; default HWS_OVERFLOW_ERROR: BUFFER_OVERFLOW
    public var bufferOverflow: Overflow? = nil
    /// one of hws_replays; default HWS_REPLAY_OFF
    public var replay: Replay? = nil
    /// bytes of messages that may be sent while the connection is not open, to leave when it is; each counts for 64 bytes
    /// more than it has, as in the next two. Default 0: such sends are refused
    public var bufferMax: UInt64? = nil
    /// with replay: bytes of messages that may be kept until the peer is known to have read them; the oldest go. Default 1 MiB
    public var replayMax: UInt64? = nil
    /// bytes of what is sent with HWS_SEND_AGAIN; default 1 MiB, and 1024 messages
    public var againMax: UInt64? = nil

    public init(
        enabled: Bool? = nil,
        maxAttempts: UInt32? = nil,
        backoffMin: Wait? = nil,
        backoffMax: Wait? = nil,
        backoffPercent: UInt32? = nil,
        jitterPercent: UInt32? = nil,
        downtimeMax: Wait? = nil,
        attempt: Wait? = nil,
        stable: Wait? = nil,
        maxAge: Wait? = nil,
        ask: Wait? = nil,
        bufferOverflow: Overflow? = nil,
        replay: Replay? = nil,
        bufferMax: UInt64? = nil,
        replayMax: UInt64? = nil,
        againMax: UInt64? = nil
    ) {
        self.enabled = enabled
        self.maxAttempts = maxAttempts
        self.backoffMin = backoffMin
        self.backoffMax = backoffMax
        self.backoffPercent = backoffPercent
        self.jitterPercent = jitterPercent
        self.downtimeMax = downtimeMax
        self.attempt = attempt
        self.stable = stable
        self.maxAge = maxAge
        self.ask = ask
        self.bufferOverflow = bufferOverflow
        self.replay = replay
        self.bufferMax = bufferMax
        self.replayMax = replayMax
        self.againMax = againMax
    }
}

extension Reconnect: Passable {
    func passed(_ arena: Arena) -> hws_reconnect {
        var c = hws_reconnect()
        c.struct_size = sizeof(c)
        c.enabled = arena.pass(enabled)
        c.max_attempts = arena.pass(maxAttempts)
        c.backoff_min_ms = arena.pass(backoffMin)
        c.backoff_max_ms = arena.pass(backoffMax)
        c.backoff_percent = arena.pass(backoffPercent)
        c.jitter_percent = arena.pass(jitterPercent)
        c.downtime_max_ms = arena.pass(downtimeMax)
        c.attempt_ms = arena.pass(attempt)
        c.stable_ms = arena.pass(stable)
        c.max_age_ms = arena.pass(maxAge)
        c.ask_ms = arena.pass(ask)
        c.buffer_overflow = arena.pass(bufferOverflow)
        c.replay = arena.pass(replay)
        c.buffer_max = arena.pass(bufferMax)
        c.replay_max = arena.pass(replayMax)
        c.again_max = arena.pass(againMax)
        return c
    }
}

extension Reconnect {
    init(_ c: hws_reconnect) {
        enabled = take(c.enabled)
        maxAttempts = take(c.max_attempts)
        backoffMin = take(c.backoff_min_ms)
        backoffMax = take(c.backoff_max_ms)
        backoffPercent = take(c.backoff_percent)
        jitterPercent = take(c.jitter_percent)
        downtimeMax = take(c.downtime_max_ms)
        attempt = take(c.attempt_ms)
        stable = take(c.stable_ms)
        maxAge = take(c.max_age_ms)
        ask = take(c.ask_ms)
        bufferOverflow = take(c.buffer_overflow)
        replay = take(c.replay)
        bufferMax = take(c.buffer_max)
        replayMax = take(c.replay_max)
        againMax = take(c.again_max)
    }
}

/// When and where a connection is opened again. Zero is the default.
public struct ReconnectOptions: Sendable {
    /// default 0: now; HWS_NEVER: not until this is called again
    public var after: Wait? = nil
    /// of the Close frame, if it is open; default 1000
    public var code: UInt32? = nil
    public var reason: String? = nil
    /// where to, from now on; default where it went before. To another scheme, host or port go neither credentials, nor
    /// header fields but those given here, nor connect_to, server_name and certificate
    public var uri: String? = nil
    /// from now on in place of those of the same names: a fresh token, say
    public var headers: [Header] = []

    public init(
        after: Wait? = nil,
        code: UInt32? = nil,
        reason: String? = nil,
        uri: String? = nil,
        headers: [Header] = []
    ) {
        self.after = after
        self.code = code
        self.reason = reason
        self.uri = uri
        self.headers = headers
    }
}

extension ReconnectOptions: Passable {
    func passed(_ arena: Arena) -> hws_reconnect_options {
        var c = hws_reconnect_options()
        c.struct_size = sizeof(c)
        c.after_ms = arena.pass(after)
        c.code = arena.pass(code)
        c.reason = arena.pass(reason)
        c.uri = arena.pass(uri)
        (c.headers, c.header_count) = arena.pass(headers)
        return c
    }
}

/// A certificate chain, the leaf first, and its private key: PEM, in a file or in memory; memory wins. Keys are PKCS #8,
/// PKCS #1 or SEC 1, of RSA, ECDSA or Ed25519.
public struct Certificate: Sendable {
    public var certFile: String? = nil
    public var keyFile: String? = nil
    public var certPem: [UInt8]? = nil
    public var keyPem: [UInt8]? = nil

    public init(
        certFile: String? = nil,
        keyFile: String? = nil,
        certPem: [UInt8]? = nil,
        keyPem: [UInt8]? = nil
    ) {
        self.certFile = certFile
        self.keyFile = keyFile
        self.certPem = certPem
        self.keyPem = keyPem
    }
}

extension Certificate: Passable {
    func passed(_ arena: Arena) -> hws_certificate {
        var c = hws_certificate()
        c.cert_file = arena.pass(certFile)
        c.key_file = arena.pass(keyFile)
        c.cert_pem = arena.pass(certPem)
        c.key_pem = arena.pass(keyPem)
        return c
    }
}

/// How a client checks servers, and how either side shows who it is. Zero is the default. Files are read during the
/// call that is given this.
public struct TLS: Sendable {
    /// HWS_TLS_1_2, the default, or HWS_TLS_1_3
    public var minVersion: TLSVersion? = nil
    /// keep sessions, so that later connections of the engine open faster; default on
    public var resumption: Bool? = nil
    /// clients: also trust the roots that the system trusts; default off
    public var systemRoots: Bool? = nil
    /// clients: trust the roots bundled with the library, those of Mozilla; default on unless ca_file or ca_pem is set
    public var bundledRoots: Bool? = nil
    /// clients: on accepts every certificate, so that anybody on the way can read and change everything; default off
    public var dangerousSkipVerification: Bool? = nil
    /// servers: one of hws_client_auths; needs ca_file or ca_pem. See hws_handshake.tls_subject
    public var clientAuth: ClientAuth? = nil
    /// PEM of the roots to trust: clients for servers, servers for clients
    public var caFile: String? = nil
    public var caPem: [UInt8]? = nil
    /// who we are: needed by servers, and by clients where servers ask
    public var certificate: Certificate = Certificate()
    /// servers: further ones, chosen by the name that a client asks for (SNI)
    public var moreCertificates: [Certificate] = []
    /// clients: the name to ask for and to expect in the certificate; default the host of the URI
    public var serverName: String? = nil
    /// protocols for ALPN (RFC 7301), the preferred one first; default none
    public var alpn: [String] = []
    /// secrets are appended to this file, in the format of SSLKEYLOGFILE, for Wireshark; whoever has it can read all
    public var keyLogFile: String? = nil

    public init(
        minVersion: TLSVersion? = nil,
        resumption: Bool? = nil,
        systemRoots: Bool? = nil,
        bundledRoots: Bool? = nil,
        dangerousSkipVerification: Bool? = nil,
        clientAuth: ClientAuth? = nil,
        caFile: String? = nil,
        caPem: [UInt8]? = nil,
        certificate: Certificate = Certificate(),
        moreCertificates: [Certificate] = [],
        serverName: String? = nil,
        alpn: [String] = [],
        keyLogFile: String? = nil
    ) {
        self.minVersion = minVersion
        self.resumption = resumption
        self.systemRoots = systemRoots
        self.bundledRoots = bundledRoots
        self.dangerousSkipVerification = dangerousSkipVerification
        self.clientAuth = clientAuth
        self.caFile = caFile
        self.caPem = caPem
        self.certificate = certificate
        self.moreCertificates = moreCertificates
        self.serverName = serverName
        self.alpn = alpn
        self.keyLogFile = keyLogFile
    }
}

extension TLS: Passable {
    func passed(_ arena: Arena) -> hws_tls {
        var c = hws_tls()
        c.struct_size = sizeof(c)
        c.min_version = arena.pass(minVersion)
        c.resumption = arena.pass(resumption)
        c.system_roots = arena.pass(systemRoots)
        c.bundled_roots = arena.pass(bundledRoots)
        c.dangerous_skip_verification = arena.pass(dangerousSkipVerification)
        c.client_auth = arena.pass(clientAuth)
        c.ca_file = arena.pass(caFile)
        c.ca_pem = arena.pass(caPem)
        c.certificate = certificate.passed(arena)
        (c.more_certificates, c.more_certificate_count) = arena.pass(moreCertificates)
        c.server_name = arena.pass(serverName)
        (c.alpn, c.alpn_count) = arena.pass(alpn)
        c.key_log_file = arena.pass(keyLogFile)
        return c
    }
}

/// Options of sockets. Zero is the default.
public struct Socket: Sendable {
    /// TCP_NODELAY: small messages leave at once; default on
    public var nodelay: Bool? = nil
    /// TCP's own keep-alive; default off, for the pings of timers.ping_interval_ms see further
    public var keepalive: Bool? = nil
    /// seconds of silence before the first probe; default the system's
    public var keepaliveIdleSeconds: UInt32? = nil
    /// seconds between probes; default the system's
    public var keepaliveIntervalSeconds: UInt32? = nil
    /// probes without an answer that end the connection; default the system's
    public var keepaliveCount: UInt32? = nil
    /// SO_RCVBUF and SO_SNDBUF, bytes; default the system's, which adapts itself
    public var recvBuffer: UInt32? = nil
    public var sendBuffer: UInt32? = nil
    /// clients: the local address to connect from, "192.0.2.1" or with a port
    public var localAddress: String? = nil

    public init(
        nodelay: Bool? = nil,
        keepalive: Bool? = nil,
        keepaliveIdleSeconds: UInt32? = nil,
        keepaliveIntervalSeconds: UInt32? = nil,
        keepaliveCount: UInt32? = nil,
        recvBuffer: UInt32? = nil,
        sendBuffer: UInt32? = nil,
        localAddress: String? = nil
    ) {
        self.nodelay = nodelay
        self.keepalive = keepalive
        self.keepaliveIdleSeconds = keepaliveIdleSeconds
        self.keepaliveIntervalSeconds = keepaliveIntervalSeconds
        self.keepaliveCount = keepaliveCount
        self.recvBuffer = recvBuffer
        self.sendBuffer = sendBuffer
        self.localAddress = localAddress
    }
}

extension Socket: Passable {
    func passed(_ arena: Arena) -> hws_socket {
        var c = hws_socket()
        c.struct_size = sizeof(c)
        c.nodelay = arena.pass(nodelay)
        c.keepalive = arena.pass(keepalive)
        c.keepalive_idle_s = arena.pass(keepaliveIdleSeconds)
        c.keepalive_interval_s = arena.pass(keepaliveIntervalSeconds)
        c.keepalive_count = arena.pass(keepaliveCount)
        c.recv_buffer = arena.pass(recvBuffer)
        c.send_buffer = arena.pass(sendBuffer)
        c.local_address = arena.pass(localAddress)
        return c
    }
}

/// A message of your own that the peer must answer: for servers that know no pings, or to notice a program that hangs
/// behind a library or proxy that answers pings for it. Zero is the default; message and answer are needed.
/// 
/// One at a time is on its way, and none inside a fragmented message of yours; it goes uncompressed. Without an answer
/// in time the connection is closed with 1011: CLOSED_ERROR because of PING_TIMEOUT, whose detail says heartbeat. It
/// rests while the connection is paused. Heartbeats and their answers count as messages in hws_stats, and the round trip
/// is rtt_us; timers.idle_ms does not count those that you do not see.
public struct Heartbeat: Sendable {
    /// HWS_TEXT or HWS_BINARY; default HWS_TEXT
    public var opcode: Opcode? = nil
    /// what is sent, up to 64 KiB; text is UTF-8
    public var message: [UInt8]? = nil
    /// what answers it, up to 64 KiB, in a text or binary message; with deliver_fragments, in one of a single frame. None
    /// with HWS_MATCH_ANY, and none needed where timeout_ms is HWS_NEVER
    public var answer: [UInt8]? = nil
    /// one of hws_matches; default HWS_MATCH_EXACT
    public var matching: Match? = nil
    /// answers are MESSAGE events, too; default off, but always on with HWS_MATCH_ANY. Only as many messages as were
    /// asked for are taken for answers
    public var deliver: Bool? = nil
    /// from one heartbeat to the next; default 20 s, HWS_NEVER: none
    public var interval: Wait? = nil
    /// for the answer to one; default 20 s. HWS_NEVER: none is waited for, and each interval sends another
    public var timeout: Wait? = nil

    public init(
        opcode: Opcode? = nil,
        message: [UInt8]? = nil,
        answer: [UInt8]? = nil,
        matching: Match? = nil,
        deliver: Bool? = nil,
        interval: Wait? = nil,
        timeout: Wait? = nil
    ) {
        self.opcode = opcode
        self.message = message
        self.answer = answer
        self.matching = matching
        self.deliver = deliver
        self.interval = interval
        self.timeout = timeout
    }
}

extension Heartbeat: Passable {
    func passed(_ arena: Arena) -> hws_heartbeat {
        var c = hws_heartbeat()
        c.struct_size = sizeof(c)
        c.opcode = arena.pass(opcode)
        c.message = arena.pass(message)
        c.answer = arena.pass(answer)
        c.matching = arena.pass(matching)
        c.deliver = arena.pass(deliver)
        c.interval_ms = arena.pass(interval)
        c.timeout_ms = arena.pass(timeout)
        return c
    }
}

/// What a client asks for. Zero is the default; uri is needed.
public struct ClientOptions: Sendable {
    /// fail with SUBPROTOCOL unless the server agrees to one; default off
    public var subprotocolRequired: Bool? = nil
    /// ws[s]://[user:password@]host[:port][/path][?query], RFC 6455 section 3
    public var uri: String? = nil
    /// the Origin header; default none
    public var origin: String? = nil
    /// the User-Agent header; default "hawser/VERSION"
    public var userAgent: String? = nil
    /// to be offered, the preferred one first
    public var subprotocols: [String] = []
    /// further fields of the request
    public var headers: [Header] = []
    /// comes back in every event of the connection
    public var user: UInt64? = nil
    /// may be NULL
    public var limits: Limits = Limits()
    /// may be NULL
    public var timers: Timers = Timers()
    /// for wss; may be NULL
    public var tls: TLS = TLS()
    /// for https proxies; default: whom tls trusts, without its certificate, server_name and alpn
    public var proxyTls: TLS? = nil
    /// may be NULL
    public var socket: Socket = Socket()
    /// "http://[user:password@]host:port", or https, socks4, socks4a, socks5, socks5h (here the proxy looks the name up);
    /// default none
    public var proxy: String? = nil
    /// take the proxy from the environment: wss_proxy, https_proxy, all_proxy, no_proxy and their kin; default off
    public var proxyFromEnv: Bool? = nil
    /// redirects to follow, RFC 6455 section 4.1, up to 100; default 0: a redirect is an error
    public var maxRedirects: UInt32? = nil
    /// connect there instead of to the host of the URI: "127.0.0.1:9001", "unix:/path", "unix:@name" (Linux, abstract).
    /// Redirects to other hosts do not go there
    public var connectTo: String? = nil
    /// for Basic authentication (RFC 7617); default those of the URI, "ws://user:password@host"
    public var basicUser: String? = nil
    public var basicPassword: String? = nil
    /// may be NULL
    public var compression: Compression = Compression()
    /// may be NULL: none
    public var heartbeat: Heartbeat? = nil
    /// come back when the connection is lost, or cannot be opened yet; default NULL: do not
    public var reconnect: Reconnect? = nil

    public init(
        subprotocolRequired: Bool? = nil,
        uri: String? = nil,
        origin: String? = nil,
        userAgent: String? = nil,
        subprotocols: [String] = [],
        headers: [Header] = [],
        user: UInt64? = nil,
        limits: Limits = Limits(),
        timers: Timers = Timers(),
        tls: TLS = TLS(),
        proxyTls: TLS? = nil,
        socket: Socket = Socket(),
        proxy: String? = nil,
        proxyFromEnv: Bool? = nil,
        maxRedirects: UInt32? = nil,
        connectTo: String? = nil,
        basicUser: String? = nil,
        basicPassword: String? = nil,
        compression: Compression = Compression(),
        heartbeat: Heartbeat? = nil,
        reconnect: Reconnect? = nil
    ) {
        self.subprotocolRequired = subprotocolRequired
        self.uri = uri
        self.origin = origin
        self.userAgent = userAgent
        self.subprotocols = subprotocols
        self.headers = headers
        self.user = user
        self.limits = limits
        self.timers = timers
        self.tls = tls
        self.proxyTls = proxyTls
        self.socket = socket
        self.proxy = proxy
        self.proxyFromEnv = proxyFromEnv
        self.maxRedirects = maxRedirects
        self.connectTo = connectTo
        self.basicUser = basicUser
        self.basicPassword = basicPassword
        self.compression = compression
        self.heartbeat = heartbeat
        self.reconnect = reconnect
    }
}

extension ClientOptions: Passable {
    func passed(_ arena: Arena) -> hws_client_options {
        var c = hws_client_options()
        c.struct_size = sizeof(c)
        c.subprotocol_required = arena.pass(subprotocolRequired)
        c.uri = arena.pass(uri)
        c.origin = arena.pass(origin)
        c.user_agent = arena.pass(userAgent)
        (c.subprotocols, c.subprotocol_count) = arena.pass(subprotocols)
        (c.headers, c.header_count) = arena.pass(headers)
        c.user = arena.pass(user)
        c.limits = arena.pass(limits)
        c.timers = arena.pass(timers)
        c.tls = arena.pass(tls)
        c.proxy_tls = arena.pass(proxyTls)
        c.socket = arena.pass(socket)
        c.proxy = arena.pass(proxy)
        c.proxy_from_env = arena.pass(proxyFromEnv)
        c.max_redirects = arena.pass(maxRedirects)
        c.connect_to = arena.pass(connectTo)
        c.basic_user = arena.pass(basicUser)
        c.basic_password = arena.pass(basicPassword)
        c.compression = arena.pass(compression)
        c.heartbeat = arena.pass(heartbeat)
        c.reconnect = arena.pass(reconnect)
        return c
    }
}

/// A response of HTTP that opens no WebSocket.
public struct Response: Sendable {
    /// 200 to 599
    public var status: UInt32? = nil
    /// beside Content-Length and Connection: close, which are added; Content-Type is "text/plain; charset=utf-8" unless it
    /// is here
    public var headers: [Header] = []
    public var body: [UInt8]? = nil

    public init(
        status: UInt32? = nil,
        headers: [Header] = [],
        body: [UInt8]? = nil
    ) {
        self.status = status
        self.headers = headers
        self.body = body
    }
}

extension Response: Passable {
    func passed(_ arena: Arena) -> hws_response {
        var c = hws_response()
        c.struct_size = sizeof(c)
        c.status = arena.pass(status)
        (c.headers, c.header_count) = arena.pass(headers)
        c.body = arena.pass(body)
        return c
    }
}

/// What is answered on a path, or on many. Zero is what the server's options say; pattern is needed.
public struct Route: Sendable {
    /// REQUEST events for what comes here, also for plain HTTP requests (HWS_FLAG_PLAIN): hws_request_accept or
    /// hws_request_respond answers them, within timers.open_ms of the server; default off
    public var decide: Bool? = nil
    /// "/chat/:room": a segment that begins with a colon is any one segment, and hws_handshake.params has it. "/files/*":
    /// the rest of the path, whatever it is, also none; "*": every path. Of several that match, the one that says more
    /// wins, whatever their order. Paths are compared as they are: case, slashes and escapes count. Up to 256 segments
    public var pattern: String? = nil
    /// no WebSocket: every GET and HEAD gets this page, without an event; may be NULL
    public var page: Response? = nil
    /// of its connections, until hws_conn_set_user, and of its REQUEST events
    public var user: UInt64? = nil
    /// as in hws_server_options, whose own hold where this has none
    public var subprotocols: [String] = []
    public var origins: [String] = []
    public var originRequired: Bool? = nil
    public var subprotocolRequired: Bool? = nil
    public var credentials: [String] = []
    public var realm: String? = nil
    /// connections of this route at a time; default no limit but the server's. More are answered 503
    public var maxConnections: UInt32? = nil
    public var limits: Limits? = nil
    public var timers: Timers? = nil
    public var compression: Compression? = nil
    /// may be NULL; interval_ms HWS_NEVER: none here
    public var heartbeat: Heartbeat? = nil

    public init(
        decide: Bool? = nil,
        pattern: String? = nil,
        page: Response? = nil,
        user: UInt64? = nil,
        subprotocols: [String] = [],
        origins: [String] = [],
        originRequired: Bool? = nil,
        subprotocolRequired: Bool? = nil,
        credentials: [String] = [],
        realm: String? = nil,
        maxConnections: UInt32? = nil,
        limits: Limits? = nil,
        timers: Timers? = nil,
        compression: Compression? = nil,
        heartbeat: Heartbeat? = nil
    ) {
        self.decide = decide
        self.pattern = pattern
        self.page = page
        self.user = user
        self.subprotocols = subprotocols
        self.origins = origins
        self.originRequired = originRequired
        self.subprotocolRequired = subprotocolRequired
        self.credentials = credentials
        self.realm = realm
        self.maxConnections = maxConnections
        self.limits = limits
        self.timers = timers
        self.compression = compression
        self.heartbeat = heartbeat
    }
}

extension Route: Passable {
    func passed(_ arena: Arena) -> hws_route {
        var c = hws_route()
        c.struct_size = sizeof(c)
        c.decide = arena.pass(decide)
        c.pattern = arena.pass(pattern)
        c.page = arena.pass(page)
        c.user = arena.pass(user)
        (c.subprotocols, c.subprotocol_count) = arena.pass(subprotocols)
        (c.origins, c.origin_count) = arena.pass(origins)
        c.origin_required = arena.pass(originRequired)
        c.subprotocol_required = arena.pass(subprotocolRequired)
        (c.credentials, c.credential_count) = arena.pass(credentials)
        c.realm = arena.pass(realm)
        c.max_connections = arena.pass(maxConnections)
        c.limits = arena.pass(limits)
        c.timers = arena.pass(timers)
        c.compression = arena.pass(compression)
        c.heartbeat = arena.pass(heartbeat)
        return c
    }
}

/// What a server listens on and admits. Zero is the default; bind is needed.
public struct ServerOptions: Sendable {
    /// connections that may wait to be accepted; default 4096, the system may cap it
    public var backlog: UInt32? = nil
    /// "127.0.0.1:9001", "[::1]:0"; port 0 is a free one, see hws_listener_address. "unix:/path" (a stale socket there
    /// is replaced) and on Linux "unix:@name", which is in no directory. "fd:3" is a socket that this process was given:
    /// TCP or unix, bound, perhaps listening (then a backlog of 0 leaves it as it is). It belongs to the library after a
    /// success; others may hold it too, and take over what waits there when this listener is closed
    public var bind: String? = nil
    /// the Server header; default "hawser/VERSION"
    public var server: String? = nil
    /// what the server speaks, the preferred one first
    public var subprotocols: [String] = []
    /// origins that are admitted, "https://example.com"; default any. Set it if browsers send you cookies
    public var origins: [String] = []
    /// refuse requests without an Origin header, which browsers always send; default off
    public var originRequired: Bool? = nil
    /// refuse clients that offer none of subprotocols; default off
    public var subprotocolRequired: Bool? = nil
    /// connections of this listener at a time; default the engine's. More are answered 503
    public var maxConnections: UInt32? = nil
    /// comes back in the listener's events, and in those of its connections until hws_conn_set_user
    public var user: UInt64? = nil
    /// of each connection; may be NULL
    public var limits: Limits = Limits()
    /// of each connection; may be NULL
    public var timers: Timers = Timers()
    /// speak TLS; default plain
    public var tls: TLS? = nil
    /// of each connection; may be NULL
    public var socket: Socket = Socket()
    /// "name:password" of those who are let in, by Basic authentication (RFC 7617); default everybody. The passwords
    /// are for all to read unless there is TLS
    public var credentials: [String] = []
    /// what credentials are for, as browsers show it; default "hawser"
    public var realm: String? = nil
    /// of each connection; may be NULL
    public var compression: Compression = Compression()
    /// what is answered on which path; default: a WebSocket on every path. Paths without a route are answered 404
    public var routes: [Route] = []
    /// the names of this server, "example.com" (on any port) or "localhost:8080": requests whose Host header is another
    /// are answered 421; default any. Set it on machines whose users browse the web
    public var hosts: [String] = []
    /// SO_REUSEPORT: listeners of other engines and processes that ask for the same, as the same user, may share the TCP
    /// port, and the system spreads connections among them, so that each core has an engine of its own. Default off.
    /// Without it, or for a fairer spread, see hws_adopt
    public var reusePort: Bool? = nil
    /// connections of this listener at a time from one remote address, of IPv6 from one /64; unix sockets do not count;
    /// default no limit. More are answered 429
    public var maxPerAddress: UInt32? = nil
    /// connections of this listener at a time that are not open yet; default 16384. More are answered 503
    public var maxHandshakes: UInt32? = nil
    /// off: clients that fail to open make no ACCEPT_FAILED event, they are only counted: hws_engine_refusals. That
    /// nothing can be accepted for now is told all the same; default on
    public var acceptFailedEvents: Bool? = nil
    /// of each connection; may be NULL: none
    public var heartbeat: Heartbeat? = nil

    public init(
        backlog: UInt32? = nil,
        bind: String? = nil,
        server: String? = nil,
        subprotocols: [String] = [],
        origins: [String] = [],
        originRequired: Bool? = nil,
        subprotocolRequired: Bool? = nil,
        maxConnections: UInt32? = nil,
        user: UInt64? = nil,
        limits: Limits = Limits(),
        timers: Timers = Timers(),
        tls: TLS? = nil,
        socket: Socket = Socket(),
        credentials: [String] = [],
        realm: String? = nil,
        compression: Compression = Compression(),
        routes: [Route] = [],
        hosts: [String] = [],
        reusePort: Bool? = nil,
        maxPerAddress: UInt32? = nil,
        maxHandshakes: UInt32? = nil,
        acceptFailedEvents: Bool? = nil,
        heartbeat: Heartbeat? = nil
    ) {
        self.backlog = backlog
        self.bind = bind
        self.server = server
        self.subprotocols = subprotocols
        self.origins = origins
        self.originRequired = originRequired
        self.subprotocolRequired = subprotocolRequired
        self.maxConnections = maxConnections
        self.user = user
        self.limits = limits
        self.timers = timers
        self.tls = tls
        self.socket = socket
        self.credentials = credentials
        self.realm = realm
        self.compression = compression
        self.routes = routes
        self.hosts = hosts
        self.reusePort = reusePort
        self.maxPerAddress = maxPerAddress
        self.maxHandshakes = maxHandshakes
        self.acceptFailedEvents = acceptFailedEvents
        self.heartbeat = heartbeat
    }
}

extension ServerOptions: Passable {
    func passed(_ arena: Arena) -> hws_server_options {
        var c = hws_server_options()
        c.struct_size = sizeof(c)
        c.backlog = arena.pass(backlog)
        c.bind = arena.pass(bind)
        c.server = arena.pass(server)
        (c.subprotocols, c.subprotocol_count) = arena.pass(subprotocols)
        (c.origins, c.origin_count) = arena.pass(origins)
        c.origin_required = arena.pass(originRequired)
        c.subprotocol_required = arena.pass(subprotocolRequired)
        c.max_connections = arena.pass(maxConnections)
        c.user = arena.pass(user)
        c.limits = arena.pass(limits)
        c.timers = arena.pass(timers)
        c.tls = arena.pass(tls)
        c.socket = arena.pass(socket)
        (c.credentials, c.credential_count) = arena.pass(credentials)
        c.realm = arena.pass(realm)
        c.compression = arena.pass(compression)
        (c.routes, c.route_count) = arena.pass(routes)
        (c.hosts, c.host_count) = arena.pass(hosts)
        c.reuse_port = arena.pass(reusePort)
        c.max_per_address = arena.pass(maxPerAddress)
        c.max_handshakes = arena.pass(maxHandshakes)
        c.accept_failed_events = arena.pass(acceptFailedEvents)
        c.heartbeat = arena.pass(heartbeat)
        return c
    }
}

/// How the connections of a listener end with it. Zero is the default.
public struct Drain: Sendable {
    /// for the closing handshakes of all, beside timers.close_ms for that of each; default 10 s, HWS_NEVER: no limit
    public var drain: Wait? = nil
    /// what peers are told; default 1001
    public var code: UInt32? = nil
    /// up to 123 bytes
    public var reason: String? = nil

    public init(
        drain: Wait? = nil,
        code: UInt32? = nil,
        reason: String? = nil
    ) {
        self.drain = drain
        self.code = code
        self.reason = reason
    }
}

extension Drain: Passable {
    func passed(_ arena: Arena) -> hws_drain {
        var c = hws_drain()
        c.struct_size = sizeof(c)
        c.drain_ms = arena.pass(drain)
        c.code = arena.pass(code)
        c.reason = arena.pass(reason)
        return c
    }
}

/// How one message is sent. Zero is the default.
public struct SendOptions: Sendable {
    /// hws_send_flags
    public var flags: SendFlags? = nil
    /// not 0: a SENT event with it follows when the message has left for the kernel; of a ping, it comes back
    /// with the PONG
    public var token: UInt64? = nil

    public init(
        flags: SendFlags? = nil,
        token: UInt64? = nil
    ) {
        self.flags = flags
        self.token = token
    }
}

extension SendOptions: Passable {
    func passed(_ arena: Arena) -> hws_send_options {
        var c = hws_send_options()
        c.struct_size = sizeof(c)
        c.flags = arena.pass(flags)
        c.token = arena.pass(token)
        return c
    }
}

/// Counters.
public struct Stats: Sendable {
    /// of an engine: that there are; of a connection: 1 while it lasts
    public let connections: Int
    /// payload of messages
    public let bytesIn: UInt64
    public let bytesOut: UInt64
    /// everything on the wire
    public let wireIn: UInt64
    public let wireOut: UInt64
    public let messagesIn: UInt64
    public let messagesOut: UInt64
    /// received
    public let pings: UInt64
    public let pongs: UInt64
    /// bytes that wait to be sent
    public let sendQueued: UInt64
    /// of an engine: connections that did not open
    public let handshakeFailures: UInt64
    /// of a connection: the last round trip of a ping, microseconds
    public let roundTripMicroseconds: UInt64
    /// of a connection over a unix socket: 1 where the system says whose process the peer is
    public let peerKnown: Bool
    public let peerPid: Int
    public let peerUid: Int
    public let peerGid: Int
    /// of messages that came compressed: their bytes as they came, and inflated; bytes_in counts the latter
    public let deflatedIn: UInt64
    public let inflatedIn: UInt64
    /// of messages that were sent compressed: their bytes as they went, and before; bytes_out counts the latter
    public let deflatedOut: UInt64
    public let inflatedOut: UInt64
    /// of an engine: requests that got the page of their route
    public let httpResponses: UInt64
    /// connections that were lost, or opened anew by plan, and came back
    public let reconnects: UInt64
    /// bytes that are kept to be sent, or sent again, when the connection is open again: see hws_reconnect
    public let sendKept: UInt64
    /// messages that were to wait for that and were dropped
    public let sendDropped: UInt64
    /// messages that could not have been sent again, for want of room in hws_reconnect.replay_max
    public let sendUnprotected: UInt64
    /// messages (or fragments) that wait for you beyond a batch, and bytes in them
    public let recvQueued: UInt64
    public let recvQueuedBytes: UInt64
    /// messages that were dropped because too many waited
    public let recvDropped: UInt64

    init(_ c: hws_stats) {
        connections = Int(c.connections)
        bytesIn = c.bytes_in
        bytesOut = c.bytes_out
        wireIn = c.wire_in
        wireOut = c.wire_out
        messagesIn = c.messages_in
        messagesOut = c.messages_out
        pings = c.pings
        pongs = c.pongs
        sendQueued = c.send_queued
        handshakeFailures = c.handshake_failures
        roundTripMicroseconds = c.rtt_us
        peerKnown = c.peer_known != 0
        peerPid = Int(c.peer_pid)
        peerUid = Int(c.peer_uid)
        peerGid = Int(c.peer_gid)
        deflatedIn = c.deflated_in
        inflatedIn = c.inflated_in
        deflatedOut = c.deflated_out
        inflatedOut = c.inflated_out
        httpResponses = c.http_responses
        reconnects = c.reconnects
        sendKept = c.send_kept
        sendDropped = c.send_dropped
        sendUnprotected = c.send_unprotected
        recvQueued = c.recv_queued
        recvQueuedBytes = c.recv_queued_bytes
        recvDropped = c.recv_dropped
    }

    init(_ fill: (UnsafeMutablePointer<hws_stats>) -> hws_status) throws {
        var c = hws_stats()
        c.struct_size = sizeof(c)
        try check(fill(&c))
        self.init(c)
    }
}

/// How a message goes to many. Zero is the default.
public struct PublishOptions: Sendable {
    /// HWS_SEND_RAW, hws_publish_flags
    public var flags: PublishFlags? = nil
    /// a connection that does not get it, such as the one that it came from; one that has ended is nobody
    public var except: Connection? = nil

    public init(
        flags: PublishFlags? = nil,
        except: Connection? = nil
    ) {
        self.flags = flags
        self.except = except
    }
}

extension PublishOptions: Passable {
    func passed(_ arena: Arena) -> hws_publish_options {
        var c = hws_publish_options()
        c.struct_size = sizeof(c)
        c.flags = arena.pass(flags)
        c.except = arena.pass(except)
        return c
    }
}

/// What a pool may do. Zero is the default; client is needed.
public struct PoolOptions: Sendable {
    /// sockets at a time, also those that are being opened, checked or closed; default 10
    public var maxConnections: UInt32? = nil
    /// a connection that nobody has held for so long is closed; default 5 minutes
    public var idle: Wait? = nil
    /// one that was opened so long ago is not lent again; default never
    public var maxAge: Wait? = nil
    /// one that nobody has held for longer gets a ping, and is lent when that is answered; default 30 s, HWS_NEVER: is lent
    /// without
    public var checkAfter: Wait? = nil
    /// for the answer to that ping; default 5 s. One that does not answer is dropped, and nobody need know
    public var check: Wait? = nil
    /// calls of hws_pool_acquire that may wait at a time; default 1024
    public var waitersMax: UInt32? = nil
    /// that ping goes before every lease but a connection's first, whatever check_after_ms says; default off
    public var checkAlways: Bool? = nil
    /// for every connection. Its uri says to which server; targets are paths there
    public var client: ClientOptions = ClientOptions()

    public init(
        maxConnections: UInt32? = nil,
        idle: Wait? = nil,
        maxAge: Wait? = nil,
        checkAfter: Wait? = nil,
        check: Wait? = nil,
        waitersMax: UInt32? = nil,
        checkAlways: Bool? = nil,
        client: ClientOptions = ClientOptions()
    ) {
        self.maxConnections = maxConnections
        self.idle = idle
        self.maxAge = maxAge
        self.checkAfter = checkAfter
        self.check = check
        self.waitersMax = waitersMax
        self.checkAlways = checkAlways
        self.client = client
    }
}

extension PoolOptions: Passable {
    func passed(_ arena: Arena) -> hws_pool_options {
        var c = hws_pool_options()
        c.struct_size = sizeof(c)
        c.max_connections = arena.pass(maxConnections)
        c.idle_ms = arena.pass(idle)
        c.max_age_ms = arena.pass(maxAge)
        c.check_after_ms = arena.pass(checkAfter)
        c.check_ms = arena.pass(check)
        c.waiters_max = arena.pass(waitersMax)
        c.check_always = arena.pass(checkAlways)
        c.client = arena.pass(client)
        return c
    }
}

/// A pool of client connections. Freed with hws_pool_free.
public struct Pool: Sendable, Hashable {
    let handle: hws_pool

    public static func == (one: Pool, other: Pool) -> Bool { one.handle.id == other.handle.id }
    public func hash(into hasher: inout Hasher) { hasher.combine(handle.id) }
}

/// What there is in a pool, and what has been.
public struct PoolCounts: Sendable {
    /// that there are: the sum of the next five
    public let sockets: Int
    public let idle: Int
    public let leased: Int
    public let opening: Int
    /// a ping waits for its answer
    public let checking: Int
    public let closing: Int
    /// calls of hws_pool_acquire that wait
    public let waiting: Int
    /// connections that opened
    public let opened: UInt64
    /// connections that failed to open
    public let openFailed: UInt64
    /// leases of connections that had been leased before
    public let reused: UInt64
    /// connections whose peers did not answer the ping
    public let checksFailed: UInt64
    /// calls of hws_pool_acquire that waited in vain
    public let timeouts: UInt64
    /// connections that were released and could not be lent on, or that ended or said something while nobody held them
    public let discarded: UInt64
    /// connections closed because of idle_ms or max_age_ms
    public let expired: UInt64
    /// idle connections closed to make room for one with another target
    public let displaced: UInt64

    init(_ c: hws_pool_counts) {
        sockets = Int(c.sockets)
        idle = Int(c.idle)
        leased = Int(c.leased)
        opening = Int(c.opening)
        checking = Int(c.checking)
        closing = Int(c.closing)
        waiting = Int(c.waiting)
        opened = c.opened
        openFailed = c.open_failed
        reused = c.reused
        checksFailed = c.checks_failed
        timeouts = c.timeouts
        discarded = c.discarded
        expired = c.expired
        displaced = c.displaced
    }

    init(_ fill: (UnsafeMutablePointer<hws_pool_counts>) -> hws_status) throws {
        var c = hws_pool_counts()
        c.struct_size = sizeof(c)
        try check(fill(&c))
        self.init(c)
    }
}

/// What a host adds to the response that opens a connection. Zero is the default.
public struct AcceptOptions: Sendable {
    /// one of those that were offered; default what the route's own list leads to
    public var subprotocol: String? = nil
    /// further fields of the response
    public var headers: [Header] = []
    /// of the connection; default the route's
    public var user: UInt64? = nil

    public init(
        subprotocol: String? = nil,
        headers: [Header] = [],
        user: UInt64? = nil
    ) {
        self.subprotocol = subprotocol
        self.headers = headers
        self.user = user
    }
}

extension AcceptOptions: Passable {
    func passed(_ arena: Arena) -> hws_accept_options {
        var c = hws_accept_options()
        c.struct_size = sizeof(c)
        c.subprotocol = arena.pass(subprotocol)
        (c.headers, c.header_count) = arena.pass(headers)
        c.user = arena.pass(user)
        return c
    }
}

extension ClientOptions {
    /// Takes a preset: "realtime", "dashboard" or "mobile"; see docs/presets.md.
    public init(uri: String? = nil, preset name: String) throws {
        let arena = Arena()
        var preset = hws_preset()
        preset.struct_size = sizeof(preset)
        let timers = arena.copy([Timers().passed(arena)])
        preset.timers = timers
        let limits = arena.copy([Limits().passed(arena)])
        preset.limits = limits
        let compression = arena.copy([Compression().passed(arena)])
        preset.compression = compression
        let reconnect = arena.copy([Reconnect().passed(arena)])
        preset.reconnect = reconnect
        try check(hws_preset_get(arena.pass(name), &preset))
        self.init(uri: uri)
        self.timers = Timers(timers.pointee)
        self.limits = Limits(limits.pointee)
        self.compression = Compression(compression.pointee)
        self.reconnect = Reconnect(reconnect.pointee)
        withExtendedLifetime(arena) {}
    }
}

extension Engine {
    /// Makes a waiting hws_poll, or else the next one, return at once. Several calls may make one poll return.
    ///
    /// - Throws: INVALID_HANDLE, FORKED, PANIC.
    public func wake() throws {
        try check(hws_wake(handle))
    }

    /// A file descriptor that is readable when hws_poll has something to do, for a loop of the host's own: wait for
    /// it or for hws_engine_next_timeout, then hws_poll with timeout 0. With io_thread it is readable exactly while something
    /// waits for hws_poll, or hws_wake was called.
    ///
    /// - Throws: INVALID_HANDLE, INVALID_ARGUMENT, FORKED, PANIC; UNSUPPORTED on Windows.
    public func pollable() throws -> Int {
        try out(0) { out in hws_engine_pollable(handle, out) }
    }

    /// How many milliseconds a loop of the host's own may wait for the descriptor: 0 while anything is left to do,
    /// HWS_NEVER without any deadline; with io_thread there is none.
    ///
    /// - Throws: INVALID_HANDLE, INVALID_ARGUMENT, FORKED, PANIC.
    public func nextTimeout() throws -> Wait {
        try Wait(milliseconds: out(0) { out in hws_engine_next_timeout(handle, out) })
    }

    /// Begins to connect: looks the name up, connects, passes proxy and TLS, does the opening handshake, follows redirects.
    /// OPEN or CONNECT_FAILED follows within timers.open_ms; with reconnect that is the time of each attempt.
    ///
    /// - Throws: INVALID_HANDLE, INVALID_ARGUMENT, STRUCT_SIZE, INVALID_URI, FORKED, PANIC; INVALID_HEADER_VALUE for
    /// headers that cannot be sent; INVALID_PROXY; IO for a certificate's file that cannot be read; TOO_MANY_CONNECTIONS. No
    /// event follows a call that failed.
    public func connect(_ options: ClientOptions) throws -> Connection {
        try Connection(handle: out(hws_conn()) { out in withArena { arena in hws_connect(handle, arena.pass(options), out) } })
    }

    /// Binds and listens. An OPEN event follows for each client whose opening handshake succeeds, ACCEPT_FAILED for
    /// each whose does not.
    ///
    /// - Throws: INVALID_HANDLE, INVALID_ARGUMENT, also for a descriptor that is no such socket (which stays as it was);
    /// STRUCT_SIZE, INVALID_HEADER_VALUE, FORKED, PANIC; IO with os_error when the address cannot be bound or a file not be
    /// read, FD_LIMIT, TOO_MANY_CONNECTIONS; UNSUPPORTED for unix sockets, descriptors and reuse_port where there are none.
    public func listen(_ options: ServerOptions) throws -> Listener {
        try Listener(handle: out(hws_listener()) { out in withArena { arena in hws_listen(handle, arena.pass(options), out) } })
    }

    /// How many connections of listeners, of all that this engine has had, failed to open with this status or one that is-a it.
    /// HWS_ERR_ERROR counts them all; those that are dropped because too many are being refused already count too.
    ///
    /// - Throws: INVALID_HANDLE, INVALID_ARGUMENT, also when status is no error; FORKED, PANIC.
    public func refusals(_ code: ErrorCode = .error) throws -> UInt64 {
        try out(0) { out in hws_engine_refusals(handle, code.rawValue, out) }
    }

    /// Speaks WebSocket over a connected stream socket of the host's: TCP, or a unix socket, also one of a socketpair. Either
    /// client or server is given, the other is NULL: on which side hawser is. A client's proxy, connect_to, max_redirects and
    /// socket and what a server's options say of its listener (bind, backlog, reuse_port, how many connections, events) are not
    /// used; TLS is. OPEN or CONNECT_FAILED follows, on both sides.
    /// 
    /// Where there is no SO_REUSEPORT, or it spreads connections badly, one thread can accept for the engines of many: it
    /// calls accept() on a socket of its own and hws_adopt with the engine whose turn it is. Adopting is safe from any thread
    /// and wakes the one that polls.
    ///
    /// - Throws: INVALID_HANDLE, INVALID_ARGUMENT, also when the socket is not connected or not a stream; STRUCT_SIZE,
    /// INVALID_URI, INVALID_PROXY, FORKED, PANIC; INVALID_HEADER_VALUE for headers that cannot be sent; IO for a certificate's
    /// file that cannot be read; FD_LIMIT, TOO_MANY_CONNECTIONS; UNSUPPORTED on Windows.
    public func adopt(_ socket: Int, client: ClientOptions? = nil, server: ServerOptions? = nil) throws -> Connection {
        try Connection(handle: out(hws_conn()) { out in withArena { arena in hws_adopt(handle, socket, arena.pass(client), arena.pass(server), out) } })
    }

    /// Counters of an engine: of all connections that are and were.
    ///
    /// - Throws: INVALID_HANDLE, INVALID_ARGUMENT, STRUCT_SIZE, FORKED, PANIC.
    public func stats() throws -> Stats {
        try Stats { out in hws_engine_stats(handle, out) }
    }

    /// Sends a message, HWS_TEXT or HWS_BINARY, to all connections that have subscribed to a topic: those of the engine, and of
    /// engines that share its topics. It is made and compressed once, not once for each, and leaves with the next hws_poll at
    /// the latest. Who cannot take it goes without and is skipped: without room in its send queue (see
    /// limits.slow_subscriber), in the middle of a fragmented message, or closing. options, reached and skipped may be NULL.
    ///
    /// - Throws: INVALID_HANDLE, STRUCT_SIZE, NO_MEMORY, FORKED, PANIC; INVALID_ARGUMENT, also for a topic that is empty, longer
    /// than 1024 bytes or has a wildcard; INVALID_SEND for text that is not UTF-8; QUEUE_FULL when the events
    /// of hws_engine_options.publish_events are not polled. Nobody got it then.
    @discardableResult
    public func publish(_ topic: String, _ message: Message, _ options: PublishOptions? = nil) throws -> (reached: Int, skipped: Int) {
        var (reached, skipped): (UInt32, UInt32) = (0, 0)
        try check(message.withBytes { opcode, bytes in withArena { arena in hws_publish(handle, arena.pass(topic), opcode, bytes.baseAddress, bytes.count, arena.pass(options), &reached, &skipped) } })
        return (Int(reached), Int(skipped))
    }

    /// How many connections something that is published to a topic would go to: those that have subscribed, in the engine and
    /// in engines that share its topics.
    ///
    /// - Throws: INVALID_HANDLE, INVALID_ARGUMENT, FORKED, PANIC.
    public func subscribers(of topic: String) throws -> Int {
        try Int(out(UInt32(0)) { out in withArena { arena in hws_topic_subscribers(handle, arena.pass(topic), out) } })
    }

    /// Makes a pool of client connections to one server. It opens none until one is asked for.
    ///
    /// - Throws: INVALID_HANDLE, INVALID_ARGUMENT, STRUCT_SIZE, FORKED, PANIC; for options.client those of hws_connect: INVALID_URI,
    /// INVALID_HEADER_VALUE, INVALID_PROXY, IO; TOO_MANY_CONNECTIONS.
    public func pool(_ options: PoolOptions) throws -> Pool {
        try Pool(handle: out(hws_pool()) { out in withArena { arena in hws_pool_new(handle, arena.pass(options), out) } })
    }
}

extension Connection {
    /// Opens a connection again that was made with hws_client_options.reconnect. While it is down, this is the next attempt,
    /// whatever was decided before; an attempt that is being made is given up. While it is open, what is queued leaves, the
    /// closing handshake is done, and it is opened anew; with after_ms at that time, unless it is lost before, and a later
    /// call replaces that, and max_age_ms too. RECONNECTING and OPEN follow. options may be NULL.
    ///
    /// - Throws: INVALID_HANDLE, INVALID_ARGUMENT, STRUCT_SIZE, INVALID_URI, FORKED, PANIC; INVALID_HEADER_VALUE for headers that
    /// cannot be sent; INVALID_SEND for a code or reason that may not be sent; RECONNECT_DISABLED for a connection that was not
    /// made to come back, or has ended; CONNECTION_CLOSED after hws_close.
    public func reconnect(_ options: ReconnectOptions? = nil) throws {
        try check(withArena { arena in hws_conn_reconnect(handle, arena.pass(options)) })
    }

    /// With HWS_REPLAY_ON_REQUEST, once a connection has come back: what was sent before, with a token up to after_token, has
    /// arrived; all else that the peer is not known to have read is sent again in its order, and then what was sent while
    /// the connection was down. Until this is called that waits, too; what is sent meanwhile leaves at once. Tokens are those of
    /// hws_send_options, ascending; messages without one are always sent again.
    ///
    /// - Throws: INVALID_HANDLE, FORKED, PANIC; INVALID_STATE for a connection that is not open, or whose replay is not on
    /// request; CONNECTION_CLOSED while it closes; RECONNECT_DISABLED for one that was not made to come back, or has ended.
    public func replay(after token: UInt64) throws {
        try check(hws_conn_replay(handle, token))
    }

    /// Ends what HWS_SEND_AGAIN began: the message with this token is not sent any more when the connection is open again. 0:
    /// none of them is. A token that is not there is no error.
    ///
    /// - Throws: INVALID_HANDLE, FORKED, PANIC; RECONNECT_DISABLED for a connection that was not made to come back, or has ended.
    public func forget(_ token: UInt64) throws {
        try check(hws_conn_forget(handle, token))
    }

    /// Sends a message: HWS_TEXT, HWS_BINARY, a HWS_PING or HWS_PONG of up to 125 bytes, or with HWS_SEND_MORE a
    /// fragment, whose followers are HWS_CONT. It is queued whole or not at all, and leaves with the next hws_poll at
    /// the latest. options may be NULL.
    /// 
    /// With hws_reconnect.buffer_max whole text and binary messages are taken while the connection is not open, too, and leave
    /// when it is.
    ///
    /// - Throws: INVALID_HANDLE, INVALID_ARGUMENT, STRUCT_SIZE, NO_MEMORY, FORKED, PANIC; INVALID_STATE before OPEN, and while the
    /// connection reconnects; BUFFER_OVERFLOW where what is to wait has no room; RECONNECT_DISABLED for what is to be sent
    /// again, on a connection that does not come back;
    /// CONNECTION_CLOSED once it closes; INVALID_SEND for what no frame may hold, such as text that is not UTF-8;
    /// SEND_QUEUE_FULL over limits.send_queue_max (WRITABLE follows, unless the message alone is larger);
    /// CONCURRENCY for a message inside a fragmented one, or a ping whose payload is on its way already.
    public func send(_ message: Message, _ options: SendOptions? = nil) throws {
        try check(message.withBytes { opcode, bytes in withArena { arena in hws_send(handle, opcode, bytes.baseAddress, bytes.count, arena.pass(options)) } })
    }

    /// Begins the closing handshake, RFC 6455 section 7: what is queued leaves first, then a Close frame. code 0 is 1000;
    /// the reason has up to 123 bytes. CLOSE follows within timers.close_ms. A connection that is not open yet is dropped
    /// and CONNECT_FAILED follows; one that is closing already goes on with that. A pause ends: the peer's answer must be read.
    ///
    /// - Throws: INVALID_HANDLE, INVALID_ARGUMENT, FORKED, PANIC; INVALID_SEND for a code or reason that may not be sent.
    public func close(code: UInt32 = 1000, reason: String = "") throws {
        try check(withArena { arena in hws_close(handle, code, arena.pass(reason)) })
    }

    /// Drops a connection at once, without a Close frame and with what is queued. CLOSE or CONNECT_FAILED follows.
    ///
    /// - Throws: INVALID_HANDLE, FORKED, PANIC.
    public func abort() throws {
        try check(hws_abort(handle))
    }

    /// Stops taking messages from a connection (paused not 0), or takes them again. Meanwhile nothing is read, so that
    /// the peer is slowed down; keepalive pings rest; what is queued goes on leaving, and SENT and WRITABLE come. Events that
    /// hws_poll has already delivered are not taken back; those that wait beyond a batch are held. Before a deadline or a broken
    /// transport ends a paused connection, what had arrived is delivered. In a connection that
    /// reconnects there is nothing to pause: the OPEN that tells of its return ends every pause, and a call before that has no
    /// effect.
    ///
    /// - Throws: INVALID_HANDLE, FORKED, PANIC.
    public func pause(_ paused: Bool = true) throws {
        try check(hws_conn_pause(handle, paused ? 1 : 0))
    }

    /// Where a connection stands: one of hws_states.
    ///
    /// - Throws: INVALID_HANDLE, INVALID_ARGUMENT, FORKED, PANIC.
    public func state() throws -> ConnectionState {
        try ConnectionState(rawValue: out(0) { out in hws_conn_state(handle, out) })
    }

    /// Attaches a number to a connection, for events made from now on. A pointer fits.
    ///
    /// - Throws: INVALID_HANDLE, FORKED, PANIC.
    public func setUser(_ user: UInt64) throws {
        try check(hws_conn_set_user(handle, user))
    }

    /// The number attached to a connection.
    ///
    /// - Throws: INVALID_HANDLE, INVALID_ARGUMENT, FORKED, PANIC.
    public func user() throws -> UInt64 {
        try out(0) { out in hws_conn_user(handle, out) }
    }

    /// Counters of a connection.
    ///
    /// - Throws: INVALID_HANDLE, INVALID_ARGUMENT, STRUCT_SIZE, FORKED, PANIC.
    public func stats() throws -> Stats {
        try Stats { out in hws_conn_stats(handle, out) }
    }

    /// Subscribes a connection to a topic: from now on it gets what is published to it. Topics are levels between slashes, as
    /// in MQTT: "chat/room 7". Here + may stand for any one level, and # at the end for all that follow, and for none:
    /// "chat/#" is "chat", too. However many of its subscriptions fit, a connection gets a message once. They end with the
    /// connection. Twice the same is one.
    ///
    /// - Throws: INVALID_HANDLE, FORKED, PANIC; INVALID_ARGUMENT for a topic that is empty, longer than 1024 bytes, not UTF-8, or
    /// has a NUL or a wildcard elsewhere; INVALID_STATE before OPEN; CONNECTION_CLOSED once it closes; TOO_MANY_SUBSCRIPTIONS
    /// over limits.subscriptions_max.
    public func subscribe(to topic: String) throws {
        try check(withArena { arena in hws_subscribe(handle, arena.pass(topic)) })
    }

    /// Takes a subscription back, written as it was subscribed to; an empty topic stands for all of the connection's. One that
    /// there is not is no error.
    ///
    /// - Throws: INVALID_HANDLE, INVALID_ARGUMENT, FORKED, PANIC.
    public func unsubscribe(from topic: String = "") throws {
        try check(withArena { arena in hws_unsubscribe(handle, arena.pass(topic)) })
    }
}

extension [Connection] {
    /// Sends a message, HWS_TEXT or HWS_BINARY, to the connections of a list, as hws_publish does to those that have
    /// subscribed. They may be of any engines; who has ended is skipped. options, reached and skipped may be NULL.
    ///
    /// - Throws: INVALID_ARGUMENT, STRUCT_SIZE, NO_MEMORY, FORKED, PANIC; INVALID_HANDLE for options.except; INVALID_SEND for text
    /// that is not UTF-8.
    @discardableResult
    public func send(_ message: Message, _ options: PublishOptions? = nil) throws -> (reached: Int, skipped: Int) {
        var (reached, skipped): (UInt32, UInt32) = (0, 0)
        try check(message.withBytes { opcode, bytes in withArena { arena in hws_send_many(arena.copy(map(\.handle)), count, opcode, bytes.baseAddress, bytes.count, arena.pass(options), &reached, &skipped) } })
        return (Int(reached), Int(skipped))
    }
}

extension Listener {
    /// Stops accepting; LISTENER_CLOSED follows. drain may be NULL: connections that are open, or being opened, stay.
    /// 
    /// With it they end: open ones are closed with its code and reason, clients in their opening handshake are answered 503,
    /// and so are those whom the system has accepted for us already, unless bind was "fd:": they stay with whoever holds the
    /// socket. What has not ended after drain_ms is cut off. LISTENER_CLOSED comes behind the last events of all these
    /// connections; its value is how many of the open ones ended with a completed closing handshake, its token how many were
    /// cut off without one.
    ///
    /// - Throws: INVALID_HANDLE, INVALID_ARGUMENT, STRUCT_SIZE, FORKED, PANIC; INVALID_SEND for a code or reason that may not be
    /// sent; INVALID_STATE when it is closed, or closing, already.
    public func close(_ drain: Drain? = nil) throws {
        try check(withArena { arena in hws_listener_close(handle, arena.pass(drain)) })
    }

    /// From here on new connections of a listener open with this certificate and these rules; those that are open, or
    /// being opened, keep theirs.
    ///
    /// - Throws: INVALID_HANDLE, INVALID_ARGUMENT, STRUCT_SIZE, FORKED, PANIC; IO for a file that cannot be read; INVALID_STATE
    /// when the listener is closed, or plain. After an error the listener goes on as before.
    public func setTLS(_ tls: TLS) throws {
        try check(withArena { arena in hws_listener_set_tls(handle, arena.pass(tls)) })
    }
}

extension Request {
    /// Grants the request of a REQUEST event: OPEN follows, and CLOSE at its end. options may be NULL.
    ///
    /// - Throws: INVALID_HANDLE, also when the peer has left or the time is up; INVALID_ARGUMENT, also for a subprotocol that
    /// was not offered; STRUCT_SIZE, INVALID_HEADER_VALUE, NO_MEMORY, FORKED, PANIC; INVALID_STATE for a request that asks for no WebSocket.
    /// After an error other than INVALID_HANDLE the request still waits.
    @discardableResult
    public func accept(_ options: AcceptOptions? = nil) throws -> Connection {
        try Connection(handle: out(hws_conn()) { out in withArena { arena in hws_request_accept(handle, arena.pass(options), out) } })
    }

    /// Answers the request of a REQUEST event with a response of your own, and opens nothing: 200 for a health check, 401
    /// with WWW-Authenticate, 302 with Location. ACCEPT_FAILED with HANDSHAKE_ABORTED follows when the peer has it.
    ///
    /// - Throws: INVALID_HANDLE, also when the peer has left or the time is up; INVALID_ARGUMENT, STRUCT_SIZE,
    /// INVALID_HEADER_VALUE, NO_MEMORY, FORKED, PANIC. After an error other than INVALID_HANDLE the request still waits.
    public func respond(_ response: Response) throws {
        try check(withArena { arena in hws_request_respond(handle, arena.pass(response)) })
    }
}

extension Pool {
    /// Asks for a connection to a target, "/path?query", or {0}: that of the pool's uri. An idle one with this target will do;
    /// else one is opened. Exactly one event with the token follows: POOL_READY with the connection, which is leased to you
    /// until you release it or its CLOSE comes; or POOL_FAILED with POOL_EXHAUSTED after timeout_ms (0: open_ms of the client's
    /// timers, HWS_NEVER: no deadline), with the reason why the connection that was opened for this call did not open, or
    /// with POOL_CLOSED. Calls are served in their order, whatever their targets.
    ///
    /// - Throws: INVALID_HANDLE, INVALID_ARGUMENT, FORKED, PANIC; INVALID_URI for a target that is none; POOL_EXHAUSTED when
    /// waiters_max calls wait, or their events do; POOL_CLOSED after hws_pool_free.
    public func acquire(_ target: String? = nil, timeout: Wait? = nil, token: UInt64) throws {
        try check(withArena { arena in hws_pool_acquire(handle, arena.pass(target), arena.pass(timeout), token) })
    }

    /// Gives a leased connection back, from here on without any events of it but those that are in your hands. With reusable
    /// not 0 it is lent again, under another handle; your handle, subscriptions, tokens and number (hws_conn_set_user)
    /// end. It is closed instead, which is no error, if reusable is 0, if it is not open any more, if a message is under way in
    /// either direction or was received and not yet delivered, if much is still to be sent, or if the pool has been freed.
    ///
    /// - Throws: INVALID_HANDLE, also for a connection that was released before, or whose last event came before the last poll;
    /// INVALID_ARGUMENT if conn is not of this pool; POOL_CLOSED for that after hws_pool_free; FORKED, PANIC.
    public func release(_ connection: Connection, reusable: Bool = true) throws {
        try check(hws_pool_release(handle, connection.handle, reusable ? 1 : 0))
    }

    /// Closes a pool: calls that wait get POOL_FAILED with POOL_CLOSED, connections that nobody holds are closed with 1000.
    /// Leased ones stay with their holders, and are closed when they are released.
    ///
    /// - Throws: INVALID_HANDLE, FORKED, PANIC; POOL_CLOSED if it is closed already.
    public func close() throws {
        try check(hws_pool_free(handle))
    }

    /// What there is in a pool, and what has been.
    ///
    /// - Throws: INVALID_HANDLE, INVALID_ARGUMENT, STRUCT_SIZE, FORKED, PANIC; POOL_CLOSED after hws_pool_free.
    public func stats() throws -> PoolCounts {
        try PoolCounts { out in hws_pool_stats(handle, out) }
    }
}
