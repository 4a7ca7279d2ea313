// Code generated from include/hawser.h and the status table by HAWSER_BLESS=1 cargo test --test bindings. DO NOT EDIT.

package hawser

// #include "calls.h"
import "C"

import (
	"math"
	"strconv"
	"strings"
	"time"
	"unsafe"
)

// Toggle: on, off, or what is usual.
type Toggle uint32

const (
	Default Toggle = 0
	On      Toggle = 1
	Off     Toggle = 2
)

func (t Toggle) String() string {
	switch t {
	case Default:
		return "DEFAULT"
	case On:
		return "ON"
	case Off:
		return "OFF"
	}
	return "Toggle(" + strconv.Itoa(int(t)) + ")"
}

// Opcode: what a frame is for, RFC 6455 section 11.8.
type Opcode uint32

const (
	// the next fragment of a message begun with SendMore
	Cont   Opcode = 0
	Text   Opcode = 1
	Binary Opcode = 2

	// only seen in errors; sent with Handle.CloseWith
	Close Opcode = 8
	Ping  Opcode = 9
	Pong  Opcode = 10
)

func (o Opcode) String() string {
	switch o {
	case Cont:
		return "CONT"
	case Text:
		return "TEXT"
	case Binary:
		return "BINARY"
	case Close:
		return "CLOSE"
	case Ping:
		return "PING"
	case Pong:
		return "PONG"
	}
	return "Opcode(" + strconv.Itoa(int(o)) + ")"
}

// State: where a connection stands. Errors carry masks: 1 << state.
type State uint32

const (
	StateConnecting State = 0
	StateOpen       State = 1

	// a Close frame was sent or received, or the connection broke
	StateClosing State = 2
	StateClosed  State = 3

	// with ClientOptions.Reconnect: down, and waiting for the next attempt or making it
	StateReconnecting State = 4
)

func (s State) String() string {
	switch s {
	case StateConnecting:
		return "CONNECTING"
	case StateOpen:
		return "OPEN"
	case StateClosing:
		return "CLOSING"
	case StateClosed:
		return "CLOSED"
	case StateReconnecting:
		return "RECONNECTING"
	}
	return "State(" + strconv.Itoa(int(s)) + ")"
}

// LogLevel: how important a line of the log is.
type LogLevel uint32

const (
	LogError LogLevel = 1
	LogWarn  LogLevel = 2
	LogInfo  LogLevel = 3
	LogDebug LogLevel = 4
	LogTrace LogLevel = 5
)

func (l LogLevel) String() string {
	switch l {
	case LogError:
		return "ERROR"
	case LogWarn:
		return "WARN"
	case LogInfo:
		return "INFO"
	case LogDebug:
		return "DEBUG"
	case LogTrace:
		return "TRACE"
	}
	return "LogLevel(" + strconv.Itoa(int(l)) + ")"
}

// Retry: whether trying again could help: Error.Retryable.
type Retry uint32

const (
	RetryNo  Retry = 0
	RetryYes Retry = 1

	// not before RetryAfter
	RetryAfter Retry = 2
)

func (r Retry) String() string {
	switch r {
	case RetryNo:
		return "NO"
	case RetryYes:
		return "YES"
	case RetryAfter:
		return "AFTER"
	}
	return "Retry(" + strconv.Itoa(int(r)) + ")"
}

// Side: who began it: Error.InitiatedBy.
type Side uint32

const (
	SideNeither Side = 0
	SideLocal   Side = 1
	SideRemote  Side = 2
)

func (s Side) String() string {
	switch s {
	case SideNeither:
		return "NEITHER"
	case SideLocal:
		return "LOCAL"
	case SideRemote:
		return "REMOTE"
	}
	return "Side(" + strconv.Itoa(int(s)) + ")"
}

// SendFlags: flags of SendOptions.
type SendFlags uint32

const (
	// more fragments of this message follow
	SendMore SendFlags = 1

	// not to be compressed; of a message in fragments the first decides
	SendRaw SendFlags = 2

	// now, if the connection is open, and first whenever it is open again, until Handle.Forget: a subscription, say.
	// token is its name, and a new message takes the place of one with the same
	SendAgain SendFlags = 8
)

// EventFlags: flags of Event.
type EventFlags uint32

const (
	// EventFragment: the last frame of its message
	FlagFin EventFlags = 1

	// EventMessage, EventFragment: it came compressed
	FlagCompressed EventFlags = 2

	// EventClose: both sides closed with 1000, 1001 or no code
	FlagClean EventFlags = 4

	// EventOpen: it was open before, and has come back
	FlagReconnected EventFlags = 8

	// EventRequest: it asks for no WebSocket, and can only be answered
	FlagPlain EventFlags = 16
)

// Match: how Heartbeat.Answer is compared with a message.
type Match uint32

const (
	// the message is the answer
	MatchExact Match = 0

	// it begins with it
	MatchPrefix Match = 1

	// it has it in it
	MatchContains Match = 2

	// whatever comes will do
	MatchAny Match = 3
)

func (m Match) String() string {
	switch m {
	case MatchExact:
		return "EXACT"
	case MatchPrefix:
		return "PREFIX"
	case MatchContains:
		return "CONTAINS"
	case MatchAny:
		return "ANY"
	}
	return "Match(" + strconv.Itoa(int(m)) + ")"
}

const (
	// no EventPublish event: this came from where those go
	PublishLocal SendFlags = 4
)

// SlowPolicy: what becomes of a connection whose send queue has no room for a message that many get:
// Limits.SlowSubscriber.
type SlowPolicy uint32

const (
	// it goes without
	SlowSkip SlowPolicy = 0

	// it is closed with 1013; the cause is ErrSendQueueFull. A message that is larger than the whole queue closes
	// nobody
	SlowClose SlowPolicy = 1
)

func (s SlowPolicy) String() string {
	switch s {
	case SlowSkip:
		return "SKIP"
	case SlowClose:
		return "CLOSE"
	}
	return "SlowPolicy(" + strconv.Itoa(int(s)) + ")"
}

// Overflow: what becomes of a message for which there is no room.
type Overflow uint32

const (
	// it is not taken from its sender until there is room
	OverflowBackpressure Overflow = 1

	// the oldest go
	OverflowDropOldest Overflow = 2

	// it goes
	OverflowDropNewest Overflow = 3

	// an error
	OverflowError Overflow = 4
)

func (o Overflow) String() string {
	switch o {
	case OverflowBackpressure:
		return "BACKPRESSURE"
	case OverflowDropOldest:
		return "DROP_OLDEST"
	case OverflowDropNewest:
		return "DROP_NEWEST"
	case OverflowError:
		return "ERROR"
	}
	return "Overflow(" + strconv.Itoa(int(o)) + ")"
}

// Replay: when messages are sent again that may not have been read: Reconnect.Replay.
type Replay uint32

const (
	ReplayOff Replay = 0

	// when Handle.Replay is called
	ReplayOnRequest Replay = 1

	// whenever the connection is open again
	ReplayAlways Replay = 2
)

func (r Replay) String() string {
	switch r {
	case ReplayOff:
		return "OFF"
	case ReplayOnRequest:
		return "ON_REQUEST"
	case ReplayAlways:
		return "ALWAYS"
	}
	return "Replay(" + strconv.Itoa(int(r)) + ")"
}

// EventKind: what an event tells, and which of its fields then have a meaning beside kind, user and the handle. The
// missing numbers belong to later work.
type EventKind uint32

