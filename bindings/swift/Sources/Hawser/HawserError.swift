import CHawser
import Foundation

extension HawserError: LocalizedError, CustomStringConvertible {
    /// Whether it is of this kind, or one below: an `.invalidOrigin` is an `.invalidHeader`, and a `.handshake`.
    public func isA(_ ancestor: ErrorCode) -> Bool { code.isA(ancestor) }

    /// What led to this.
    public var cause: HawserError? { causes.first }

    /// "INVALID_STATUS: what happened <- NAME: what led to it"
    public var description: String {
        "\(code.name): \(message ?? "")" + (cause.map { " <- \($0)" } ?? "")
    }

    public var errorDescription: String? { message }
}

extension HawserError {
    /// What failed; of a code that is newer than this binding, its nearest ancestor that is known.
    public var code: ErrorCode { ErrorCode(hws_status(status)) }

    /// What the library says when it notices.
    init(_ code: ErrorCode) {
        var c = hws_error_info()
        let text = hws_status_text(code.rawValue)!
        (c.status, c.message) = (code.rawValue, hws_str(ptr: text, len: strlen(text)))
        (c.timeout_ms, c.position, c.size, c.max_size, c.current_size, c.rcvd_then_sent) = (-1, -1, -1, -1, -1, -1)
        self.init(c)
    }

    /// An error of your own, of the kind that all bindings agree on: a message that could not be decoded, or a function that
    /// failed.
    public init(_ raise: Raise) {
        _ = withArena { hws_error_raise($0.pass(raise)) }
        self = HawserError(hws_last_error().pointee)
    }
}

extension ErrorCode {
    init(_ status: hws_status) {
        var known = status
        while ErrorCode(rawValue: known) == nil && known != 0 { known = hws_status_parent(known, 0) }
        self = ErrorCode(rawValue: known) ?? .error
    }

    /// "INVALID_STATUS"
    public var name: String { hws_status_name(rawValue).map { String(String(cString: $0).dropFirst("HWS_ERR_".count)) } ?? "\(rawValue)" }

    /// Whether this is the ancestor, or below it.
    public func isA(_ ancestor: ErrorCode) -> Bool { self == ancestor || parents.contains { $0.isA(ancestor) } }

    /// `catch HawserError.timeout` catches what is of this kind, or below.
    public static func ~= (code: ErrorCode, error: any Error) -> Bool { (error as? HawserError)?.isA(code) ?? false }
}

/// Throws what the call that returned this status has left behind, on the thread that it ran on.
func check(_ status: hws_status) throws {
    if status != 0 { throw HawserError(hws_last_error().pointee) }
}

/// What a call writes through a pointer.
func out<Value>(_ value: Value, _ call: (UnsafeMutablePointer<Value>) -> hws_status) throws -> Value {
    var value = value
    try check(withUnsafeMutablePointer(to: &value, call))
    return value
}
