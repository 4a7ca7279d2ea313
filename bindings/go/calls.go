// Code generated from include/hawser.h and the status table by HAWSER_BLESS=1 cargo test --test bindings. DO NOT EDIT.

package hawser

// #include "calls.h"
import "C"

import "time"

// Handle: a connection, client or server side. Needs no freeing: stale at the poll after its last event.
type Handle struct{ id uint64 }

func (h Handle) c() C.hws_conn { return C.hws_conn{id: C.uint64_t(h.id)} }

// Listener: a listening socket. Closed with Listener.Close.
type Listener struct{ id uint64 }

func (l Listener) c() C.hws_listener { return C.hws_listener{id: C.uint64_t(l.id)} }

// Request: a request that waits for a decision: Request.Accept, Request.Respond. Needs no freeing: stale once it is
// decided, its peer has left, or the time is up.
type Request struct{ id uint64 }

func (r Request) c() C.hws_request { return C.hws_request{id: C.uint64_t(r.id)} }

// Pool: a pool of client connections. Freed with Pool.Close.
type Pool struct{ id uint64 }

func (p Pool) c() C.hws_pool { return C.hws_pool{id: C.uint64_t(p.id)} }

func (h Handle) fill(c *C.hws_conn, _ *memory) { *c = h.c() }

// NewError makes an error of the program's own, which says it as the library does.
//
// Errors: always one: that of raise.Status, ErrInvalidMessageData or ErrCallback; or ErrInvalidArgument, also for any
// other status; ErrStructSize; ErrInvalidHandle when conn is not the handle of a connection, alive or not. From inside
// a hook ErrCallback.
func NewError(raise *Raise) error {
	m := &memory{}
	defer m.free()
	return check(C.call_error_raise(pointer(m, raise, (*Raise).fill)))
}

// Wake makes a waiting Engine.Poll, or else the next one, return at once. Several calls may make one poll return.
//
// Errors: ErrInvalidHandle, ErrForked, ErrPanic.
func (e *Engine) Wake() error {
	return check(C.call_wake(e.c()))
}

// Pollable: a file descriptor that is readable when Engine.Poll has something to do, for a loop of the host's own: wait
// for it or for Engine.NextTimeout, then Engine.Poll with timeout 0. With IOThread it is readable exactly while
// something waits for Engine.Poll, or Engine.Wake was called.
//
// Errors: ErrInvalidHandle, ErrInvalidArgument, ErrForked, ErrPanic; ErrUnsupported on Windows.
func (e *Engine) Pollable() (uintptr, error) {
	var fd C.ptrdiff_t
	err := check(C.call_engine_pollable(e.c(), &fd))
	return uintptr(fd), err
}

// NextTimeout: how long a loop of the host's own may wait for the descriptor: 0 while anything is left to do, Never
// without any deadline; with IOThread there is none.
//
// Errors: ErrInvalidHandle, ErrInvalidArgument, ErrForked, ErrPanic.
func (e *Engine) NextTimeout() (time.Duration, error) {
	var timeout C.int32_t
	err := check(C.call_engine_next_timeout(e.c(), &timeout))
	return duration(int64(timeout), time.Millisecond), err
}

// GetPreset fills option structs from a preset: "realtime" for feeds and games, "dashboard" for pages that people look
// at, "mobile" for phones. Fields that it has no opinion on become 0, their default. Change what you like, and pass the
// structs on; docs/presets.md has each value with its reason.
//
// Errors: ErrInvalidArgument, also for a name that is none: detail lists them; ErrStructSize.
func GetPreset(name string) (*Preset, error) {
	m := &memory{}
	defer m.free()
	wanted := &Preset{&Timers{}, &Limits{}, &Compression{}, &Reconnect{}}
	preset := pointer(m, wanted, (*Preset).fill)
	err := check(C.call_preset_get(name, preset))
	return read(preset, (*Preset).read), err
}