const (
	EventNone EventKind = 0

	// Conn, Handshake, and on servers Listener: messages may be sent. With ClientOptions.Reconnect also
	// FlagReconnected, value: how long it was down, in milliseconds, token: how many attempts it took to come back
	EventOpen EventKind = 1

	// Conn, Opcode, Data, FlagCompressed: a whole message
	EventMessage EventKind = 2

	// Conn, Opcode, Data, FlagFin, FlagCompressed: one frame of a message, with Limits.DeliverFragments
	EventFragment EventKind = 3

	// Conn, Data: answered already unless Timers.AutoPong is off; with Limits.DeliverPings
	EventPing EventKind = 4

	// Conn, Data, Token of the ping, Value: round trip in microseconds
	EventPong EventKind = 5

	// Conn, Token: a message has left for the kernel
	EventSent EventKind = 6

	// Conn: after a send was refused, the queue is below its low watermark
	EventWritable EventKind = 7

	// Conn, Status, Err, Value: here messages are missing, Err.Dropped of them; value counts all that the connection
	// has lost so far. See Limits.Overflow
	EventQueue EventKind = 8

	// Conn, Status, Err, FlagClean: the last event of a connection that was open
	EventClose EventKind = 9

	// Conn, Status, Err: the last event of a client that did not open
	EventConnectFailed EventKind = 10

	// Conn, Status, Err, Value: lost, or an attempt has failed, and there will be another in value milliseconds;
	// math.MaxUint64: only if you say so. With ClientOptions.Reconnect
	EventReconnecting EventKind = 11

	// Request, Listener, Handshake, FlagPlain: decide on it, now or later; EventOpen or EventAcceptFailed follows
	EventRequest EventKind = 12

	// Listener, Status, Err, Request if there was one: a client failed to open, or nothing can be accepted for now
	EventAcceptFailed EventKind = 13

	// Listener, Value, Token: the last event of a listener; what value and token count, see Listener.Close
	EventListenerClosed EventKind = 14

	// Conn, Handshake, Token and Value, the id of the pool: Pool.Acquire has led to a connection. Of one that was
	// leased before, handshake has HTTPStatus, subprotocol, peer and uri only
	EventPoolReady EventKind = 15

	// Status, Err, Token and Value, the id of the pool: Pool.Acquire has led to none
	EventPoolFailed EventKind = 16

	// Topic, Opcode, Data: Engine.Publish was called on this engine; with EngineOptions.PublishEvents
	EventPublish EventKind = 20
)

func (e EventKind) String() string {
	switch e {
	case EventNone:
		return "NONE"
	case EventOpen:
		return "OPEN"
	case EventMessage:
		return "MESSAGE"
	case EventFragment:
		return "FRAGMENT"
	case EventPing:
		return "PING"
	case EventPong:
		return "PONG"
	case EventSent:
		return "SENT"
	case EventWritable:
		return "WRITABLE"
	case EventQueue:
		return "QUEUE"
	case EventClose:
		return "CLOSE"
	case EventConnectFailed:
		return "CONNECT_FAILED"
	case EventReconnecting:
		return "RECONNECTING"
	case EventRequest:
		return "REQUEST"
	case EventAcceptFailed:
		return "ACCEPT_FAILED"
	case EventListenerClosed:
		return "LISTENER_CLOSED"
	case EventPoolReady:
		return "POOL_READY"
	case EventPoolFailed:
		return "POOL_FAILED"
	case EventPublish:
		return "PUBLISH"
	}
	return "EventKind(" + strconv.Itoa(int(e)) + ")"
}

// ClientAuth: whether a server asks its clients for certificates.
type ClientAuth uint32

const (
	// it does not
	ClientAuthNone ClientAuth = 0

	// a client may show one; a bad one is refused
	ClientAuthOptional ClientAuth = 1

	// a client without a good one is refused
	ClientAuthRequired ClientAuth = 2
)

func (c ClientAuth) String() string {
	switch c {
	case ClientAuthNone:
		return "AUTH_NONE"
	case ClientAuthOptional:
		return "AUTH_OPTIONAL"
	case ClientAuthRequired:
		return "AUTH_REQUIRED"
	}
	return "ClientAuth(" + strconv.Itoa(int(c)) + ")"
}

// TLSVersion: versions of TLS, as they are on the wire.
type TLSVersion uint32

const (
	TLS12 TLSVersion = 771
	TLS13 TLSVersion = 772
)

func (t TLSVersion) String() string {
	switch t {
	case TLS12:
		return "TLS_1_2"
	case TLS13:
		return "TLS_1_3"
	}
	return "TLSVersion(" + strconv.Itoa(int(t)) + ")"
}

// Header: a header field of HTTP.
type Header struct {
	Name  string
	Value string
}

func (o *Header) fill(c *C.hws_header, m *memory) {
	c.name = m.text(o.Name)
	c.value = m.text(o.Value)
}

func (o *Header) read(c *C.hws_header) {
	readText(&o.Name, &c.name)
	readText(&o.Value, &c.value)
}

// CloseFrame: one Close frame, RFC 6455 section 5.5.1.
type CloseFrame struct {
	// 1005 when the frame had none
	Code   uint32
	Reason string
}

func (o *CloseFrame) read(c *C.hws_close_info) {
	o.Code = uint32(c.code)
	readText(&o.Reason, &c.reason)
}

// Error: everything that is known about a failure. Fields that do not apply are 0, empty, or what their comment says.
type Error struct {
	Status Status

	// what was being done: "connect"
	Operation string

	// of the connection, as 1 << State; 0: no connection
	State uint32

	// mask of the states in which the call would have been legal
	RequiredStates uint32

	// one of Retry
	Retryable Retry

	// errno or WSAGetLastError(), or 0
	OSError int32

	// TLS alert number + 1, or 0
	TLSAlert uint32

	// SOCKS reply + 1, or 0
	SOCKSReply uint32

	// 0: no HTTP response
	HTTPStatus uint32

	// 1: the body was longer than what body holds
	BodyTruncated bool

	// of the frame at fault
	Opcode Opcode

	// of the queue that is full
	Policy Overflow

	// one of Side
	InitiatedBy Side
	Attempts    uint32
	MaxAttempts uint32
	RetryAfter  time.Duration
	Downtime    time.Duration

	// -1: not a timeout
	TimeLimit time.Duration

	// byte offset of the fault in the value or message; -1: none
	Position int64

	// -1: not about a size, or unknown; likewise the next two
	Size         int64
	MaxSize      int64
	CurrentSize  int64
	Fragments    uint64
	MaxFragments uint64

	// of the queue that is full, bytes
	Capacity       uint64
	Dropped        uint64
	MaxConnections uint64
	InUse          uint64

	// monotonic, of the engine
	Time time.Duration
	Conn Handle

	// one line without a line end
	Message string

	// the rule that was broken, or the argument at fault
	Detail string
	URI    string
	Proxy  string

	// where a redirect leads
	Location string

	// address of the peer
	Peer        string
	HTTPMethod  string
	HTTPVersion string
	HTTPReason  string
	HeaderName  string

	// nil: the header is missing, or it is not about one
	HeaderValue    *string
	Origin         string
	ParameterName  string
	ParameterValue string

	// of the HTTP response, in order, repeats kept
	Headers Headers

	// first bytes of the HTTP response's body
	Body      []byte
	CloseRcvd *CloseFrame
	CloseSent *CloseFrame

	// both Close frames: 1 the peer's came first, 0 ours went first; -1: not both
	RcvdThenSent int32

	// the code of the connection, RFC 6455 section 7.1.5: 1006 when none was received
	CloseCode uint32

	// what led to this, or nil
	Cause *Error
}

func (o *Error) read(c *C.hws_error_info) {
	o.Status = Status(c.status)
	if c.operation != 0 {
		o.Operation = C.GoString(C.hws_operation_name(c.operation))
	}
	o.State = uint32(c.state)
	o.RequiredStates = uint32(c.required_states)
	o.Retryable = Retry(c.retryable)
	o.OSError = int32(c.os_error)
	o.TLSAlert = uint32(c.tls_alert)
	o.SOCKSReply = uint32(c.socks_reply)
	o.HTTPStatus = uint32(c.http_status)
	o.BodyTruncated = c.body_truncated != 0
	o.Opcode = Opcode(c.opcode)
	o.Policy = Overflow(c.policy)
	o.InitiatedBy = Side(c.initiated_by)
	o.Attempts = uint32(c.attempts)
	o.MaxAttempts = uint32(c.max_attempts)
	o.RetryAfter = duration(int64(c.retry_after_ms), time.Millisecond)
	o.Downtime = duration(int64(c.downtime_ms), time.Millisecond)
	o.TimeLimit = duration(int64(c.timeout_ms), time.Millisecond)
	o.Position = int64(c.position)
	o.Size = int64(c.size)
	o.MaxSize = int64(c.max_size)
	o.CurrentSize = int64(c.current_size)
	o.Fragments = uint64(c.fragments)
	o.MaxFragments = uint64(c.max_fragments)
	o.Capacity = uint64(c.capacity)
	o.Dropped = uint64(c.dropped)
	o.MaxConnections = uint64(c.max_connections)
	o.InUse = uint64(c.in_use)
	o.Time = duration(int64(c.time_ms), time.Millisecond)
	o.Conn = Handle{uint64(c.conn.id)}
	readText(&o.Message, &c.message)
	readText(&o.Detail, &c.detail)
	readText(&o.URI, &c.uri)
	readText(&o.Proxy, &c.proxy)
	readText(&o.Location, &c.location)
	readText(&o.Peer, &c.peer)
	readText(&o.HTTPMethod, &c.http_method)
	readText(&o.HTTPVersion, &c.http_version)
	readText(&o.HTTPReason, &c.http_reason)
	readText(&o.HeaderName, &c.header_name)
	if c.header_value.ptr != nil {
		o.HeaderValue = new(string)
		readText(o.HeaderValue, &c.header_value)
	}
	readText(&o.Origin, &c.origin)
	readText(&o.ParameterName, &c.parameter_name)
	readText(&o.ParameterValue, &c.parameter_value)
	o.Headers = list(&c.headers, c.header_count, (*Header).read)
	readBytes(&o.Body, &c.body)
	if c.close_rcvd.present != 0 {
		o.CloseRcvd = new(CloseFrame)
		o.CloseRcvd.read(&c.close_rcvd)
	}
	if c.close_sent.present != 0 {
		o.CloseSent = new(CloseFrame)
		o.CloseSent.read(&c.close_sent)
	}
	o.RcvdThenSent = int32(c.rcvd_then_sent)
	o.CloseCode = uint32(c.close_code)
	o.Cause = read(c.cause, (*Error).read)
}

