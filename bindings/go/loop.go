package hawser

import (
	"context"
	"sync"
)

// A Loop is an Engine that a goroutine polls, so that goroutines may wait for its Conns and Servers.
type Loop struct {
	*Engine
	other   func(*Event)
	done    chan struct{}
	mu      sync.Mutex // of the maps; also held while a connection is made, so that its first event finds it
	inboxes map[Handle]*inbox
	servers map[Listener]*Server
}

// NewLoop makes an engine and polls it until it is closed. The options may be nil. The function gets the events that are
// nobody's: EventPublish, and those of what Connect, Adopt and Listen made. It is called by the goroutine that polls, so
// that it must not wait; it may be nil.
func NewLoop(options *EngineOptions, other func(*Event)) (*Loop, error) {
	engine, err := NewEngine(options)
	if err != nil {
		return nil, err
	}
	l := &Loop{Engine: engine, other: other, done: make(chan struct{}),
		inboxes: make(map[Handle]*inbox), servers: make(map[Listener]*Server)}
	engine.polling.Lock()
	go l.run()
	return l, nil
}

// Done is closed when Close has come into effect.
func (l *Loop) Done() <-chan struct{} { return l.done }

func (l *Loop) run() {
	events := make([]Event, 128)
	for {
		n, err := l.poll(events, Never)
		for i := range events[:n] {
			l.dispatch(&events[i])
		}
		if err != nil {
			l.end(err)
			return
		}
	}
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

// dispatch hands an event to whom it is for.
func (l *Loop) dispatch(e *Event) {
	l.mu.Lock()
	defer l.mu.Unlock()
	in, server := l.inboxes[e.Conn], l.servers[e.Listener]
	if in == nil && server != nil && e.Kind == EventOpen {
		in = l.claim(e.Conn)
		server.handlers.Add(1)
		go server.handle(newConn(in, e.Handshake))
	}
	switch {
	case in != nil && (e.Kind == EventClose || e.Kind == EventConnectFailed):
		delete(l.inboxes, e.Conn)
		in.end(e.Err)
	case in != nil:
		in.put(e)
	case server != nil && e.Kind == EventListenerClosed:
		delete(l.servers, e.Listener)
		close(server.closed)
	case server != nil:
		server.dispatch(*e)
	case l.other != nil:
		l.mu.Unlock()
		defer l.mu.Lock()
		l.other(e)
	}
}

// claim makes the inbox of a connection; with l.mu held.
func (l *Loop) claim(handle Handle) *inbox {
	in := newInbox(handle)
	l.inboxes[handle] = in
	return in
}

// Dial connects, and returns when messages may be sent: with ClientOptions.Reconnect after as many attempts as that takes.
// The options may be nil.
func (l *Loop) Dial(ctx context.Context, uri string, options *ClientOptions) (*Conn, error) {
	var o ClientOptions
	if options != nil {
		o = *options
	}
	o.URI = uri
	l.mu.Lock()
	handle, err := l.Connect(&o)
	if err != nil {
		l.mu.Unlock()
		return nil, err
	}
	in := l.claim(handle)
	l.mu.Unlock()
	select {
	case <-in.settled:
	case <-ctx.Done():
		in.abandon()
		return nil, ctx.Err()
	}
	if in.handshake == nil {
		return nil, in.err
	}
	return newConn(in, in.handshake), nil
}

var standard = struct {
	sync.Once
	*Loop
	err error
}{}

// loop is the one that Dial and Serve share. It is never closed.
func loop() (*Loop, error) {
	standard.Do(func() { standard.Loop, standard.err = NewLoop(nil, nil) })
	return standard.Loop, standard.err
}

// Dial is Loop.Dial with a loop that all share.
func Dial(ctx context.Context, uri string, options *ClientOptions) (*Conn, error) {
	l, err := loop()
	if err != nil {
		return nil, err
	}
	return l.Dial(ctx, uri, options)
}

// Serve is Loop.Serve with a loop that all share.
func Serve(s *Server) error {
	l, err := loop()
	if err != nil {
		return err
	}
	return l.Serve(s)
}
