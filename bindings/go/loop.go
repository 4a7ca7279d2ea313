package hawser

import (
	"context"
	"log"
	"runtime/debug"
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
	events, err := make([]Event, 128), error(nil)
	for n := 0; err == nil; {
		n, err = l.poll(events, Never)
		for i := range events[:n] {
			if e := &events[i]; !l.dispatch(e) && l.other != nil {
				l.other(e)
			}
		}
	}
	l.end(err)
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
	for _, in := range l.inboxes {
		in.end(err)
	}
	for _, server := range l.servers {
		close(server.closed)
	}
	close(l.done)
}

// inbox makes that of a connection; with l.mu held.
func (l *Loop) inbox(handle Handle) *inbox {
	in := &inbox{handle: handle, ready: make(chan struct{}, 1), done: make(chan struct{}), writable: make(chan struct{})}
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

// A Server serves clients of a Loop. Its functions run in goroutines of their own. One that panics is logged; its connection
// is closed with 1011, its request answered 500.
type Server struct {
	Listener // that of Serve
	Options  ServerOptions
	Handler  func(*Conn)  // for each connection, which it closes when it returns
	Decide   func(*Event) // for each EventRequest, see Route.Decide; may be nil if no route asks
	Failed   func(error)  // for each client that fails to open; may be nil

	handlers sync.WaitGroup
	closed   chan struct{}
}

// Serve begins to listen.
func (l *Loop) Serve(s *Server) (err error) {
	l.mu.Lock() // or the first event might come before its server is known
	defer l.mu.Unlock()
	if s.closed != nil {
		return newError(ErrInvalidState, "the server was started before")
	}
	if s.Listener, err = l.Listen(&s.Options); err == nil {
		s.closed = make(chan struct{})
		l.servers[s.Listener] = s
	}
	return err
}

// Shutdown stops listening and closes all connections, with 1001 unless the drain says more, which may be nil. It waits
// for their handlers.
func (s *Server) Shutdown(ctx context.Context, drain *Drain) error {
	if drain == nil {
		drain = &Drain{}
	}
	if err := s.Listener.Close(drain); err != nil {
		return err
	}
	done := make(chan struct{})
	go func() { <-s.closed; s.handlers.Wait(); close(done) }()
	select {
	case <-done:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// open serves a client.
func (s *Server) open(c *Conn) {
	s.handlers.Add(1)
	go guard(func() { defer s.handlers.Done(); s.Handler(c); c.Close() }, func() { c.CloseWith(1011, "") })
}

// dispatch gets what is not about an open connection.
func (s *Server) dispatch(e Event) {
	switch {
	case e.Kind == EventRequest:
		go guard(func() { s.Decide(&e) }, func() { e.Request.Respond(&Response{Status: 500}) })
	case e.Kind == EventAcceptFailed && s.Failed != nil:
		go guard(func() { s.Failed(e.Err) }, func() {})
	}
}

// guard logs a panic, after which it does something else.
func guard(do, otherwise func()) {
	defer func() {
		if cause := recover(); cause != nil {
			log.Printf("hawser: panic in a function of a server: %v\n%s", cause, debug.Stack())
			otherwise()
		}
	}()
	do()
}
