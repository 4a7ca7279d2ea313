package hawser

import (
	"context"
	"log"
	"runtime/debug"
	"sync"
)

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
	go func() {
		<-s.closed
		s.handlers.Wait()
		close(done)
	}()
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
	go func() {
		defer s.handlers.Done()
		guard(func() { s.Handler(c); c.Close() }, func() { c.CloseWith(1011, "") })
	}()
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