// Reconnect opens a connection again that was made with ClientOptions.Reconnect. While it is down, this is the next
// attempt, whatever was decided before; an attempt that is being made is given up. While it is open, what is queued
// leaves, the closing handshake is done, and it is opened anew; with After at that time, unless it is lost before, and
// a later call replaces that, and MaxAge too. EventReconnecting and EventOpen follow. options may be nil.
//
// Errors: ErrInvalidHandle, ErrInvalidArgument, ErrStructSize, ErrInvalidURI, ErrForked, ErrPanic;
// ErrInvalidHeaderValue for headers that cannot be sent; ErrInvalidSend for a code or reason that may not be sent;
// ErrReconnectDisabled for a connection that was not made to come back, or has ended; ErrConnectionClosed after
// Handle.CloseWith.
func (h Handle) Reconnect(options *ReconnectOptions) error {
	m := &memory{}
	defer m.free()
	return check(C.call_conn_reconnect(h.c(), pointer(m, options, (*ReconnectOptions).fill)))
}

// Replay: with ReplayOnRequest, once a connection has come back: what was sent before, with a token up to afterToken,
// has arrived; all else that the peer is not known to have read is sent again in its order, and then what was sent
// while the connection was down. Until this is called that waits, too; what is sent meanwhile leaves at once. Tokens
// are those of SendOptions, ascending; messages without one are always sent again.
//
// Errors: ErrInvalidHandle, ErrForked, ErrPanic; ErrInvalidState for a connection that is not open, or whose replay is
// not on request; ErrConnectionClosed while it closes; ErrReconnectDisabled for one that was not made to come back, or
// has ended.
func (h Handle) Replay(afterToken uint64) error {
	return check(C.call_conn_replay(h.c(), C.uint64_t(afterToken)))
}

// Forget ends what SendAgain began: the message with this token is not sent any more when the connection is open again.
// 0: none of them is. A token that is not there is no error.
//
// Errors: ErrInvalidHandle, ErrForked, ErrPanic; ErrReconnectDisabled for a connection that was not made to come back,
// or has ended.
func (h Handle) Forget(token uint64) error {
	return check(C.call_conn_forget(h.c(), C.uint64_t(token)))
}

// Connect begins to connect: looks the name up, connects, passes proxy and TLS, does the opening handshake, follows
// redirects. EventOpen or EventConnectFailed follows within Timers.Open; with reconnect that is the time of each
// attempt.
//
// Errors: ErrInvalidHandle, ErrInvalidArgument, ErrStructSize, ErrInvalidURI, ErrForked, ErrPanic;
// ErrInvalidHeaderValue for headers that cannot be sent; ErrInvalidProxy; ErrIO for a certificate's file that cannot be
// read; ErrTooManyConnections. No event follows a call that failed.
func (e *Engine) Connect(options *ClientOptions) (Handle, error) {
	m := &memory{}
	defer m.free()
	var conn C.hws_conn
	err := check(C.call_connect(e.c(), pointer(m, options, (*ClientOptions).fill), &conn))
	return Handle{uint64(conn.id)}, err
}

// Listen binds and listens. An EventOpen event follows for each client whose opening handshake succeeds,
// EventAcceptFailed for each whose does not.
//
// Errors: ErrInvalidHandle, ErrInvalidArgument, also for a descriptor that is no such socket (which stays as it was);
// ErrStructSize, ErrInvalidHeaderValue, ErrForked, ErrPanic; ErrIO with OSError when the address cannot be bound or a
// file not be read, ErrFDLimit, ErrTooManyConnections; ErrUnsupported for unix sockets, descriptors and ReusePort where
// there are none.
func (e *Engine) Listen(options *ServerOptions) (Listener, error) {
	m := &memory{}
	defer m.free()
	var listener C.hws_listener
	err := check(C.call_listen(e.c(), pointer(m, options, (*ServerOptions).fill), &listener))
	return Listener{uint64(listener.id)}, err
}

// Addr writes the address that a listener is bound to, "127.0.0.1:40213".
//
// Errors: ErrInvalidHandle, ErrInvalidArgument, also for a cap that is too small (*needed is set then); ErrInvalidState
// when it is closed; ErrForked, ErrPanic.
func (l Listener) Addr() (string, error) {
	var buffer [256]C.char
	var length C.size_t
	err := check(C.call_listener_address(l.c(), &buffer[0], C.size_t(len(buffer)), &length))
	return C.GoStringN(&buffer[0], C.int(length)), err
}