// Raise: an error of a binding's own. Zero is what is not known; status is needed.
type Raise struct {
	// ErrInvalidMessageData: a message could not be decoded. ErrCallback: a function of the host's that the binding has
	// called failed
	Status Status

	// whose message it was; it may be closed by now
	Conn Handle

	// what is wrong, for people; line ends become spaces, and what is beyond 4096 bytes is left out
	Detail string

	// of the message: Text or Binary; 0: it is not about a message
	Opcode Opcode

	// 1: position is known
	HasPosition uint32

	// byte offset of the fault in the message
	Position uint64

	// bytes in the message, if opcode says that there is one
	Size uint64
}

func (o *Raise) fill(c *C.hws_raise, m *memory) {
	c.struct_size = C.uint32_t(C.sizeof_hws_raise)
	c.status = C.hws_status(o.Status)
	c.conn = o.Conn.c()
	c.detail = m.text(o.Detail)
	c.opcode = C.hws_opcode(o.Opcode)
	c.has_position = C.uint32_t(o.HasPosition)
	c.position = C.uint64_t(o.Position)
	c.size = C.uint64_t(o.Size)
}

// EngineOptions: how an engine is made. Zero is the default.
type EngineOptions struct {
	// of the header; 0 skips the check
	ABIVersion uint32

	// connections at a time; default and most: 1048576
	MaxConnections uint32

	// payload bytes that one batch may lend, and that Handle.Recv of one connection puts by of others, roughly; default
	// 4 MiB. A batch that lends 256 KiB ends all the same, as that is what a processor's cache holds; the rest comes
	// with the next
	EventMemoryMax uint64

	// bytes of compressors that connections may keep between messages; default 64 MiB. Over it they share one, and each
	// message is compressed by itself
	CompressionMemoryMax uint64

	// an engine whose topics the new one shares: what is published to either reaches the subscribers of both; default
	// topics of its own
	ShareTopics *Engine

	// each Engine.Publish to this engine is an EventPublish event of it, too; default off. Those that wait are bounded
	// by EventMemoryMax
	PublishEvents Toggle

	// a thread of the library's own does all work, and Engine.Poll and Handle.Recv only take events; default off. See
	// NewEngine
	IOThread Toggle
}

func (o *EngineOptions) fill(c *C.hws_engine_options, m *memory) {
	c.struct_size = C.uint32_t(C.sizeof_hws_engine_options)
	c.abi_version = C.uint32_t(o.ABIVersion)
	c.max_connections = C.uint32_t(o.MaxConnections)
	c.event_memory_max = C.uint64_t(o.EventMemoryMax)
	c.compression_memory_max = C.uint64_t(o.CompressionMemoryMax)
	if o.ShareTopics != nil {
		c.share_topics = o.ShareTopics.c()
	}
	c.publish_events = C.hws_toggle(o.PublishEvents)
	c.io_thread = C.hws_toggle(o.IOThread)
}

// Handshake: what was asked and answered in the opening handshake, RFC 6455 section 4.
type Handshake struct {
	HTTPStatus uint32
	Method     string
	Target     string
	Host       string
	Origin     string

	// the one that was agreed, or empty
	Subprotocol string

	// those that were agreed, with their parameters: "permessage-deflate; server_max_window_bits=12"
	Extensions string

	// address of the peer
	Peer string

	// by the client
	SubprotocolsOffered []string

	// what the peer sent, in order, repeats kept
	Headers Headers

	// clients: where the connection leads, after redirects
	URI string

	// servers: who was let in by ServerOptions.Credentials
	User string

	// "TLSv1.3"; empty without TLS, like all that follows
	TLSVersion string

	// as IANA has it, "TLS_AES_128_GCM_SHA256"
	TLSCipher string

	// the name that the client asked for (SNI)
	TLSServerName string

	// the protocol that was agreed by ALPN
	TLSALPN string

	// whom the peer's certificate is for, RFC 4514: "CN=alice,O=Example"
	TLSSubject string

	// the peer's certificate, DER
	TLSCertificate []byte

	// 1: an earlier session was resumed
	TLSResumed bool

	// servers: why an offer of an extension was declined, the first that was; nil if none was. The connection is open
	// all the same
	ExtensionDeclined *Error

	// servers with routes: the pattern of the one it was
	Route string

	// what the variable parts of the pattern stand for, by name, percent-decoded; "*" is the name of the rest
	Params Headers
}

func (o *Handshake) read(c *C.hws_handshake) {
	o.HTTPStatus = uint32(c.http_status)
	readText(&o.Method, &c.method)
	readText(&o.Target, &c.target)
	readText(&o.Host, &c.host)
	readText(&o.Origin, &c.origin)
	readText(&o.Subprotocol, &c.subprotocol)
	readText(&o.Extensions, &c.extensions)
	readText(&o.Peer, &c.peer)
	o.SubprotocolsOffered = list(&c.subprotocols_offered, c.subprotocol_count, readText)
	o.Headers = list(&c.headers, c.header_count, (*Header).read)
	readText(&o.URI, &c.uri)
	readText(&o.User, &c.user)
	readText(&o.TLSVersion, &c.tls_version)
	readText(&o.TLSCipher, &c.tls_cipher)
	readText(&o.TLSServerName, &c.tls_server_name)
	readText(&o.TLSALPN, &c.tls_alpn)
	readText(&o.TLSSubject, &c.tls_subject)
	readBytes(&o.TLSCertificate, &c.tls_certificate)
	o.TLSResumed = c.tls_resumed != 0
	o.ExtensionDeclined = read(c.extension_declined, (*Error).read)
	readText(&o.Route, &c.route)
	o.Params = list(&c.params, c.param_count, (*Header).read)
}

// Event: one event. Its EventKind says which fields have a meaning.
type Event struct {
	Kind EventKind

	// FlagFin and its kin
	Flags EventFlags
	Conn  Handle

	// where it happened, or where the connection came from
	Listener Listener
	Request  Request

	// what was attached to the connection, or listener, when the event was made
	User   uint64
	Token  uint64
	Value  uint64
	Status Status
	Opcode Opcode
	Data   []byte

	// never nil where the kind has an error
	Err       *Error
	Handshake *Handshake
	Topic     string
}

func (o *Event) read(c *C.hws_event) {
	o.Kind = EventKind(c.kind)
	o.Flags = EventFlags(c.flags)
	o.Conn = Handle{uint64(c.conn.id)}
	o.Listener = Listener{uint64(c.listener.id)}
	o.Request = Request{uint64(c.request.id)}
	o.User = uint64(c.user)
	o.Token = uint64(c.token)
	o.Value = uint64(c.value)
	o.Status = Status(c.status)
	o.Opcode = Opcode(c.opcode)
	readBytes(&o.Data, &c.data)
	o.Err = read(c.error, (*Error).read)
	o.Handshake = read(c.handshake, (*Handshake).read)
	readText(&o.Topic, &c.topic)
}

// Timers: deadlines: 0 is the default, Never is none.
type Timers struct {
	// answer pings; default on
	AutoPong Toggle

	// from the call, or from accepting, to the end of the opening handshake, whatever happens; default 10 s
	Open time.Duration

	// from the beginning of the closing handshake to the end of TCP; default 10 s
	Close time.Duration

	// for a send queue of which nothing leaves; default 60 s
	Send time.Duration

	// without a message in either direction; default never. Rests while the connection is not read because its queue is
	// full
	Idle time.Duration

	// between keepalive pings; default 20 s. Rests while the connection is paused, or is not read because its queue is
	// full
	PingInterval time.Duration

	// for the answer to one; default 20 s
	PingTimeout time.Duration
}

