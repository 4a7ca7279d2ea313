// Code generated from include/hawser.h and the status table by HAWSER_BLESS=1 cargo test --test bindings. DO NOT EDIT.

package hawser

// Every status. An error is also all that its comment says it is: errors.Is(err, ErrHandshake) holds for an
// ErrInvalidOrigin, too.
const (
	ErrError                 Status = -1   // something failed
	ErrUsage                 Status = -100 // the call was wrong; is a ErrError
	ErrInvalidHandle         Status = -101 // no such object: the handle is stale, forged, closed, zero or of another kind; is a ErrUsage
	ErrInvalidArgument       Status = -102 // an argument or option is not acceptable; is a ErrUsage
	ErrStructSize            Status = -103 // struct_size is zero, or the struct sets fields this library does not know; is a ErrUsage
	ErrUnsupported           Status = -104 // not in this build or on this platform; is a ErrUsage
	ErrInvalidState          Status = -105 // not possible in the present state; is a ErrUsage, ErrProtocol
	ErrConcurrency           Status = -106 // somebody else is in the middle of the same thing; is a ErrUsage, ErrProtocol
	ErrInvalidURI            Status = -107 // the URI is malformed or not a WebSocket URI; is a ErrUsage
	ErrInvalidProxy          Status = -108 // the proxy URL is malformed or of an unknown scheme; is a ErrUsage, ErrProxy
	ErrInvalidSend           Status = -109 // this cannot be sent as a legal WebSocket frame; is a ErrUsage, ErrProtocol
	ErrNetwork               Status = -200 // the network failed; is a ErrError
	ErrAddress               Status = -201 // the name does not resolve; is a ErrNetwork
	ErrConnectionRefused     Status = -202 // the peer refuses connections; is a ErrNetwork
	ErrUnreachable           Status = -203 // no route to the peer; is a ErrNetwork
	ErrConnectionReset       Status = -204 // the peer reset the connection; is a ErrNetwork
	ErrUnexpectedEOF         Status = -205 // the peer ended the connection unexpectedly; is a ErrNetwork
	ErrIO                    Status = -206 // the operating system reports an I/O error; is a ErrNetwork
	ErrConnectFailed         Status = -207 // no address of the peer could be reached; is a ErrNetwork
	ErrTLS                   Status = -210 // TLS failed; is a ErrNetwork
	ErrTLSCertificate        Status = -211 // the certificate is not acceptable; is a ErrTLS, ErrSecurity
	ErrTLSAlert              Status = -212 // the peer sent a TLS alert; is a ErrTLS
	ErrTLSProtocol           Status = -213 // the peer does not speak acceptable TLS; is a ErrTLS
	ErrTimeout               Status = -300 // it took too long; is a ErrError
	ErrResolveTimeout        Status = -301 // the name did not resolve in time; is a ErrTimeout, ErrNetwork
	ErrConnectTimeout        Status = -302 // the connection was not up in time; is a ErrTimeout, ErrNetwork
	ErrHandshakeTimeout      Status = -303 // the opening handshake was not done in time; is a ErrTimeout, ErrHandshake, ErrNetwork
	ErrRecvTimeout           Status = -304 // no message came in time; is a ErrTimeout
	ErrSendTimeout           Status = -305 // the peer takes no data; is a ErrTimeout
	ErrPingTimeout           Status = -306 // the peer did not answer a ping in time; is a ErrTimeout
	ErrCloseTimeout          Status = -307 // the closing handshake was not done in time; is a ErrTimeout
	ErrIdleTimeout           Status = -308 // the connection was idle for too long; is a ErrTimeout
	ErrHandshake             Status = -400 // the opening handshake failed; is a ErrError
	ErrSecurity              Status = -401 // a limit that guards against hostile peers was exceeded; is a ErrHandshake
	ErrRequestLineTooLong    Status = -402 // the request line is too long; is a ErrSecurity
	ErrStatusLineTooLong     Status = -403 // the status line is too long; is a ErrSecurity
	ErrHeaderLineTooLong     Status = -404 // a header line is too long; is a ErrSecurity
	ErrTooManyHeaders        Status = -405 // the head has too many headers; is a ErrSecurity
	ErrBodyTooLarge          Status = -406 // the body is too large; is a ErrSecurity
	ErrRedirectDowngrade     Status = -407 // a redirect leads from wss to ws; is a ErrSecurity, ErrRedirect
	ErrTooManyRedirects      Status = -408 // too many redirects; is a ErrSecurity, ErrRedirect
	ErrInvalidMessage        Status = -410 // the peer does not speak HTTP/1.1; is a ErrHandshake
	ErrInvalidMessageEOF     Status = -411 // the peer ended the connection inside its HTTP message; is a ErrInvalidMessage, ErrNetwork
	ErrInvalidMethod         Status = -412 // the method is not GET; is a ErrHandshake
	ErrInvalidHTTPVersion    Status = -413 // the version is not HTTP/1.1; is a ErrHandshake
	ErrInvalidStatus         Status = -420 // the server answered with another status than 101; is a ErrHandshake
	ErrRedirect              Status = -421 // the server redirects; is a ErrInvalidStatus
	ErrHandshakeAborted      Status = -422 // the server decided to refuse the request; is a ErrHandshake
	ErrInvalidHeader         Status = -430 // a header is missing or repeated; is a ErrHandshake
	ErrInvalidHeaderFormat   Status = -431 // a header does not match its grammar; is a ErrInvalidHeader
	ErrInvalidHeaderValue    Status = -432 // a header has a wrong value; is a ErrInvalidHeader
	ErrInvalidOrigin         Status = -433 // the origin is not allowed; is a ErrInvalidHeader, ErrHandshake
	ErrInvalidUpgrade        Status = -434 // the Upgrade or Connection header does not ask for WebSocket; is a ErrInvalidHeader, ErrHandshake
	ErrNegotiation           Status = -440 // the negotiation of extensions or subprotocols failed; is a ErrHandshake
	ErrDuplicateParameter    Status = -441 // an extension parameter is repeated; is a ErrNegotiation, ErrHandshake
	ErrInvalidParameterName  Status = -442 // an extension parameter is unknown; is a ErrNegotiation, ErrHandshake
	ErrInvalidParameterValue Status = -443 // an extension parameter has a wrong value; is a ErrNegotiation, ErrHandshake
	ErrSubprotocol           Status = -444 // no subprotocol in common; is a ErrNegotiation
	ErrProxy                 Status = -450 // the proxy failed; is a ErrHandshake
	ErrInvalidProxyMessage   Status = -451 // the proxy does not speak its protocol; is a ErrProxy
	ErrInvalidProxyStatus    Status = -452 // the proxy refuses to connect; is a ErrProxy
	ErrProxyAuthentication   Status = -453 // the proxy wants other credentials; is a ErrInvalidProxyStatus
	ErrSOCKSReply            Status = -454 // the SOCKS proxy reports a failure; is a ErrProxy
	ErrProtocol              Status = -500 // the WebSocket protocol was violated; is a ErrError
	ErrInvalidFrame          Status = -501 // a frame breaks the protocol; is a ErrProtocol
	ErrInvalidPayload        Status = -502 // the payload is not UTF-8; is a ErrProtocol
	ErrPayloadTooBig         Status = -503 // a message or frame is over the limit; is a ErrProtocol
	ErrTooManyFragments      Status = -504 // a message has too many fragments; is a ErrProtocol
	ErrDecompression         Status = -505 // the compressed data is corrupt; is a ErrProtocol
	ErrInvalidClose          Status = -506 // a Close frame is malformed; is a ErrProtocol
	ErrInvalidMessageData    Status = -507 // the message could not be decoded; is a ErrProtocol
	ErrConnectionClosed      Status = -600 // the connection is closed; is a ErrError
	ErrClosedOK              Status = -601 // the connection was closed cleanly; is a ErrConnectionClosed
	ErrClosedError           Status = -602 // the connection was closed with an error; is a ErrConnectionClosed
	ErrReconnect             Status = -700 // reconnecting failed; is a ErrError
	ErrReconnectExhausted    Status = -701 // every attempt to reconnect failed; is a ErrReconnect, ErrNetwork
	ErrReconnectDisabled     Status = -702 // reconnecting is off; is a ErrReconnect
	ErrReconnectRefused      Status = -703 // the cause is permanent, trying again would not help; is a ErrReconnect
	ErrResource              Status = -800 // a resource is used up; is a ErrError
	ErrBuffer                Status = -801 // a buffer is full; is a ErrResource
	ErrBufferOverflow        Status = -802 // the send buffer overflowed; is a ErrBuffer
	ErrQueueFull             Status = -803 // the receive queue overflowed; is a ErrBuffer
	ErrSendQueueFull         Status = -804 // the send queue is full; is a ErrBuffer
	ErrPool                  Status = -810 // the pool cannot serve; is a ErrResource
	ErrPoolExhausted         Status = -811 // no connection of the pool became free in time; is a ErrPool, ErrTimeout
	ErrPoolClosed            Status = -812 // the pool is closed; is a ErrPool
	ErrNoMemory              Status = -820 // out of memory; is a ErrResource
	ErrTooManyConnections    Status = -821 // too many connections; is a ErrResource
	ErrFDLimit               Status = -822 // out of file descriptors; is a ErrResource
	ErrTooManySubscriptions  Status = -823 // too many subscriptions; is a ErrResource
	ErrInternal              Status = -900 // hawser failed; is a ErrError
	ErrCallback              Status = -901 // a hook of the host failed; is a ErrInternal
	ErrPanic                 Status = -902 // a bug in hawser was caught at the border; is a ErrInternal
	ErrForked                Status = -903 // the engine belongs to the parent process; is a ErrInternal
)