// Close stops accepting; EventListenerClosed follows. drain may be nil: connections that are open, or being opened,
// stay.
//
// With it they end: open ones are closed with its code and reason, clients in their opening handshake are answered 503,
// and so are those whom the system has accepted for us already, unless bind was "fd:": they stay with whoever holds the
// socket. What has not ended after Drain is cut off. EventListenerClosed comes behind the last events of all these
// connections; its value is how many of the open ones ended with a completed closing handshake, its token how many were
// cut off without one.
//
// Errors: ErrInvalidHandle, ErrInvalidArgument, ErrStructSize, ErrForked, ErrPanic; ErrInvalidSend for a code or reason
// that may not be sent; ErrInvalidState when it is closed, or closing, already.
func (l Listener) Close(drain *Drain) error {
	m := &memory{}
	defer m.free()
	return check(C.call_listener_close(l.c(), pointer(m, drain, (*Drain).fill)))
}

// Refusals: how many connections of listeners, of all that this engine has had, failed to open with this status or one
// that is a kind of it. ErrError counts them all; those that are dropped because too many are being refused already
// count too.
//
// Errors: ErrInvalidHandle, ErrInvalidArgument, also when status is no error; ErrForked, ErrPanic.
func (e *Engine) Refusals(status Status) (uint64, error) {
	var count C.uint64_t
	err := check(C.call_engine_refusals(e.c(), C.hws_status(status), &count))
	return uint64(count), err
}

// SetTLS: from here on new connections of a listener open with this certificate and these rules; those that are open,
// or being opened, keep theirs.
//
// Errors: ErrInvalidHandle, ErrInvalidArgument, ErrStructSize, ErrForked, ErrPanic; ErrIO for a file that cannot be
// read; ErrInvalidState when the listener is closed, or plain. After an error the listener goes on as before.
func (l Listener) SetTLS(tls *TLS) error {
	m := &memory{}
	defer m.free()
	return check(C.call_listener_set_tls(l.c(), pointer(m, tls, (*TLS).fill)))
}

// Adopt speaks WebSocket over a connected stream socket of the host's: TCP, or a unix socket, also one of a socketpair.
// Either client or server is given, the other is nil: on which side hawser is. A client's proxy, ConnectTo,
// MaxRedirects and socket and what a server's options say of its listener (bind, backlog, ReusePort, how many
// connections, events) are not used; TLS is. EventOpen or EventConnectFailed follows, on both sides.
//
// Where there is no SO_REUSEPORT, or it spreads connections badly, one thread can accept for the engines of many: it
// calls accept() on a socket of its own and Engine.Adopt with the engine whose turn it is. Adopting is safe from any
// thread and wakes the one that polls.
//
// Errors: ErrInvalidHandle, ErrInvalidArgument, also when the socket is not connected or not a stream; ErrStructSize,
// ErrInvalidURI, ErrInvalidProxy, ErrForked, ErrPanic; ErrInvalidHeaderValue for headers that cannot be sent; ErrIO for
// a certificate's file that cannot be read; ErrFDLimit, ErrTooManyConnections; ErrUnsupported on Windows.
func (e *Engine) Adopt(socket uintptr, client *ClientOptions, server *ServerOptions) (Handle, error) {
	m := &memory{}
	defer m.free()
	var conn C.hws_conn
	err := check(C.call_adopt(e.c(), C.ptrdiff_t(socket), pointer(m, client, (*ClientOptions).fill), pointer(m, server, (*ServerOptions).fill), &conn))
	return Handle{uint64(conn.id)}, err
}

// Send sends a message: Text, Binary, a Ping or Pong of up to 125 bytes, or with SendMore a fragment, whose followers
// are Cont. It is queued whole or not at all, and leaves with the next Engine.Poll at the latest. options may be nil.
//
// With Reconnect.BufferMax whole text and binary messages are taken while the connection is not open, too, and leave
// when it is.
//
// Errors: ErrInvalidHandle, ErrInvalidArgument, ErrStructSize, ErrNoMemory, ErrForked, ErrPanic; ErrInvalidState before
// EventOpen, and while the connection reconnects; ErrBufferOverflow where what is to wait has no room;
// ErrReconnectDisabled for what is to be sent again, on a connection that does not come back; ErrConnectionClosed once
// it closes; ErrInvalidSend for what no frame may hold, such as text that is not UTF-8; ErrSendQueueFull over
// Limits.SendQueueMax (EventWritable follows, unless the message alone is larger); ErrConcurrency for a message inside
// a fragmented one, or a ping whose payload is on its way already.
func (h Handle) Send(opcode Opcode, data []byte, options *SendOptions) error {
	m := &memory{}
	defer m.free()
	return check(C.call_send(h.c(), C.hws_opcode(opcode), first(data), C.size_t(len(data)), pointer(m, options, (*SendOptions).fill)))
}