func (o *Timers) fill(c *C.hws_timers, m *memory) {
	c.struct_size = C.uint32_t(C.sizeof_hws_timers)
	c.auto_pong = C.hws_toggle(o.AutoPong)
	c.open_ms = C.int32_t(units(o.Open, time.Millisecond))
	c.close_ms = C.int32_t(units(o.Close, time.Millisecond))
	c.send_ms = C.int32_t(units(o.Send, time.Millisecond))
	c.idle_ms = C.int32_t(units(o.Idle, time.Millisecond))
	c.ping_interval_ms = C.int32_t(units(o.PingInterval, time.Millisecond))
	c.ping_timeout_ms = C.int32_t(units(o.PingTimeout, time.Millisecond))
}

func (o *Timers) read(c *C.hws_timers) {
	o.AutoPong = Toggle(c.auto_pong)
	o.Open = duration(int64(c.open_ms), time.Millisecond)
	o.Close = duration(int64(c.close_ms), time.Millisecond)
	o.Send = duration(int64(c.send_ms), time.Millisecond)
	o.Idle = duration(int64(c.idle_ms), time.Millisecond)
	o.PingInterval = duration(int64(c.ping_interval_ms), time.Millisecond)
	o.PingTimeout = duration(int64(c.ping_timeout_ms), time.Millisecond)
}

// Limits: what may be received and queued. Zero is the default.
type Limits struct {
	// deliver EventFragment events, each frame up to FrameMax, instead of whole messages; default off
	DeliverFragments Toggle

	// deliver EventPing events, and EventPong events for pongs that answer no ping of yours; default off
	DeliverPings Toggle

	// frames in one message, the empty ones too; default 4096
	FragmentsMax uint32

	// bytes in one received message; default 1 MiB
	MessageMax uint64

	// bytes in one received frame; default MessageMax
	FrameMax uint64

	// high watermark of the send queue, bytes; sends over it are refused, and nothing is read; default 16 MiB
	SendQueueMax uint64

	// low watermark: EventWritable follows a refused send when the queue is not above it; default a quarter of the max
	SendQueueLow uint64

	// bytes in an HTTP head; default 64 KiB
	HeadMax uint64

	// bytes in the body of an HTTP response that refuses; default 1 MiB
	BodyMax uint64

	// topics that a connection may subscribe to; default 1024
	SubscriptionsMax uint32

	// one of SlowPolicy; default SlowSkip
	SlowSubscriber SlowPolicy

	// bytes a second at which a frame must come once it has begun, measured over 30 s; a peer that is slower is cut off
	// with ErrRecvTimeout and 1008. Time in which nothing is read from it does not count; default 32, math.MaxUint64
	// none
	ReceiveRateMin uint64

	// messages (or fragments) of a connection that may wait for you beyond a batch: what Handle.Recv has put by, what
	// is read on (see Overflow), and with EngineOptions.IOThread everything; default 1024
	RecvQueueMessages uint32

	// one of Overflow: what becomes of more; default OverflowBackpressure
	Overflow Overflow

	// bytes in the messages that wait; default 4 MiB. One message may always wait, whatever its size
	RecvQueueMax uint64
}

func (o *Limits) fill(c *C.hws_limits, m *memory) {
	c.struct_size = C.uint32_t(C.sizeof_hws_limits)
	c.deliver_fragments = C.hws_toggle(o.DeliverFragments)
	c.deliver_pings = C.hws_toggle(o.DeliverPings)
	c.fragments_max = C.uint32_t(o.FragmentsMax)
	c.message_max = C.uint64_t(o.MessageMax)
	c.frame_max = C.uint64_t(o.FrameMax)
	c.send_queue_max = C.uint64_t(o.SendQueueMax)
	c.send_queue_low = C.uint64_t(o.SendQueueLow)
	c.head_max = C.uint64_t(o.HeadMax)
	c.body_max = C.uint64_t(o.BodyMax)
	c.subscriptions_max = C.uint32_t(o.SubscriptionsMax)
	c.slow_subscriber = C.uint32_t(o.SlowSubscriber)
	c.receive_rate_min = C.uint64_t(o.ReceiveRateMin)
	c.recv_queue_messages = C.uint32_t(o.RecvQueueMessages)
	c.overflow = C.uint32_t(o.Overflow)
	c.recv_queue_max = C.uint64_t(o.RecvQueueMax)
}

func (o *Limits) read(c *C.hws_limits) {
	o.DeliverFragments = Toggle(c.deliver_fragments)
	o.DeliverPings = Toggle(c.deliver_pings)
	o.FragmentsMax = uint32(c.fragments_max)
	o.MessageMax = uint64(c.message_max)
	o.FrameMax = uint64(c.frame_max)
	o.SendQueueMax = uint64(c.send_queue_max)
	o.SendQueueLow = uint64(c.send_queue_low)
	o.HeadMax = uint64(c.head_max)
	o.BodyMax = uint64(c.body_max)
	o.SubscriptionsMax = uint32(c.subscriptions_max)
	o.SlowSubscriber = SlowPolicy(c.slow_subscriber)
	o.ReceiveRateMin = uint64(c.receive_rate_min)
	o.RecvQueueMessages = uint32(c.recv_queue_messages)
	o.Overflow = Overflow(c.overflow)
	o.RecvQueueMax = uint64(c.recv_queue_max)
}

// Compression: compression of messages, permessage-deflate (RFC 7692). Zero is the default: clients offer it, servers
// grant it. An idle connection costs nothing for it, nor does one whose messages are short. A compressor takes 164 KiB
// with the default window and memory level and 374 KiB with the largest; it stays with a connection that has compressed
// until it closes (see EngineOptions.CompressionMemoryMax), unless there is no context takeover. What a connection
// receives compressed costs it the peer's window, 4 KiB by default, and no more than came.
type Compression struct {
	// default on
	Enabled Toggle

	// 1, fast, to 9, small; default 1
	Level uint32

	// shorter messages, or first fragments, are sent as they are, bytes; default 128
	MinSize uint32

	// 1 to 9: the memory of a compressor beside its window; default 5
	MemoryLevel uint32

	// 8 to 15, the bits of the window that clients compress with: a server asks for it where it may, a client keeps it;
	// default 12
	ClientMaxWindowBits uint32

	// the same for servers: a client asks for it, a server keeps it; default 12 in a server, not asked for in a client
	ServerMaxWindowBits uint32

	// clients begin each message with an empty window; default off
	ClientNoContextTakeover Toggle

	// servers do; default off
	ServerNoContextTakeover Toggle
}

func (o *Compression) fill(c *C.hws_compression, m *memory) {
	c.struct_size = C.uint32_t(C.sizeof_hws_compression)
	c.enabled = C.hws_toggle(o.Enabled)
	c.level = C.uint32_t(o.Level)
	c.min_size = C.uint32_t(o.MinSize)
	c.memory_level = C.uint32_t(o.MemoryLevel)
	c.client_max_window_bits = C.uint32_t(o.ClientMaxWindowBits)
	c.server_max_window_bits = C.uint32_t(o.ServerMaxWindowBits)
	c.client_no_context_takeover = C.hws_toggle(o.ClientNoContextTakeover)
	c.server_no_context_takeover = C.hws_toggle(o.ServerNoContextTakeover)
}

func (o *Compression) read(c *C.hws_compression) {
	o.Enabled = Toggle(c.enabled)
	o.Level = uint32(c.level)
	o.MinSize = uint32(c.min_size)
	o.MemoryLevel = uint32(c.memory_level)
	o.ClientMaxWindowBits = uint32(c.client_max_window_bits)
	o.ServerMaxWindowBits = uint32(c.server_max_window_bits)
	o.ClientNoContextTakeover = Toggle(c.client_no_context_takeover)
	o.ServerNoContextTakeover = Toggle(c.server_no_context_takeover)
}

