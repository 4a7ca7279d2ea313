// Made from include/hawser.h and the status table by `HAWSER_BLESS=1 cargo test --test bindings`; do not edit.
// The classes of errors. Include <hawser.hpp>.
// clang-format off
#ifndef HAWSER_ERRORS_HPP
#define HAWSER_ERRORS_HPP

#include "error.hpp"

namespace hawser {
inline namespace HAWSER_MODE {

/// Something failed.
using WebSocketException = Error;

/// The call was wrong.
class UsageError : public virtual WebSocketException {};

/// No such object: the handle is stale, forged, closed, zero or of another kind.
class InvalidHandle : public virtual UsageError {};

/// An argument or option is not acceptable.
class InvalidArgument : public virtual UsageError {};

/// Struct_size is zero, or the struct sets fields this library does not know.
class StructSize : public virtual UsageError {};

/// Not in this build or on this platform.
class Unsupported : public virtual UsageError {};

/// The URI is malformed or not a WebSocket URI.
class InvalidURI : public virtual UsageError {};

/// The network failed.
class NetworkError : public virtual WebSocketException {};

/// The name does not resolve.
class Address : public virtual NetworkError {};

/// The peer refuses connections.
class ConnectionRefused : public virtual NetworkError {};

/// No route to the peer.
class Unreachable : public virtual NetworkError {};

/// The peer reset the connection.
class ConnectionReset : public virtual NetworkError {};

/// The peer ended the connection unexpectedly.
class UnexpectedEof : public virtual NetworkError {};

/// The operating system reports an I/O error.
class Io : public virtual NetworkError {};

/// No address of the peer could be reached.
class ConnectFailed : public virtual NetworkError {};

/// TLS failed.
class TlsError : public virtual NetworkError {};

/// The peer sent a TLS alert.
class TlsAlert : public virtual TlsError {};

/// The peer does not speak acceptable TLS.
class TlsProtocol : public virtual TlsError {};

/// It took too long.
class TimeoutError : public virtual WebSocketException {};

/// The name did not resolve in time.
class ResolveTimeout : public virtual TimeoutError, public virtual NetworkError {};

/// The connection was not up in time.
class ConnectTimeout : public virtual TimeoutError, public virtual NetworkError {};

/// No message came in time.
class RecvTimeout : public virtual TimeoutError {};

/// The peer takes no data.
class SendTimeout : public virtual TimeoutError {};

/// The peer did not answer a ping in time.
class PingTimeout : public virtual TimeoutError {};

/// The closing handshake was not done in time.
class CloseTimeout : public virtual TimeoutError {};

/// The connection was idle for too long.
class IdleTimeout : public virtual TimeoutError {};

/// The opening handshake failed.
class InvalidHandshake : public virtual WebSocketException {};

/// The opening handshake was not done in time.
class HandshakeTimeout : public virtual TimeoutError, public virtual InvalidHandshake, public virtual NetworkError {};

/// A limit that guards against hostile peers was exceeded.
class SecurityError : public virtual InvalidHandshake {};

/// The certificate is not acceptable.
class TlsCertificate : public virtual TlsError, public virtual SecurityError {};

/// The request line is too long.
class RequestLineTooLong : public virtual SecurityError {};

/// The status line is too long.
class StatusLineTooLong : public virtual SecurityError {};

/// A header line is too long.
class HeaderLineTooLong : public virtual SecurityError {};

/// The head has too many headers.
class TooManyHeaders : public virtual SecurityError {};

/// The body is too large.
class BodyTooLarge : public virtual SecurityError {};

/// The peer does not speak HTTP/1.1.
class InvalidMessage : public virtual InvalidHandshake {};

/// The peer ended the connection inside its HTTP message.
class InvalidMessageEof : public virtual InvalidMessage, public virtual NetworkError {};

/// The method is not GET.
class InvalidMethod : public virtual InvalidHandshake {};

/// The version is not HTTP/1.1.
class InvalidHttpVersion : public virtual InvalidHandshake {};

/// The server answered with another status than 101.
class InvalidStatus : public virtual InvalidHandshake {};

/// The server redirects.
class RedirectHandshake : public virtual InvalidStatus {};

/// A redirect leads from wss to ws.
class RedirectDowngrade : public virtual SecurityError, public virtual RedirectHandshake {};

/// Too many redirects.
class TooManyRedirects : public virtual SecurityError, public virtual RedirectHandshake {};

/// The server decided to refuse the request.
class AbortHandshake : public virtual InvalidHandshake {};

/// A header is missing or repeated.
class InvalidHeader : public virtual InvalidHandshake {};

/// A header does not match its grammar.
class InvalidHeaderFormat : public virtual InvalidHeader {};

/// A header has a wrong value.
class InvalidHeaderValue : public virtual InvalidHeader {};

/// The origin is not allowed.
class InvalidOrigin : public virtual InvalidHeader {};

/// The Upgrade or Connection header does not ask for WebSocket.
class InvalidUpgrade : public virtual InvalidHeader {};

/// The negotiation of extensions or subprotocols failed.
class NegotiationError : public virtual InvalidHandshake {};

/// An extension parameter is repeated.
class DuplicateParameter : public virtual NegotiationError {};

/// An extension parameter is unknown.
class InvalidParameterName : public virtual NegotiationError {};

/// An extension parameter has a wrong value.
class InvalidParameterValue : public virtual NegotiationError {};

/// No subprotocol in common.
class Subprotocol : public virtual NegotiationError {};

/// The proxy failed.
class ProxyError : public virtual InvalidHandshake {};

/// The proxy URL is malformed or of an unknown scheme.
class InvalidProxy : public virtual UsageError, public virtual ProxyError {};

/// The proxy does not speak its protocol.
class InvalidProxyMessage : public virtual ProxyError {};

/// The proxy refuses to connect.
class InvalidProxyStatus : public virtual ProxyError {};

/// The proxy wants other credentials.
class ProxyAuthentication : public virtual InvalidProxyStatus {};

/// The SOCKS proxy reports a failure.
class SocksReply : public virtual ProxyError {};

/// The WebSocket protocol was violated.
class ProtocolError : public virtual WebSocketException {};

/// Not possible in the present state.
class InvalidState : public virtual UsageError, public virtual ProtocolError {};

/// Somebody else is in the middle of the same thing.
class ConcurrencyError : public virtual UsageError, public virtual ProtocolError {};

/// This cannot be sent as a legal WebSocket frame.
class InvalidSend : public virtual UsageError, public virtual ProtocolError {};

/// A frame breaks the protocol.
class InvalidFrame : public virtual ProtocolError {};

/// The payload is not UTF-8.
class InvalidPayload : public virtual ProtocolError {};

/// A message or frame is over the limit.
class PayloadTooBig : public virtual ProtocolError {};

/// A message has too many fragments.
class TooManyFragments : public virtual ProtocolError {};

/// The compressed data is corrupt.
class Decompression : public virtual ProtocolError {};

/// A Close frame is malformed.
class InvalidClose : public virtual ProtocolError {};

/// The message could not be decoded.
class InvalidMessageData : public virtual ProtocolError {};

/// The connection is closed.
class ConnectionClosed : public virtual WebSocketException {};

/// The connection was closed cleanly.
class ConnectionClosedOK : public virtual ConnectionClosed {};

/// The connection was closed with an error.
class ConnectionClosedError : public virtual ConnectionClosed {};

/// Reconnecting failed.
class ReconnectError : public virtual WebSocketException {};

/// Every attempt to reconnect failed.
class ReconnectExhausted : public virtual ReconnectError, public virtual NetworkError {};

/// Reconnecting is off.
class ReconnectDisabled : public virtual ReconnectError {};

/// The cause is permanent, trying again would not help.
class ReconnectRefused : public virtual ReconnectError {};

/// A resource is used up.
class ResourceError : public virtual WebSocketException {};

/// A buffer is full.
class BufferError : public virtual ResourceError {};

/// The send buffer overflowed.
class BufferOverflow : public virtual BufferError {};

/// The receive queue overflowed.
class QueueFull : public virtual BufferError {};

/// The send queue is full.
class SendQueueFull : public virtual BufferError {};

/// The pool cannot serve.
class PoolError : public virtual ResourceError {};

/// No connection of the pool became free in time.
class PoolExhausted : public virtual PoolError, public virtual TimeoutError {};

/// The pool is closed.
class PoolClosed : public virtual PoolError {};

/// Out of memory.
class NoMemory : public virtual ResourceError {};

/// Too many connections.
class TooManyConnections : public virtual ResourceError {};

/// Out of file descriptors.
class FdLimit : public virtual ResourceError {};

/// Too many subscriptions.
class TooManySubscriptions : public virtual ResourceError {};

/// Hawser failed.
class InternalError : public virtual WebSocketException {};

/// A hook of the host failed.
class Callback : public virtual InternalError {};

/// A bug in hawser was caught at the border.
class Panic : public virtual InternalError {};

/// The engine belongs to the parent process.
class Forked : public virtual InternalError {};

#if !defined(HAWSER_NO_EXCEPTIONS)
namespace detail {

/// Throws an error as what a status stands for; as what that is-a if a newer library has made it.
[[noreturn]] inline void raise(const Error &error, StatusCode status) {
    switch (status) {
    case StatusCode::error: throw_as<WebSocketException>(error);
    case StatusCode::usage: throw_as<UsageError>(error);
    case StatusCode::invalid_handle: throw_as<InvalidHandle>(error);
    case StatusCode::invalid_argument: throw_as<InvalidArgument>(error);
    case StatusCode::struct_size: throw_as<StructSize>(error);
    case StatusCode::unsupported: throw_as<Unsupported>(error);
    case StatusCode::invalid_state: throw_as<InvalidState>(error);
    case StatusCode::concurrency: throw_as<ConcurrencyError>(error);
    case StatusCode::invalid_uri: throw_as<InvalidURI>(error);
    case StatusCode::invalid_proxy: throw_as<InvalidProxy>(error);
    case StatusCode::invalid_send: throw_as<InvalidSend>(error);
    case StatusCode::network: throw_as<NetworkError>(error);
    case StatusCode::address: throw_as<Address>(error);
    case StatusCode::connection_refused: throw_as<ConnectionRefused>(error);
    case StatusCode::unreachable: throw_as<Unreachable>(error);
    case StatusCode::connection_reset: throw_as<ConnectionReset>(error);
    case StatusCode::unexpected_eof: throw_as<UnexpectedEof>(error);
    case StatusCode::io: throw_as<Io>(error);
    case StatusCode::connect_failed: throw_as<ConnectFailed>(error);
    case StatusCode::tls: throw_as<TlsError>(error);
    case StatusCode::tls_certificate: throw_as<TlsCertificate>(error);
    case StatusCode::tls_alert: throw_as<TlsAlert>(error);
    case StatusCode::tls_protocol: throw_as<TlsProtocol>(error);
    case StatusCode::timeout: throw_as<TimeoutError>(error);
    case StatusCode::resolve_timeout: throw_as<ResolveTimeout>(error);
    case StatusCode::connect_timeout: throw_as<ConnectTimeout>(error);
    case StatusCode::handshake_timeout: throw_as<HandshakeTimeout>(error);
    case StatusCode::recv_timeout: throw_as<RecvTimeout>(error);
    case StatusCode::send_timeout: throw_as<SendTimeout>(error);
    case StatusCode::ping_timeout: throw_as<PingTimeout>(error);
    case StatusCode::close_timeout: throw_as<CloseTimeout>(error);
    case StatusCode::idle_timeout: throw_as<IdleTimeout>(error);
    case StatusCode::handshake: throw_as<InvalidHandshake>(error);
    case StatusCode::security: throw_as<SecurityError>(error);
    case StatusCode::request_line_too_long: throw_as<RequestLineTooLong>(error);
    case StatusCode::status_line_too_long: throw_as<StatusLineTooLong>(error);
    case StatusCode::header_line_too_long: throw_as<HeaderLineTooLong>(error);
    case StatusCode::too_many_headers: throw_as<TooManyHeaders>(error);
    case StatusCode::body_too_large: throw_as<BodyTooLarge>(error);
    case StatusCode::redirect_downgrade: throw_as<RedirectDowngrade>(error);
    case StatusCode::too_many_redirects: throw_as<TooManyRedirects>(error);
    case StatusCode::invalid_message: throw_as<InvalidMessage>(error);
    case StatusCode::invalid_message_eof: throw_as<InvalidMessageEof>(error);
    case StatusCode::invalid_method: throw_as<InvalidMethod>(error);
    case StatusCode::invalid_http_version: throw_as<InvalidHttpVersion>(error);
    case StatusCode::invalid_status: throw_as<InvalidStatus>(error);
    case StatusCode::redirect: throw_as<RedirectHandshake>(error);
    case StatusCode::handshake_aborted: throw_as<AbortHandshake>(error);
    case StatusCode::invalid_header: throw_as<InvalidHeader>(error);
    case StatusCode::invalid_header_format: throw_as<InvalidHeaderFormat>(error);
    case StatusCode::invalid_header_value: throw_as<InvalidHeaderValue>(error);
    case StatusCode::invalid_origin: throw_as<InvalidOrigin>(error);
    case StatusCode::invalid_upgrade: throw_as<InvalidUpgrade>(error);
    case StatusCode::negotiation: throw_as<NegotiationError>(error);
    case StatusCode::duplicate_parameter: throw_as<DuplicateParameter>(error);
    case StatusCode::invalid_parameter_name: throw_as<InvalidParameterName>(error);
    case StatusCode::invalid_parameter_value: throw_as<InvalidParameterValue>(error);
    case StatusCode::subprotocol: throw_as<Subprotocol>(error);
    case StatusCode::proxy: throw_as<ProxyError>(error);
    case StatusCode::invalid_proxy_message: throw_as<InvalidProxyMessage>(error);
    case StatusCode::invalid_proxy_status: throw_as<InvalidProxyStatus>(error);
    case StatusCode::proxy_authentication: throw_as<ProxyAuthentication>(error);
    case StatusCode::socks_reply: throw_as<SocksReply>(error);
    case StatusCode::protocol: throw_as<ProtocolError>(error);
    case StatusCode::invalid_frame: throw_as<InvalidFrame>(error);
    case StatusCode::invalid_payload: throw_as<InvalidPayload>(error);
    case StatusCode::payload_too_big: throw_as<PayloadTooBig>(error);
    case StatusCode::too_many_fragments: throw_as<TooManyFragments>(error);
    case StatusCode::decompression: throw_as<Decompression>(error);
    case StatusCode::invalid_close: throw_as<InvalidClose>(error);
    case StatusCode::invalid_message_data: throw_as<InvalidMessageData>(error);
    case StatusCode::connection_closed: throw_as<ConnectionClosed>(error);
    case StatusCode::closed_ok: throw_as<ConnectionClosedOK>(error);
    case StatusCode::closed_error: throw_as<ConnectionClosedError>(error);
    case StatusCode::reconnect: throw_as<ReconnectError>(error);
    case StatusCode::reconnect_exhausted: throw_as<ReconnectExhausted>(error);
    case StatusCode::reconnect_disabled: throw_as<ReconnectDisabled>(error);
    case StatusCode::reconnect_refused: throw_as<ReconnectRefused>(error);
    case StatusCode::resource: throw_as<ResourceError>(error);
    case StatusCode::buffer: throw_as<BufferError>(error);
    case StatusCode::buffer_overflow: throw_as<BufferOverflow>(error);
    case StatusCode::queue_full: throw_as<QueueFull>(error);
    case StatusCode::send_queue_full: throw_as<SendQueueFull>(error);
    case StatusCode::pool: throw_as<PoolError>(error);
    case StatusCode::pool_exhausted: throw_as<PoolExhausted>(error);
    case StatusCode::pool_closed: throw_as<PoolClosed>(error);
    case StatusCode::no_memory: throw_as<NoMemory>(error);
    case StatusCode::too_many_connections: throw_as<TooManyConnections>(error);
    case StatusCode::fd_limit: throw_as<FdLimit>(error);
    case StatusCode::too_many_subscriptions: throw_as<TooManySubscriptions>(error);
    case StatusCode::internal: throw_as<InternalError>(error);
    case StatusCode::callback: throw_as<Callback>(error);
    case StatusCode::panic: throw_as<Panic>(error);
    case StatusCode::forked: throw_as<Forked>(error);
    default: break;
    }
    const StatusCode parent{hws_status_parent(static_cast<hws_status>(status), 0)};
    raise(error, parent == StatusCode::ok ? StatusCode::error : parent);
}

} // namespace detail
#endif

} // namespace HAWSER_MODE
} // namespace hawser

#endif