// CloseWith begins the closing handshake, RFC 6455 section 7: what is queued leaves first, then a Close frame. code 0
// is 1000; the reason has up to 123 bytes. EventClose follows within Timers.Close. A connection that is not open yet is
// dropped and EventConnectFailed follows; one that is closing already goes on with that. A pause ends: the peer's
// answer must be read.
//
// Errors: ErrInvalidHandle, ErrInvalidArgument, ErrForked, ErrPanic; ErrInvalidSend for a code or reason that may not
// be sent.
func (h Handle) CloseWith(code uint32, reason string) error {
	return check(C.call_close(h.c(), C.uint32_t(code), reason))
}

// Abort drops a connection at once, without a Close frame and with what is queued. EventClose or EventConnectFailed
// follows.
//
// Errors: ErrInvalidHandle, ErrForked, ErrPanic.
func (h Handle) Abort() error {
	return check(C.call_abort(h.c()))
}

// Pause stops taking messages from a connection (paused), or takes them again. Meanwhile nothing is read, so that the
// peer is slowed down; keepalive pings rest; what is queued goes on leaving, and EventSent and EventWritable come.
// Events that Engine.Poll has already delivered are not taken back; those that wait beyond a batch are held. Before a
// deadline or a broken transport ends a paused connection, what had arrived is delivered. In a connection that
// reconnects there is nothing to pause: the EventOpen that tells of its return ends every pause, and a call before that
// has no effect.
//
// Errors: ErrInvalidHandle, ErrForked, ErrPanic.
func (h Handle) Pause(paused bool) error {
	return check(C.call_conn_pause(h.c(), C.bool(paused)))
}

// State: where a connection stands.
//
// Errors: ErrInvalidHandle, ErrInvalidArgument, ErrForked, ErrPanic.
func (h Handle) State() (State, error) {
	var state C.uint32_t
	err := check(C.call_conn_state(h.c(), &state))
	return State(state), err
}

// SetUser attaches a number to a connection, for events made from now on.
//
// Errors: ErrInvalidHandle, ErrForked, ErrPanic.
func (h Handle) SetUser(user uint64) error {
	return check(C.call_conn_set_user(h.c(), C.uint64_t(user)))
}

// User: the number attached to a connection.
//
// Errors: ErrInvalidHandle, ErrInvalidArgument, ErrForked, ErrPanic.
func (h Handle) User() (uint64, error) {
	var user C.uint64_t
	err := check(C.call_conn_user(h.c(), &user))
	return uint64(user), err
}

// Stats: counters of a connection.
//
// Errors: ErrInvalidHandle, ErrInvalidArgument, ErrStructSize, ErrForked, ErrPanic.
func (h Handle) Stats() (Stats, error) {
	stats := C.hws_stats{struct_size: C.uint32_t(C.sizeof_hws_stats)}
	err := check(C.call_conn_stats(h.c(), &stats))
	return *read(&stats, (*Stats).read), err
}

// Stats: counters of an engine: of all connections that are and were.
//
// Errors: ErrInvalidHandle, ErrInvalidArgument, ErrStructSize, ErrForked, ErrPanic.
func (e *Engine) Stats() (Stats, error) {
	stats := C.hws_stats{struct_size: C.uint32_t(C.sizeof_hws_stats)}
	err := check(C.call_engine_stats(e.c(), &stats))
	return *read(&stats, (*Stats).read), err
}

// Subscribe subscribes a connection to a topic: from now on it gets what is published to it. Topics are levels between
// slashes, as in MQTT: "chat/room 7". Here + may stand for any one level, and # at the end for all that follow, and for
// none: "chat/#" is "chat", too. However many of its subscriptions fit, a connection gets a message once. They end with
// the connection. Twice the same is one.
//
// Errors: ErrInvalidHandle, ErrForked, ErrPanic; ErrInvalidArgument for a topic that is empty, longer than 1024 bytes,
// not UTF-8, or has a NUL or a wildcard elsewhere; ErrInvalidState before EventOpen; ErrConnectionClosed once it
// closes; ErrTooManySubscriptions over Limits.SubscriptionsMax.
func (h Handle) Subscribe(topic string) error {
	return check(C.call_subscribe(h.c(), topic))
}