// Reconnect: how a client comes back when its connection is lost, or cannot be opened yet. EventReconnecting tells of
// every loss and every attempt that has failed, EventOpen with FlagReconnected that it is back: under the same handle,
// with its user value and its subscriptions. Error.Retryable decides whether it tries again; a peer that closes with
// 1000 or no code has finished. A 1013 and a Retry-After put off the next attempt. Zero is the default; see
// docs/Reconnect.md.
type Reconnect struct {
	// default on
	Enabled Toggle

	// attempts after the first; default 0: no limit. After the last ErrReconnectExhausted is the error of the last
	// event
	MaxAttempts uint32

	// the delay before an attempt is chosen by chance, up to a ceiling: that of the first; default 1 s
	BackoffMin time.Duration

	// and that of all, but for what a peer asks for; default 60 s
	BackoffMax time.Duration

	// the ceiling of an attempt in hundredths of that of the attempt before; default 200, at least 100
	BackoffPercent uint32

	// how much of the ceiling chance decides, in hundredths of it; default 100: all, NoJitter: nothing
	JitterPercent uint32

	// down for so long, it gives up with ErrReconnectExhausted; default never
	DowntimeMax time.Duration

	// for each attempt, the first included; default Timers.Open
	Attempt time.Duration

	// open for so long, the attempts before are forgotten; default 60 s
	Stable time.Duration

	// open for so long, it is closed with 1000 and opened anew; up to a tenth earlier, by chance; default never
	MaxAge time.Duration

	// a permanent cause raises EventReconnecting with value math.MaxUint64, and ends the connection with
	// ErrReconnectRefused unless Handle.Reconnect is called within this time; default none: it ends the connection at
	// once
	Ask time.Duration

	// one of Overflow but OverflowBackpressure; default OverflowError: ErrBufferOverflow
	BufferOverflow Overflow

	// one of Replay; default ReplayOff
	Replay Replay

	// bytes of messages that may be sent while the connection is not open, to leave when it is; each counts for 64
	// bytes more than it has, as in the next two. Default 0: such sends are refused
	BufferMax uint64

	// with replay: bytes of messages that may be kept until the peer is known to have read them; the oldest go. Default
	// 1 MiB
	ReplayMax uint64

	// bytes of what is sent with SendAgain; default 1 MiB, and 1024 messages
	AgainMax uint64
}

func (o *Reconnect) fill(c *C.hws_reconnect, m *memory) {
	c.struct_size = C.uint32_t(C.sizeof_hws_reconnect)
	c.enabled = C.hws_toggle(o.Enabled)
	c.max_attempts = C.uint32_t(o.MaxAttempts)
	c.backoff_min_ms = C.int32_t(units(o.BackoffMin, time.Millisecond))
	c.backoff_max_ms = C.int32_t(units(o.BackoffMax, time.Millisecond))
	c.backoff_percent = C.uint32_t(o.BackoffPercent)
	c.jitter_percent = C.uint32_t(o.JitterPercent)
	c.downtime_max_ms = C.int32_t(units(o.DowntimeMax, time.Millisecond))
	c.attempt_ms = C.int32_t(units(o.Attempt, time.Millisecond))
	c.stable_ms = C.int32_t(units(o.Stable, time.Millisecond))
	c.max_age_ms = C.int32_t(units(o.MaxAge, time.Millisecond))
	c.ask_ms = C.int32_t(units(o.Ask, time.Millisecond))
	c.buffer_overflow = C.uint32_t(o.BufferOverflow)
	c.replay = C.uint32_t(o.Replay)
	c.buffer_max = C.uint64_t(o.BufferMax)
	c.replay_max = C.uint64_t(o.ReplayMax)
	c.again_max = C.uint64_t(o.AgainMax)
}

func (o *Reconnect) read(c *C.hws_reconnect) {
	o.Enabled = Toggle(c.enabled)
	o.MaxAttempts = uint32(c.max_attempts)
	o.BackoffMin = duration(int64(c.backoff_min_ms), time.Millisecond)
	o.BackoffMax = duration(int64(c.backoff_max_ms), time.Millisecond)
	o.BackoffPercent = uint32(c.backoff_percent)
	o.JitterPercent = uint32(c.jitter_percent)
	o.DowntimeMax = duration(int64(c.downtime_max_ms), time.Millisecond)
	o.Attempt = duration(int64(c.attempt_ms), time.Millisecond)
	o.Stable = duration(int64(c.stable_ms), time.Millisecond)
	o.MaxAge = duration(int64(c.max_age_ms), time.Millisecond)
	o.Ask = duration(int64(c.ask_ms), time.Millisecond)
	o.BufferOverflow = Overflow(c.buffer_overflow)
	o.Replay = Replay(c.replay)
	o.BufferMax = uint64(c.buffer_max)
	o.ReplayMax = uint64(c.replay_max)
	o.AgainMax = uint64(c.again_max)
}

// Preset: what GetPreset gives.
type Preset struct {
	Timers      *Timers
	Limits      *Limits
	Compression *Compression
	Reconnect   *Reconnect
}

func (o *Preset) fill(c *C.hws_preset, m *memory) {
	c.struct_size = C.uint32_t(C.sizeof_hws_preset)
	c.timers = pointer(m, o.Timers, (*Timers).fill)
	c.limits = pointer(m, o.Limits, (*Limits).fill)
	c.compression = pointer(m, o.Compression, (*Compression).fill)
	c.reconnect = pointer(m, o.Reconnect, (*Reconnect).fill)
}

func (o *Preset) read(c *C.hws_preset) {
	o.Timers = read(c.timers, (*Timers).read)
	o.Limits = read(c.limits, (*Limits).read)
	o.Compression = read(c.compression, (*Compression).read)
	o.Reconnect = read(c.reconnect, (*Reconnect).read)
}

// ReconnectOptions: when and where a connection is opened again. Zero is the default.
type ReconnectOptions struct {
	// default 0: now; Never: not until this is called again
	After time.Duration

	// of the Close frame, if it is open; default 1000
	Code   uint32
	Reason string

	// where to, from now on; default where it went before. To another scheme, host or port go neither credentials, nor
	// header fields but those given here, nor ConnectTo, ServerName and certificate
	URI string

	// from now on in place of those of the same names: a fresh token, say
	Headers Headers
}

func (o *ReconnectOptions) fill(c *C.hws_reconnect_options, m *memory) {
	c.struct_size = C.uint32_t(C.sizeof_hws_reconnect_options)
	c.after_ms = C.int32_t(units(o.After, time.Millisecond))
	c.code = C.uint32_t(o.Code)
	c.reason = m.text(o.Reason)
	c.uri = m.text(o.URI)
	c.headers, c.header_count = array(m, o.Headers, (*Header).fill)
}

// Certificate: a certificate chain, the leaf first, and its private key: PEM, in a file or in memory; memory wins. Keys
// are PKCS #8, PKCS #1 or SEC 1, of RSA, ECDSA or Ed25519.
type Certificate struct {
	CertFile string
	KeyFile  string
	CertPEM  []byte
	KeyPEM   []byte
}

func (o *Certificate) fill(c *C.hws_certificate, m *memory) {
	c.cert_file = m.text(o.CertFile)
	c.key_file = m.text(o.KeyFile)
	c.cert_pem = m.bytes(o.CertPEM)
	c.key_pem = m.bytes(o.KeyPEM)
}

// TLS: how a client checks servers, and how either side shows who it is. Zero is the default. Files are read during the
// call that is given this.
type TLS struct {
	// TLS12, the default, or TLS13
	MinVersion TLSVersion

	// keep sessions, so that later connections of the engine open faster; default on
	Resumption Toggle

	// clients: also trust the roots that the system trusts; default off
	SystemRoots Toggle

	// clients: trust the roots bundled with the library, those of Mozilla; default on unless CAFile or CAPEM is set
	BundledRoots Toggle

	// clients: on accepts every certificate, so that anybody on the way can read and change everything; default off
	DangerousSkipVerification Toggle

	// servers: one of ClientAuth; needs CAFile or CAPEM. See Handshake.TLSSubject
	ClientAuth ClientAuth

	// PEM of the roots to trust: clients for servers, servers for clients
	CAFile string
	CAPEM  []byte

	// who we are: needed by servers, and by clients where servers ask
	Certificate Certificate

	// servers: further ones, chosen by the name that a client asks for (SNI)
	MoreCertificates []Certificate

	// clients: the name to ask for and to expect in the certificate; default the host of the URI
	ServerName string

	// protocols for ALPN (RFC 7301), the preferred one first; default none
	ALPN []string

	// secrets are appended to this file, in the format of SSLKEYLOGFILE, for Wireshark; whoever has it can read all
	KeyLogFile string
}