// statusRow is a line of the table of statuses.
type statusRow struct {
	status     Status
	name, text string
	parents    []Status
}

var statuses = []statusRow{
	{ErrError, "ERROR", "something failed", []Status{}},
	{ErrUsage, "USAGE", "the call was wrong", []Status{ErrError}},
	{ErrInvalidHandle, "INVALID_HANDLE", "no such object: the handle is stale, forged, closed, zero or of another kind", []Status{ErrUsage}},
	{ErrInvalidArgument, "INVALID_ARGUMENT", "an argument or option is not acceptable", []Status{ErrUsage}},
	{ErrStructSize, "STRUCT_SIZE", "struct_size is zero, or the struct sets fields this library does not know", []Status{ErrUsage}},
	{ErrUnsupported, "UNSUPPORTED", "not in this build or on this platform", []Status{ErrUsage}},
	{ErrInvalidState, "INVALID_STATE", "not possible in the present state", []Status{ErrUsage, ErrProtocol}},
	{ErrConcurrency, "CONCURRENCY", "somebody else is in the middle of the same thing", []Status{ErrUsage, ErrProtocol}},
	{ErrInvalidURI, "INVALID_URI", "the URI is malformed or not a WebSocket URI", []Status{ErrUsage}},
	{ErrInvalidProxy, "INVALID_PROXY", "the proxy URL is malformed or of an unknown scheme", []Status{ErrUsage, ErrProxy}},
	{ErrInvalidSend, "INVALID_SEND", "this cannot be sent as a legal WebSocket frame", []Status{ErrUsage, ErrProtocol}},
	{ErrNetwork, "NETWORK", "the network failed", []Status{ErrError}},
	{ErrAddress, "ADDRESS", "the name does not resolve", []Status{ErrNetwork}},
	{ErrConnectionRefused, "CONNECTION_REFUSED", "the peer refuses connections", []Status{ErrNetwork}},
	{ErrUnreachable, "UNREACHABLE", "no route to the peer", []Status{ErrNetwork}},
	{ErrConnectionReset, "CONNECTION_RESET", "the peer reset the connection", []Status{ErrNetwork}},
	{ErrUnexpectedEOF, "UNEXPECTED_EOF", "the peer ended the connection unexpectedly", []Status{ErrNetwork}},
	{ErrIO, "IO", "the operating system reports an I/O error", []Status{ErrNetwork}},
	{ErrConnectFailed, "CONNECT_FAILED", "no address of the peer could be reached", []Status{ErrNetwork}},
	{ErrTLS, "TLS", "TLS failed", []Status{ErrNetwork}},
	{ErrTLSCertificate, "TLS_CERTIFICATE", "the certificate is not acceptable", []Status{ErrTLS, ErrSecurity}},
	{ErrTLSAlert, "TLS_ALERT", "the peer sent a TLS alert", []Status{ErrTLS}},
	{ErrTLSProtocol, "TLS_PROTOCOL", "the peer does not speak acceptable TLS", []Status{ErrTLS}},
	{ErrTimeout, "TIMEOUT", "it took too long", []Status{ErrError}},
	{ErrResolveTimeout, "RESOLVE_TIMEOUT", "the name did not resolve in time", []Status{ErrTimeout, ErrNetwork}},
	{ErrConnectTimeout, "CONNECT_TIMEOUT", "the connection was not up in time", []Status{ErrTimeout, ErrNetwork}},
	{ErrHandshakeTimeout, "HANDSHAKE_TIMEOUT", "the opening handshake was not done in time", []Status{ErrTimeout, ErrHandshake, ErrNetwork}},
	{ErrRecvTimeout, "RECV_TIMEOUT", "no message came in time", []Status{ErrTimeout}},
	{ErrSendTimeout, "SEND_TIMEOUT", "the peer takes no data", []Status{ErrTimeout}},
	{ErrPingTimeout, "PING_TIMEOUT", "the peer did not answer a ping in time", []Status{ErrTimeout}},
	{ErrCloseTimeout, "CLOSE_TIMEOUT", "the closing handshake was not done in time", []Status{ErrTimeout}},
	{ErrIdleTimeout, "IDLE_TIMEOUT", "the connection was idle for too long", []Status{ErrTimeout}},
	{ErrHandshake, "HANDSHAKE", "the opening handshake failed", []Status{ErrError}},
	{ErrSecurity, "SECURITY", "a limit that guards against hostile peers was exceeded", []Status{ErrHandshake}},
	{ErrRequestLineTooLong, "REQUEST_LINE_TOO_LONG", "the request line is too long", []Status{ErrSecurity}},
	{ErrStatusLineTooLong, "STATUS_LINE_TOO_LONG", "the status line is too long", []Status{ErrSecurity}},
	{ErrHeaderLineTooLong, "HEADER_LINE_TOO_LONG", "a header line is too long", []Status{ErrSecurity}},
	{ErrTooManyHeaders, "TOO_MANY_HEADERS", "the head has too many headers", []Status{ErrSecurity}},
	{ErrBodyTooLarge, "BODY_TOO_LARGE", "the body is too large", []Status{ErrSecurity}},
	{ErrRedirectDowngrade, "REDIRECT_DOWNGRADE", "a redirect leads from wss to ws", []Status{ErrSecurity, ErrRedirect}},
	{ErrTooManyRedirects, "TOO_MANY_REDIRECTS", "too many redirects", []Status{ErrSecurity, ErrRedirect}},
	{ErrInvalidMessage, "INVALID_MESSAGE", "the peer does not speak HTTP/1.1", []Status{ErrHandshake}},
	{ErrInvalidMessageEOF, "INVALID_MESSAGE_EOF", "the peer ended the connection inside its HTTP message", []Status{ErrInvalidMessage, ErrNetwork}},
	{ErrInvalidMethod, "INVALID_METHOD", "the method is not GET", []Status{ErrHandshake}},
	{ErrInvalidHTTPVersion, "INVALID_HTTP_VERSION", "the version is not HTTP/1.1", []Status{ErrHandshake}},
	{ErrInvalidStatus, "INVALID_STATUS", "the server answered with another status than 101", []Status{ErrHandshake}},
	{ErrRedirect, "REDIRECT", "the server redirects", []Status{ErrInvalidStatus}},
	{ErrHandshakeAborted, "HANDSHAKE_ABORTED", "the server decided to refuse the request", []Status{ErrHandshake}},
	{ErrInvalidHeader, "INVALID_HEADER", "a header is missing or repeated", []Status{ErrHandshake}},
	{ErrInvalidHeaderFormat, "INVALID_HEADER_FORMAT", "a header does not match its grammar", []Status{ErrInvalidHeader}},
	{ErrInvalidHeaderValue, "INVALID_HEADER_VALUE", "a header has a wrong value", []Status{ErrInvalidHeader}},
	{ErrInvalidOrigin, "INVALID_ORIGIN", "the origin is not allowed", []Status{ErrInvalidHeader, ErrHandshake}},
	{ErrInvalidUpgrade, "INVALID_UPGRADE", "the Upgrade or Connection header does not ask for WebSocket", []Status{ErrInvalidHeader, ErrHandshake}},
	{ErrNegotiation, "NEGOTIATION", "the negotiation of extensions or subprotocols failed", []Status{ErrHandshake}},
	{ErrDuplicateParameter, "DUPLICATE_PARAMETER", "an extension parameter is repeated", []Status{ErrNegotiation, ErrHandshake}},
	{ErrInvalidParameterName, "INVALID_PARAMETER_NAME", "an extension parameter is unknown", []Status{ErrNegotiation, ErrHandshake}},
	{ErrInvalidParameterValue, "INVALID_PARAMETER_VALUE", "an extension parameter has a wrong value", []Status{ErrNegotiation, ErrHandshake}},
	{ErrSubprotocol, "SUBPROTOCOL", "no subprotocol in common", []Status{ErrNegotiation}},
	{ErrProxy, "PROXY", "the proxy failed", []Status{ErrHandshake}},
	{ErrInvalidProxyMessage, "INVALID_PROXY_MESSAGE", "the proxy does not speak its protocol", []Status{ErrProxy}},
	{ErrInvalidProxyStatus, "INVALID_PROXY_STATUS", "the proxy refuses to connect", []Status{ErrProxy}},
	{ErrProxyAuthentication, "PROXY_AUTHENTICATION", "the proxy wants other credentials", []Status{ErrInvalidProxyStatus}},
	{ErrSOCKSReply, "SOCKS_REPLY", "the SOCKS proxy reports a failure", []Status{ErrProxy}},
	{ErrProtocol, "PROTOCOL", "the WebSocket protocol was violated", []Status{ErrError}},
	{ErrInvalidFrame, "INVALID_FRAME", "a frame breaks the protocol", []Status{ErrProtocol}},
	{ErrInvalidPayload, "INVALID_PAYLOAD", "the payload is not UTF-8", []Status{ErrProtocol}},
	{ErrPayloadTooBig, "PAYLOAD_TOO_BIG", "a message or frame is over the limit", []Status{ErrProtocol}},
	{ErrTooManyFragments, "TOO_MANY_FRAGMENTS", "a message has too many fragments", []Status{ErrProtocol}},
	{ErrDecompression, "DECOMPRESSION", "the compressed data is corrupt", []Status{ErrProtocol}},
	{ErrInvalidClose, "INVALID_CLOSE", "a Close frame is malformed", []Status{ErrProtocol}},
	{ErrInvalidMessageData, "INVALID_MESSAGE_DATA", "the message could not be decoded", []Status{ErrProtocol}},
	{ErrConnectionClosed, "CONNECTION_CLOSED", "the connection is closed", []Status{ErrError}},
	{ErrClosedOK, "CLOSED_OK", "the connection was closed cleanly", []Status{ErrConnectionClosed}},
	{ErrClosedError, "CLOSED_ERROR", "the connection was closed with an error", []Status{ErrConnectionClosed}},
	{ErrReconnect, "RECONNECT", "reconnecting failed", []Status{ErrError}},
	{ErrReconnectExhausted, "RECONNECT_EXHAUSTED", "every attempt to reconnect failed", []Status{ErrReconnect, ErrNetwork}},
	{ErrReconnectDisabled, "RECONNECT_DISABLED", "reconnecting is off", []Status{ErrReconnect}},
	{ErrReconnectRefused, "RECONNECT_REFUSED", "the cause is permanent, trying again would not help", []Status{ErrReconnect}},
	{ErrResource, "RESOURCE", "a resource is used up", []Status{ErrError}},
	{ErrBuffer, "BUFFER", "a buffer is full", []Status{ErrResource}},
	{ErrBufferOverflow, "BUFFER_OVERFLOW", "the send buffer overflowed", []Status{ErrBuffer}},
	{ErrQueueFull, "QUEUE_FULL", "the receive queue overflowed", []Status{ErrBuffer}},
	{ErrSendQueueFull, "SEND_QUEUE_FULL", "the send queue is full", []Status{ErrBuffer}},
	{ErrPool, "POOL", "the pool cannot serve", []Status{ErrResource}},
	{ErrPoolExhausted, "POOL_EXHAUSTED", "no connection of the pool became free in time", []Status{ErrPool, ErrTimeout}},
	{ErrPoolClosed, "POOL_CLOSED", "the pool is closed", []Status{ErrPool}},
	{ErrNoMemory, "NO_MEMORY", "out of memory", []Status{ErrResource}},
	{ErrTooManyConnections, "TOO_MANY_CONNECTIONS", "too many connections", []Status{ErrResource}},
	{ErrFDLimit, "FD_LIMIT", "out of file descriptors", []Status{ErrResource}},
	{ErrTooManySubscriptions, "TOO_MANY_SUBSCRIPTIONS", "too many subscriptions", []Status{ErrResource}},
	{ErrInternal, "INTERNAL", "hawser failed", []Status{ErrError}},
	{ErrCallback, "CALLBACK", "a hook of the host failed", []Status{ErrInternal}},
	{ErrPanic, "PANIC", "a bug in hawser was caught at the border", []Status{ErrInternal}},
	{ErrForked, "FORKED", "the engine belongs to the parent process", []Status{ErrInternal}},
}

// A Status says what went wrong. It is an error, too.
type Status int32

func (s Status) row() *statusRow {
	for i := range statuses {
		if statuses[i].status == s {
			return &statuses[i]
		}
	}
	return &statusRow{s, "OK", "no error", nil}
}

// Name is that of C without its HWS_ERR_.
func (s Status) Name() string { return s.row().name }

// Parents are the statuses that it is a kind of, without theirs.
func (s Status) Parents() []Status { return s.row().parents }

func (s Status) Error() string { return "hawser: " + s.row().text }

// Is tells whether it is the target, or a kind of it.
func (s Status) Is(target error) bool {
	for _, parent := range s.Parents() {
		if parent.Is(target) {
			return true
		}
	}
	return s == target
}