// Unsubscribe takes a subscription back, written as it was subscribed to; an empty topic stands for all of the
// connection's. One that there is not is no error.
//
// Errors: ErrInvalidHandle, ErrInvalidArgument, ErrForked, ErrPanic.
func (h Handle) Unsubscribe(topic string) error {
	return check(C.call_unsubscribe(h.c(), topic))
}

// Publish sends a message, Text or Binary, to all connections that have subscribed to a topic: those of the engine, and
// of engines that share its topics. It is made and compressed once, not once for each, and leaves with the next
// Engine.Poll at the latest. Who cannot take it goes without and is skipped: without room in its send queue (see
// Limits.SlowSubscriber), in the middle of a fragmented message, or closing. options may be nil.
//
// Errors: ErrInvalidHandle, ErrStructSize, ErrNoMemory, ErrForked, ErrPanic; ErrInvalidArgument, also for a topic that
// is empty, longer than 1024 bytes or has a wildcard; ErrInvalidSend for text that is not UTF-8; ErrQueueFull when the
// events of EngineOptions.PublishEvents are not polled. Nobody got it then.
func (e *Engine) Publish(topic string, opcode Opcode, data []byte, options *PublishOptions) (reached, skipped int, err error) {
	m := &memory{}
	defer m.free()
	var reachedC C.uint32_t
	var skippedC C.uint32_t
	err = check(C.call_publish(e.c(), topic, C.hws_opcode(opcode), first(data), C.size_t(len(data)), pointer(m, options, (*PublishOptions).fill), &reachedC, &skippedC))
	return int(reachedC), int(skippedC), err
}

// SendMany sends a message, Text or Binary, to the connections of a list, as Engine.Publish does to those that have
// subscribed. They may be of any engines; who has ended is skipped. options may be nil.
//
// Errors: ErrInvalidArgument, ErrStructSize, ErrNoMemory, ErrForked, ErrPanic; ErrInvalidHandle for options.Except;
// ErrInvalidSend for text that is not UTF-8.
func SendMany(conns []Handle, opcode Opcode, data []byte, options *PublishOptions) (reached, skipped int, err error) {
	m := &memory{}
	defer m.free()
	list, count := array(m, conns, (*Handle).fill)
	var reachedC C.uint32_t
	var skippedC C.uint32_t
	err = check(C.call_send_many(list, count, C.hws_opcode(opcode), first(data), C.size_t(len(data)), pointer(m, options, (*PublishOptions).fill), &reachedC, &skippedC))
	return int(reachedC), int(skippedC), err
}

// Subscribers: how many connections something that is published to a topic would go to: those that have subscribed, in
// the engine and in engines that share its topics.
//
// Errors: ErrInvalidHandle, ErrInvalidArgument, ErrForked, ErrPanic.
func (e *Engine) Subscribers(topic string) (int, error) {
	var count C.uint32_t
	err := check(C.call_topic_subscribers(e.c(), topic, &count))
	return int(count), err
}

// NewPool makes a pool of client connections to one server. It opens none until one is asked for.
//
// Errors: ErrInvalidHandle, ErrInvalidArgument, ErrStructSize, ErrForked, ErrPanic; for options.Client those of
// Engine.Connect: ErrInvalidURI, ErrInvalidHeaderValue, ErrInvalidProxy, ErrIO; ErrTooManyConnections.
func (e *Engine) NewPool(options *PoolOptions) (Pool, error) {
	m := &memory{}
	defer m.free()
	var pool C.hws_pool
	err := check(C.call_pool_new(e.c(), pointer(m, options, (*PoolOptions).fill), &pool))
	return Pool{uint64(pool.id)}, err
}