func (o *TLS) fill(c *C.hws_tls, m *memory) {
	c.struct_size = C.uint32_t(C.sizeof_hws_tls)
	c.min_version = C.uint32_t(o.MinVersion)
	c.resumption = C.hws_toggle(o.Resumption)
	c.system_roots = C.hws_toggle(o.SystemRoots)
	c.bundled_roots = C.hws_toggle(o.BundledRoots)
	c.dangerous_skip_verification = C.hws_toggle(o.DangerousSkipVerification)
	c.client_auth = C.uint32_t(o.ClientAuth)
	c.ca_file = m.text(o.CAFile)
	c.ca_pem = m.bytes(o.CAPEM)
	o.Certificate.fill(&c.certificate, m)
	c.more_certificates, c.more_certificate_count = array(m, o.MoreCertificates, (*Certificate).fill)
	c.server_name = m.text(o.ServerName)
	c.alpn, c.alpn_count = array(m, o.ALPN, fillText)
	c.key_log_file = m.text(o.KeyLogFile)
}

// Socket: options of sockets. Zero is the default.
type Socket struct {
	// TCP_NODELAY: small messages leave at once; default on
	Nodelay Toggle

	// TCP's own keep-alive; default off, for the pings of Timers.PingInterval see further
	Keepalive Toggle

	// seconds of silence before the first probe; default the system's
	KeepaliveIdle time.Duration

	// seconds between probes; default the system's
	KeepaliveInterval time.Duration

	// probes without an answer that end the connection; default the system's
	KeepaliveCount uint32

	// SO_RCVBUF and SO_SNDBUF, bytes; default the system's, which adapts itself
	RecvBuffer uint32
	SendBuffer uint32

	// clients: the local address to connect from, "192.0.2.1" or with a port
	LocalAddress string
}

func (o *Socket) fill(c *C.hws_socket, m *memory) {
	c.struct_size = C.uint32_t(C.sizeof_hws_socket)
	c.nodelay = C.hws_toggle(o.Nodelay)
	c.keepalive = C.hws_toggle(o.Keepalive)
	c.keepalive_idle_s = C.uint32_t(units(o.KeepaliveIdle, time.Second))
	c.keepalive_interval_s = C.uint32_t(units(o.KeepaliveInterval, time.Second))
	c.keepalive_count = C.uint32_t(o.KeepaliveCount)
	c.recv_buffer = C.uint32_t(o.RecvBuffer)
	c.send_buffer = C.uint32_t(o.SendBuffer)
	c.local_address = m.text(o.LocalAddress)
}

// Heartbeat: a message of your own that the peer must answer: for servers that know no pings, or to notice a program
// that hangs behind a library or proxy that answers pings for it. Zero is the default; message and answer are needed.
//
// One at a time is on its way, and none inside a fragmented message of yours; it goes uncompressed. Without an answer
// in time the connection is closed with 1011: ErrClosedError because of ErrPingTimeout, whose detail says heartbeat. It
// rests while the connection is paused. Heartbeats and their answers count as messages in Stats, and the round trip is
// RTT; Timers.Idle does not count those that you do not see.
type Heartbeat struct {
	// Text or Binary; default Text
	Opcode Opcode

	// what is sent, up to 64 KiB; text is UTF-8
	Message []byte

	// what answers it, up to 64 KiB, in a text or binary message; with DeliverFragments, in one of a single frame. None
	// with MatchAny, and none needed where TimeLimit is Never
	Answer []byte

	// one of Match; default MatchExact
	Matching Match

	// answers are EventMessage events, too; default off, but always on with MatchAny. Only as many messages as were
	// asked for are taken for answers
	Deliver Toggle

	// from one heartbeat to the next; default 20 s, Never: none
	Interval time.Duration

	// for the answer to one; default 20 s. Never: none is waited for, and each interval sends another
	Timeout time.Duration
}

func (o *Heartbeat) fill(c *C.hws_heartbeat, m *memory) {
	c.struct_size = C.uint32_t(C.sizeof_hws_heartbeat)
	c.opcode = C.hws_opcode(o.Opcode)
	c.message = m.bytes(o.Message)
	c.answer = m.bytes(o.Answer)
	c.matching = C.uint32_t(o.Matching)
	c.deliver = C.hws_toggle(o.Deliver)
	c.interval_ms = C.int32_t(units(o.Interval, time.Millisecond))
	c.timeout_ms = C.int32_t(units(o.Timeout, time.Millisecond))
}

// ClientOptions: what a client asks for. Zero is the default; uri is needed.
type ClientOptions struct {
	// fail with ErrSubprotocol unless the server agrees to one; default off
	SubprotocolRequired Toggle

	// ws[s]://[user:password@]host[:port][/path][?query], RFC 6455 section 3
	URI string

	// the Origin header; default none
	Origin string

	// the User-Agent header; default "hawser/VERSION"
	UserAgent string

	// to be offered, the preferred one first
	Subprotocols []string

	// further fields of the request
	Headers Headers

	// comes back in every event of the connection
	User uint64

	// may be nil
	Limits *Limits

	// may be nil
	Timers *Timers

	// for wss; may be nil
	TLS *TLS

	// for https proxies; default: whom tls trusts, without its certificate, ServerName and alpn
	ProxyTLS *TLS

	// may be nil
	Socket *Socket

	// "http://[user:password@]host:port", or https, socks4, socks4a, socks5, socks5h (here the proxy looks the name
	// up); default none
	Proxy string

	// take the proxy from the environment: wss_proxy, https_proxy, all_proxy, no_proxy and their kin; default off
	ProxyFromEnv Toggle

	// redirects to follow, RFC 6455 section 4.1, up to 100; default 0: a redirect is an error
	MaxRedirects uint32

	// connect there instead of to the host of the URI: "127.0.0.1:9001", "unix:/path", "unix:@name" (Linux, abstract).
	// Redirects to other hosts do not go there
	ConnectTo string

	// for Basic authentication (RFC 7617); default those of the URI, "ws://user:password@host"
	BasicUser     string
	BasicPassword string

	// may be nil
	Compression *Compression

	// may be nil: none
	Heartbeat *Heartbeat

	// come back when the connection is lost, or cannot be opened yet; default nil: do not
	Reconnect *Reconnect
}

func (o *ClientOptions) fill(c *C.hws_client_options, m *memory) {
	c.struct_size = C.uint32_t(C.sizeof_hws_client_options)
	c.subprotocol_required = C.hws_toggle(o.SubprotocolRequired)
	c.uri = m.text(o.URI)
	c.origin = m.text(o.Origin)
	c.user_agent = m.text(o.UserAgent)
	c.subprotocols, c.subprotocol_count = array(m, o.Subprotocols, fillText)
	c.headers, c.header_count = array(m, o.Headers, (*Header).fill)
	c.user = C.uint64_t(o.User)
	c.limits = pointer(m, o.Limits, (*Limits).fill)
	c.timers = pointer(m, o.Timers, (*Timers).fill)
	c.tls = pointer(m, o.TLS, (*TLS).fill)
	c.proxy_tls = pointer(m, o.ProxyTLS, (*TLS).fill)
	c.socket = pointer(m, o.Socket, (*Socket).fill)
	c.proxy = m.text(o.Proxy)
	c.proxy_from_env = C.hws_toggle(o.ProxyFromEnv)
	c.max_redirects = C.uint32_t(o.MaxRedirects)
	c.connect_to = m.text(o.ConnectTo)
	c.basic_user = m.text(o.BasicUser)
	c.basic_password = m.text(o.BasicPassword)
	c.compression = pointer(m, o.Compression, (*Compression).fill)
	c.heartbeat = pointer(m, o.Heartbeat, (*Heartbeat).fill)
	c.reconnect = pointer(m, o.Reconnect, (*Reconnect).fill)
}

// Response: a response of HTTP that opens no WebSocket.
type Response struct {
	// 200 to 599
	Status uint32

	// beside Content-Length and Connection: close, which are added; Content-Type is "text/plain; charset=utf-8" unless
	// it is here
	Headers Headers
	Body    []byte
}

func (o *Response) fill(c *C.hws_response, m *memory) {
	c.struct_size = C.uint32_t(C.sizeof_hws_response)
	c.status = C.uint32_t(o.Status)
	c.headers, c.header_count = array(m, o.Headers, (*Header).fill)
	c.body = m.bytes(o.Body)
}

