package hawser

import (
	"context"
	"log"
	"runtime/debug"
	"sync"
)

// A Server serves clients of a Loop. Its functions run in goroutines of their own. One that panics is logged, and closes
// its connection with 1011.
type Server struct {
	Options ServerOptions
	Handler func(*Conn)  // for each connection, which it closes when it returns
	Decide  func(*Event) // for each EventRequest, see Route.Decide; nil: they are answered 501
	Failed  func(error)  // for each client that fails to open; may be nil

	listener Listener
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
	if s.listener, err = l.Listen(&s.Options); err == nil {
		s.closed = make(chan struct{})
		l.servers[s.listener] = s
	}
	return err
}

// Addr is where it listens, "127.0.0.1:40213".
func (s *Server) Addr() (string, error) { return s.listener.Addr() }

// SetTLS is the certificate and the rules for those who connect from now on.
func (s *Server) SetTLS(tls *TLS) error { return s.listener.SetTLS(tls) }

// Shutdown stops listening and closes all connections, with 1001 unless the drain says more, which may be nil. It waits
// for their handlers.
func (s *Server) Shutdown(ctx context.Context, drain *Drain) error {
	if drain == nil {
		drain = &Drain{}
	}
	if err := s.listener.Close(drain); err != nil {
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

// dispatch gets what is not about an open connection.
func (s *Server) dispatch(e Event) {
	switch {
	case e.Kind == EventRequest && s.Decide == nil:
		e.Request.Respond(&Response{Status: 501}) // fails when the client has left
	case e.Kind == EventRequest:
		go s.guard(func() { s.Decide(&e) })
	case e.Kind == EventAcceptFailed && s.Failed != nil:
		go s.guard(func() { s.Failed(e.Err) })
	}
}

func (s *Server) handle(c *Conn) {
	defer s.handlers.Done()
	if s.guard(func() { s.Handler(c) }) {
		c.Close()
	} else {
		c.CloseWith(1011, "")
	}
}

// guard tells whether the function returned, and logs its panic if not.
func (s *Server) guard(f func()) (returned bool) {
	defer func() {
		if cause := recover(); cause != nil {
			log.Printf("hawser: panic in a function of the server: %v\n%s", cause, debug.Stack())
		}
	}()
	f()
	return true
}