// Acquire asks for a connection to a target, "/path?query", or "": that of the pool's uri. An idle one with this target
// will do; else one is opened. Exactly one event with the token follows: EventPoolReady with the connection, which is
// leased to you until you release it or its EventClose comes; or EventPoolFailed with ErrPoolExhausted after timeout
// (0: Open of the client's timers, Never: no deadline), with the reason why the connection that was opened for this
// call did not open, or with ErrPoolClosed. Calls are served in their order, whatever their targets.
//
// Errors: ErrInvalidHandle, ErrInvalidArgument, ErrForked, ErrPanic; ErrInvalidURI for a target that is none;
// ErrPoolExhausted when WaitersMax calls wait, or their events do; ErrPoolClosed after Pool.Close.
func (p Pool) Acquire(target string, timeout time.Duration, token uint64) error {
	return check(C.call_pool_acquire(p.c(), target, C.int32_t(units(timeout, time.Millisecond)), C.uint64_t(token)))
}

// Release gives a leased connection back, from here on without any events of it but those that are in your hands. If it
// is reusable it is lent again, under another handle; your handle, subscriptions, tokens and number (Handle.SetUser)
// end. It is closed instead, which is no error, if it is not, if it is not open any more, if a message is under way in
// either direction or was received and not yet delivered, if much is still to be sent, or if the pool has been freed.
//
// Errors: ErrInvalidHandle, also for a connection that was released before, or whose last event came before the last
// poll; ErrInvalidArgument if conn is not of this pool; ErrPoolClosed for that after Pool.Close; ErrForked, ErrPanic.
func (p Pool) Release(conn Handle, reusable bool) error {
	return check(C.call_pool_release(p.c(), conn.c(), C.bool(reusable)))
}

// Close closes a pool: calls that wait get EventPoolFailed with ErrPoolClosed, connections that nobody holds are closed
// with 1000. Leased ones stay with their holders, and are closed when they are released.
//
// Errors: ErrInvalidHandle, ErrForked, ErrPanic; ErrPoolClosed if it is closed already.
func (p Pool) Close() error {
	return check(C.call_pool_free(p.c()))
}

// Stats: what there is in a pool, and what has been.
//
// Errors: ErrInvalidHandle, ErrInvalidArgument, ErrStructSize, ErrForked, ErrPanic; ErrPoolClosed after Pool.Close.
func (p Pool) Stats() (PoolCounts, error) {
	stats := C.hws_pool_counts{struct_size: C.uint32_t(C.sizeof_hws_pool_counts)}
	err := check(C.call_pool_stats(p.c(), &stats))
	return *read(&stats, (*PoolCounts).read), err
}

// Accept grants the request of an EventRequest event: EventOpen follows, and EventClose at its end. options may be nil.
//
// Errors: ErrInvalidHandle, also when the peer has left or the time is up; ErrInvalidArgument, also for a subprotocol
// that was not offered; ErrStructSize, ErrInvalidHeaderValue, ErrNoMemory, ErrForked, ErrPanic; ErrInvalidState for a
// request that asks for no WebSocket. After an error other than ErrInvalidHandle the request still waits.
func (r Request) Accept(options *AcceptOptions) (Handle, error) {
	m := &memory{}
	defer m.free()
	var conn C.hws_conn
	err := check(C.call_request_accept(r.c(), pointer(m, options, (*AcceptOptions).fill), &conn))
	return Handle{uint64(conn.id)}, err
}

// Respond answers the request of an EventRequest event with a response of your own, and opens nothing: 200 for a health
// check, 401 with WWW-Authenticate, 302 with Location. EventAcceptFailed with ErrHandshakeAborted follows when the peer
// has it.
//
// Errors: ErrInvalidHandle, also when the peer has left or the time is up; ErrInvalidArgument, ErrStructSize,
// ErrInvalidHeaderValue, ErrNoMemory, ErrForked, ErrPanic. After an error other than ErrInvalidHandle the request still
// waits.
func (r Request) Respond(response *Response) error {
	m := &memory{}
	defer m.free()
	return check(C.call_request_respond(r.c(), pointer(m, response, (*Response).fill)))
}

// ABIVersion: the version of the interface that the library was built with.
func ABIVersion() uint32 {
	return uint32(C.hws_abi_version())
}

// Version: the version of the library, "0.1.0".
func Version() string {
	return C.GoString(C.hws_version())
}

// HasFeature: whether the library can do this: "client", "server", "tls", "proxy", "deflate", "routes", "topics",
// "pool", "reconnect", "io_thread", "unix", "allocator", "pollable"; "ring" or "aws-lc-rs", whichever does TLS's
// cryptography.
func HasFeature(name string) bool {
	m := &memory{}
	defer m.free()
	return C.hws_has_feature(m.text(name).ptr) != 0
}