// Route: what is answered on a path, or on many. Zero is what the server's options say; pattern is needed.
type Route struct {
	// EventRequest events for what comes here, also for plain HTTP requests (FlagPlain): Request.Accept or
	// Request.Respond answers them, within Timers.Open of the server; default off
	Decide Toggle

	// "/chat/:room": a segment that begins with a colon is any one segment, and Handshake.Params has it. "/files/*":
	// the rest of the path, whatever it is, also none; "*": every path. Of several that match, the one that says more
	// wins, whatever their order. Paths are compared as they are: case, slashes and escapes count. Up to 256 segments
	Pattern string

	// no WebSocket: every GET and HEAD gets this page, without an event; may be nil
	Page *Response

	// of its connections, until Handle.SetUser, and of its EventRequest events
	User uint64

	// as in ServerOptions, whose own hold where this has none
	Subprotocols        []string
	Origins             []string
	OriginRequired      Toggle
	SubprotocolRequired Toggle
	Credentials         []string
	Realm               string

	// connections of this route at a time; default no limit but the server's. More are answered 503
	MaxConnections uint32
	Limits         *Limits
	Timers         *Timers
	Compression    *Compression

	// may be nil; Interval Never: none here
	Heartbeat *Heartbeat
}

func (o *Route) fill(c *C.hws_route, m *memory) {
	c.struct_size = C.uint32_t(C.sizeof_hws_route)
	c.decide = C.hws_toggle(o.Decide)
	c.pattern = m.text(o.Pattern)
	c.page = pointer(m, o.Page, (*Response).fill)
	c.user = C.uint64_t(o.User)
	c.subprotocols, c.subprotocol_count = array(m, o.Subprotocols, fillText)
	c.origins, c.origin_count = array(m, o.Origins, fillText)
	c.origin_required = C.hws_toggle(o.OriginRequired)
	c.subprotocol_required = C.hws_toggle(o.SubprotocolRequired)
	c.credentials, c.credential_count = array(m, o.Credentials, fillText)
	c.realm = m.text(o.Realm)
	c.max_connections = C.uint32_t(o.MaxConnections)
	c.limits = pointer(m, o.Limits, (*Limits).fill)
	c.timers = pointer(m, o.Timers, (*Timers).fill)
	c.compression = pointer(m, o.Compression, (*Compression).fill)
	c.heartbeat = pointer(m, o.Heartbeat, (*Heartbeat).fill)
}

// ServerOptions: what a server listens on and admits. Zero is the default; bind is needed.
type ServerOptions struct {
	// connections that may wait to be accepted; default 4096, the system may cap it
	Backlog uint32

	// "127.0.0.1:9001", "[::1]:0"; port 0 is a free one, see Listener.Addr. "unix:/path" (a stale socket there is
	// replaced) and on Linux "unix:@name", which is in no directory. "fd:3" is a socket that this process was given:
	// TCP or unix, bound, perhaps listening (then a backlog of 0 leaves it as it is). It belongs to the library after a
	// success; others may hold it too, and take over what waits there when this listener is closed
	Bind string

	// the Server header; default "hawser/VERSION"
	Server string

	// what the server speaks, the preferred one first
	Subprotocols []string

	// origins that are admitted, "https://example.com"; default any. Set it if browsers send you cookies
	Origins []string

	// refuse requests without an Origin header, which browsers always send; default off
	OriginRequired Toggle

	// refuse clients that offer none of subprotocols; default off
	SubprotocolRequired Toggle

	// connections of this listener at a time; default the engine's. More are answered 503
	MaxConnections uint32

	// comes back in the listener's events, and in those of its connections until Handle.SetUser
	User uint64

	// of each connection; may be nil
	Limits *Limits

	// of each connection; may be nil
	Timers *Timers

	// speak TLS; default plain
	TLS *TLS

	// of each connection; may be nil
	Socket *Socket

	// "name:password" of those who are let in, by Basic authentication (RFC 7617); default everybody. The passwords are
	// for all to read unless there is TLS
	Credentials []string

	// what credentials are for, as browsers show it; default "hawser"
	Realm string

	// of each connection; may be nil
	Compression *Compression

	// what is answered on which path; default: a WebSocket on every path. Paths without a route are answered 404
	Routes []Route

	// the names of this server, "example.com" (on any port) or "localhost:8080": requests whose Host header is another
	// are answered 421; default any. Set it on machines whose users browse the web
	Hosts []string

	// SO_REUSEPORT: listeners of other engines and processes that ask for the same, as the same user, may share the TCP
	// port, and the system spreads connections among them, so that each core has an engine of its own. Default off.
	// Without it, or for a fairer spread, see Engine.Adopt
	ReusePort Toggle

	// connections of this listener at a time from one remote address, of IPv6 from one /64; unix sockets do not count;
	// default no limit. More are answered 429
	MaxPerAddress uint32

	// connections of this listener at a time that are not open yet; default 16384. More are answered 503
	MaxHandshakes uint32

	// off: clients that fail to open make no EventAcceptFailed event, they are only counted: Engine.Refusals. That
	// nothing can be accepted for now is told all the same; default on
	AcceptFailedEvents Toggle

	// of each connection; may be nil: none
	Heartbeat *Heartbeat
}

func (o *ServerOptions) fill(c *C.hws_server_options, m *memory) {
	c.struct_size = C.uint32_t(C.sizeof_hws_server_options)
	c.backlog = C.uint32_t(o.Backlog)
	c.bind = m.text(o.Bind)
	c.server = m.text(o.Server)
	c.subprotocols, c.subprotocol_count = array(m, o.Subprotocols, fillText)
	c.origins, c.origin_count = array(m, o.Origins, fillText)
	c.origin_required = C.hws_toggle(o.OriginRequired)
	c.subprotocol_required = C.hws_toggle(o.SubprotocolRequired)
	c.max_connections = C.uint32_t(o.MaxConnections)
	c.user = C.uint64_t(o.User)
	c.limits = pointer(m, o.Limits, (*Limits).fill)
	c.timers = pointer(m, o.Timers, (*Timers).fill)
	c.tls = pointer(m, o.TLS, (*TLS).fill)
	c.socket = pointer(m, o.Socket, (*Socket).fill)
	c.credentials, c.credential_count = array(m, o.Credentials, fillText)
	c.realm = m.text(o.Realm)
	c.compression = pointer(m, o.Compression, (*Compression).fill)
	c.routes, c.route_count = array(m, o.Routes, (*Route).fill)
	c.hosts, c.host_count = array(m, o.Hosts, fillText)
	c.reuse_port = C.hws_toggle(o.ReusePort)
	c.max_per_address = C.uint32_t(o.MaxPerAddress)
	c.max_handshakes = C.uint32_t(o.MaxHandshakes)
	c.accept_failed_events = C.hws_toggle(o.AcceptFailedEvents)
	c.heartbeat = pointer(m, o.Heartbeat, (*Heartbeat).fill)
}

// Drain: how the connections of a listener end with it. Zero is the default.
type Drain struct {
	// for the closing handshakes of all, beside Timers.Close for that of each; default 10 s, Never: no limit
	Drain time.Duration

	// what peers are told; default 1001
	Code uint32

	// up to 123 bytes
	Reason string
}

func (o *Drain) fill(c *C.hws_drain, m *memory) {
	c.struct_size = C.uint32_t(C.sizeof_hws_drain)
	c.drain_ms = C.int32_t(units(o.Drain, time.Millisecond))
	c.code = C.uint32_t(o.Code)
	c.reason = m.text(o.Reason)
}

// SendOptions: how one message is sent. Zero is the default.
type SendOptions struct {
	// SendMore and its kin
	Flags SendFlags

	// not 0: an EventSent event with it follows when the message has left for the kernel; of a ping, it comes back with
	// the EventPong
	Token uint64
}

func (o *SendOptions) fill(c *C.hws_send_options, m *memory) {
	c.struct_size = C.uint32_t(C.sizeof_hws_send_options)
	c.flags = C.uint32_t(o.Flags)
	c.token = C.uint64_t(o.Token)
}

// Stats: counters.
type Stats struct {
	// of an engine: that there are; of a connection: 1 while it lasts
	Connections uint32

	// payload of messages
	BytesIn  uint64
	BytesOut uint64

	// everything on the wire
	WireIn      uint64
	WireOut     uint64
	MessagesIn  uint64
	MessagesOut uint64

	// received
	Pings uint64
	Pongs uint64

	// bytes that wait to be sent
	SendQueued uint64

	// of an engine: connections that did not open
	HandshakeFailures uint64

	// of a connection: the last round trip of a ping, microseconds
	RTT time.Duration

	// of a connection over a unix socket: 1 where the system says whose process the peer is
	PeerKnown bool
	PeerPID   int32
	PeerUID   uint32
	PeerGID   uint32

	// of messages that came compressed: their bytes as they came, and inflated; BytesIn counts the latter
	DeflatedIn uint64
	InflatedIn uint64

	// of messages that were sent compressed: their bytes as they went, and before; BytesOut counts the latter
	DeflatedOut uint64
	InflatedOut uint64

	// of an engine: requests that got the page of their route
	HTTPResponses uint64

	// connections that were lost, or opened anew by plan, and came back
	Reconnects uint64

	// bytes that are kept to be sent, or sent again, when the connection is open again: see Reconnect
	SendKept uint64

	// messages that were to wait for that and were dropped
	SendDropped uint64

	// messages that could not have been sent again, for want of room in Reconnect.ReplayMax
	SendUnprotected uint64

	// messages (or fragments) that wait for you beyond a batch, and bytes in them
	RecvQueued      uint64
	RecvQueuedBytes uint64

	// messages that were dropped because too many waited
	RecvDropped uint64
}

