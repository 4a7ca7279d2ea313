package hawser

import (
	"context"
	"sync"
)

// A Loop is an Engine that a goroutine polls, so that others can wait for its Conns and Servers.
type Loop struct {
	*Engine
	other   func(*Event)
	done    chan struct{}
	mu      sync.Mutex // of the maps; held while a connection is made, too, so that its first event finds it there
	inboxes map[Handle]*inbox
	servers map[Listener]*Server
}

// NewLoop makes an engine and polls it until it is closed. other gets the events of no Conn or Server: EventPublish, and
// those of what Connect, Adopt, Listen and NewPool made. It must not wait, since the goroutine that polls calls it. Both may
// be nil.
func NewLoop(options *EngineOptions, other func(*Event)) (*Loop, error) {
	engine, err := NewEngine(options)
	if err != nil {
		return nil, err
	}
	l := &Loop{Engine: engine, other: other, done: make(chan struct{}), inboxes: make(map[Handle]*inbox),
		servers: make(map[Listener]*Server)}
	engine.polling.Lock()
	go l.run()
	return l, nil
}

// Done is closed when nothing is left of the engine after Close.
func (l *Loop) Done() <-chan struct{} { return l.done }

func (l *Loop) run() {
	events := make([]Event, 128)
	for {
		n, err := l.poll(events, Never)
		for i := range events[:n] {
			if e := &events[i]; !l.dispatch(e) && l.other != nil {
				l.other(e)
			}
		}
		if err != nil {
			l.end(err)
			return
		}
	}
}

// dispatch hands an event to whom it is for, if there is anybody.
func (l *Loop) dispatch(e *Event) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	in, server := l.inboxes[e.Conn], l.servers[e.Listener]
	switch {
	case in != nil && (e.Kind == EventClose || e.Kind == EventConnectFailed):
		delete(l.inboxes, e.Conn)
		in.end(e.Err)
	case in != nil:
		in.put(e)
	case server != nil && e.Kind == EventOpen:
		server.open(newConn(l.inbox(e.Conn), e.Handshake))
	case server != nil && e.Kind == EventListenerClosed:
		delete(l.servers, e.Listener)
		close(server.closed)
	case server != nil:
		server.dispatch(*e)
	default:
		return false
	}
	return true
}

// end leaves nobody waiting.
func (l *Loop) end(err error) {
	l.closed.Store(true)
	l.polling.Unlock()
	l.free()
	l.mu.Lock()
	defer l.mu.Unlock()
	for handle, in := range l.inboxes {
		delete(l.inboxes, handle)
		in.end(err)
	}
	for listener, server := range l.servers {
		delete(l.servers, listener)
		close(server.closed)
	}
	close(l.done)
}

// inbox makes that of a connection; with l.mu held.
func (l *Loop) inbox(handle Handle) *inbox {
	in := newInbox(handle)
	l.inboxes[handle] = in
	return in
}

// Dial connects, and returns when messages may be sent: with ClientOptions.Reconnect after as many attempts as it takes.
// options may be nil.
func (l *Loop) Dial(ctx context.Context, uri string, options *ClientOptions) (*Conn, error) {
	var o ClientOptions
	if options != nil {
		o = *options
	}
	o.URI = uri
	c, err := l.connect(&o)
	for err == nil && c.Handshake == nil {
		var e Event
		if e, err = c.Next(ctx); err != nil {
			c.Abort() // fails if it has ended
		}
		c.Handshake = e.Handshake
	}
	if err != nil {
		return nil, err
	}
	return c, nil
}

func (l *Loop) connect(options *ClientOptions) (*Conn, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	handle, err := l.Connect(options)
	if err != nil {
		return nil, err
	}
	return newConn(l.inbox(handle), nil), nil
}