func (o *Stats) read(c *C.hws_stats) {
	o.Connections = uint32(c.connections)
	o.BytesIn = uint64(c.bytes_in)
	o.BytesOut = uint64(c.bytes_out)
	o.WireIn = uint64(c.wire_in)
	o.WireOut = uint64(c.wire_out)
	o.MessagesIn = uint64(c.messages_in)
	o.MessagesOut = uint64(c.messages_out)
	o.Pings = uint64(c.pings)
	o.Pongs = uint64(c.pongs)
	o.SendQueued = uint64(c.send_queued)
	o.HandshakeFailures = uint64(c.handshake_failures)
	o.RTT = duration(int64(c.rtt_us), time.Microsecond)
	o.PeerKnown = c.peer_known != 0
	o.PeerPID = int32(c.peer_pid)
	o.PeerUID = uint32(c.peer_uid)
	o.PeerGID = uint32(c.peer_gid)
	o.DeflatedIn = uint64(c.deflated_in)
	o.InflatedIn = uint64(c.inflated_in)
	o.DeflatedOut = uint64(c.deflated_out)
	o.InflatedOut = uint64(c.inflated_out)
	o.HTTPResponses = uint64(c.http_responses)
	o.Reconnects = uint64(c.reconnects)
	o.SendKept = uint64(c.send_kept)
	o.SendDropped = uint64(c.send_dropped)
	o.SendUnprotected = uint64(c.send_unprotected)
	o.RecvQueued = uint64(c.recv_queued)
	o.RecvQueuedBytes = uint64(c.recv_queued_bytes)
	o.RecvDropped = uint64(c.recv_dropped)
}

// PublishOptions: how a message goes to many. Zero is the default.
type PublishOptions struct {
	// SendRaw, PublishLocal
	Flags SendFlags

	// a connection that does not get it, such as the one that it came from; one that has ended is nobody
	Except Handle
}

func (o *PublishOptions) fill(c *C.hws_publish_options, m *memory) {
	c.struct_size = C.uint32_t(C.sizeof_hws_publish_options)
	c.flags = C.uint32_t(o.Flags)
	c.except = o.Except.c()
}

// PoolOptions: what a pool may do. Zero is the default; client is needed.
type PoolOptions struct {
	// sockets at a time, also those that are being opened, checked or closed; default 10
	MaxConnections uint32

	// a connection that nobody has held for so long is closed; default 5 minutes
	Idle time.Duration

	// one that was opened so long ago is not lent again; default never
	MaxAge time.Duration

	// one that nobody has held for longer gets a ping, and is lent when that is answered; default 30 s, Never: is lent
	// without
	CheckAfter time.Duration

	// for the answer to that ping; default 5 s. One that does not answer is dropped, and nobody need know
	Check time.Duration

	// calls of Pool.Acquire that may wait at a time; default 1024
	WaitersMax uint32

	// that ping goes before every lease but a connection's first, whatever CheckAfter says; default off
	CheckAlways Toggle

	// for every connection. Its uri says to which server; targets are paths there
	Client *ClientOptions
}

func (o *PoolOptions) fill(c *C.hws_pool_options, m *memory) {
	c.struct_size = C.uint32_t(C.sizeof_hws_pool_options)
	c.max_connections = C.uint32_t(o.MaxConnections)
	c.idle_ms = C.int32_t(units(o.Idle, time.Millisecond))
	c.max_age_ms = C.int32_t(units(o.MaxAge, time.Millisecond))
	c.check_after_ms = C.int32_t(units(o.CheckAfter, time.Millisecond))
	c.check_ms = C.int32_t(units(o.Check, time.Millisecond))
	c.waiters_max = C.uint32_t(o.WaitersMax)
	c.check_always = C.hws_toggle(o.CheckAlways)
	c.client = pointer(m, o.Client, (*ClientOptions).fill)
}

// PoolCounts: what there is in a pool, and what has been.
type PoolCounts struct {
	// that there are: the sum of the next five
	Sockets uint32
	Idle    uint32
	Leased  uint32
	Opening uint32

	// a ping waits for its answer
	Checking uint32
	Closing  uint32

	// calls of Pool.Acquire that wait
	Waiting uint32

	// connections that opened
	Opened uint64

	// connections that failed to open
	OpenFailed uint64

	// leases of connections that had been leased before
	Reused uint64

	// connections whose peers did not answer the ping
	ChecksFailed uint64

	// calls of Pool.Acquire that waited in vain
	Timeouts uint64

	// connections that were released and could not be lent on, or that ended or said something while nobody held them
	Discarded uint64

	// connections closed because of Idle or MaxAge
	Expired uint64

	// idle connections closed to make room for one with another target
	Displaced uint64
}

func (o *PoolCounts) read(c *C.hws_pool_counts) {
	o.Sockets = uint32(c.sockets)
	o.Idle = uint32(c.idle)
	o.Leased = uint32(c.leased)
	o.Opening = uint32(c.opening)
	o.Checking = uint32(c.checking)
	o.Closing = uint32(c.closing)
	o.Waiting = uint32(c.waiting)
	o.Opened = uint64(c.opened)
	o.OpenFailed = uint64(c.open_failed)
	o.Reused = uint64(c.reused)
	o.ChecksFailed = uint64(c.checks_failed)
	o.Timeouts = uint64(c.timeouts)
	o.Discarded = uint64(c.discarded)
	o.Expired = uint64(c.expired)
	o.Displaced = uint64(c.displaced)
}

// AcceptOptions: what a host adds to the response that opens a connection. Zero is the default.
type AcceptOptions struct {
	// one of those that were offered; default what the route's own list leads to
	Subprotocol string

	// further fields of the response
	Headers Headers

	// of the connection; default the route's
	User uint64
}

func (o *AcceptOptions) fill(c *C.hws_accept_options, m *memory) {
	c.struct_size = C.uint32_t(C.sizeof_hws_accept_options)
	c.subprotocol = m.text(o.Subprotocol)
	c.headers, c.header_count = array(m, o.Headers, (*Header).fill)
	c.user = C.uint64_t(o.User)
}

func (m *memory) text(s string) C.hws_str {
	if s == "" {
		return C.hws_str{}
	}
	text := C.CString(s)
	m.blocks = append(m.blocks, unsafe.Pointer(text))
	return C.hws_str{ptr: text, len: C.size_t(len(s))}
}

func fillText(s *string, c *C.hws_str, m *memory) { *c = m.text(*s) }

func readText(s *string, c *C.hws_str) {
	if c.len > 0 {
		*s = C.GoStringN(c.ptr, C.int(c.len))
	}
}

func (m *memory) bytes(b []byte) C.hws_bytes {
	text := m.text(string(b))
	return C.hws_bytes{ptr: (*C.uint8_t)(unsafe.Pointer(text.ptr)), len: text.len}
}

func readBytes(b *[]byte, c *C.hws_bytes) {
	if c.len > 0 {
		*b = append([]byte(nil), unsafe.Slice((*byte)(c.ptr), c.len)...)
	}
}

// first is where bytes begin that a call copies before it returns.
func first(b []byte) *C.uint8_t {
	if len(b) == 0 {
		return nil
	}
	return (*C.uint8_t)(&b[0])
}

// units is a time in milliseconds or seconds: what is more than none is one at least.
func units(d, unit time.Duration) int64 {
	switch {
	case d < 0:
		return -1
	case d > math.MaxInt32*unit:
		return math.MaxInt32
	}
	return int64((d + unit - 1) / unit)
}

func duration(n int64, unit time.Duration) time.Duration {
	if n < 0 {
		return Never
	}
	return time.Duration(n) * unit
}

// Headers are fields of HTTP in their order.
type Headers []Header

// Get is the value of the first field with this name, in any case, or "".
func (h Headers) Get(name string) string {
	for _, header := range h {
		if strings.EqualFold(header.Name, name) {
			return header.Value
		}
	}
	return ""
}
