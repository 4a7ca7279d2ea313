package hawser

import (
	"context"
	"errors"
	"runtime"
	"sync"
)

// A Conn is a connection of a Loop: its Handle, and what can be waited for. It may be used by any goroutines. While nobody
// reads it, it takes no more than some messages from its peer. One that is forgotten is aborted with the garbage.
type Conn struct {
	Handle
	Handshake *Handshake
	in        *inbox
}

func newConn(in *inbox, handshake *Handshake) *Conn {
	c := &Conn{in.handle, handshake, in}
	runtime.SetFinalizer(c, func(c *Conn) { c.in.abandon() })
	return c
}

// Read gives the next message: Text or Binary. An error is that with which the connection has ended, or ErrQueueFull where
// messages are missing (see Limits.Overflow), or that of the context, after which the connection is as before.
func (c *Conn) Read(ctx context.Context) (Opcode, []byte, error) {
	for {
		e, err := c.Next(ctx)
		switch {
		case err != nil:
			return 0, nil, err
		case e.Kind == EventQueue:
			return 0, nil, e.Err
		case e.Kind == EventMessage:
			return e.Opcode, e.Data, nil
		}
	}
}

// Next gives the next event, whatever it is: Read for those who want to know it all. EventOpen comes when a connection has
// come back; its first opening, EventWritable, the pongs of Ping and the last event are not events here.
func (c *Conn) Next(ctx context.Context) (Event, error) {
	defer runtime.KeepAlive(c) // or it might be abandoned meanwhile
	for {
		e, err := c.in.take()
		if e != nil || err != nil {
			return *e, err
		}
		select {
		case <-c.in.ready:
		case <-c.in.done:
		case <-ctx.Done():
			return Event{}, ctx.Err()
		}
	}
}

// Write queues a message: Text, Binary, or what else Send can send. While the send queue has no room it waits.
func (c *Conn) Write(ctx context.Context, opcode Opcode, data []byte) error {
	defer runtime.KeepAlive(c)
	for {
		writable := c.in.waitWritable()
		err := c.Send(opcode, data, nil)
		if !waitable(err) {
			return err
		}
		select {
		case <-writable:
		case <-c.in.done:
			return c.in.err
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}

// waitable tells whether there will be room for the message, which may be alone too large with its head.
func waitable(err error) bool {
	var e *Error
	const head = 14
	return errors.As(err, &e) && e.Status == ErrSendQueueFull && e.Size >= 0 && uint64(e.Size)+head <= e.Capacity
}

// Close closes with code 1000.
func (c *Conn) Close() error { return c.CloseWith(1000, "") }

// CloseWith does the closing handshake, for which it waits; what still arrives is dropped. If that was clean, or had been
// done before, there is no error.
func (c *Conn) CloseWith(code uint32, reason string) error {
	defer runtime.KeepAlive(c)
	if err := c.Handle.CloseWith(code, reason); err != nil && !errors.Is(err, ErrInvalidHandle) {
		return err
	}
	c.in.discard()
	<-c.in.done
	if errors.Is(c.in.err, ErrClosedOK) {
		return nil
	}
	return c.in.err
}

// Done is closed when the connection has ended.
func (c *Conn) Done() <-chan struct{} { return c.in.done }

// Err is that with which the connection has ended, nil while it lasts.
func (c *Conn) Err() error {
	select {
	case <-c.in.done:
		return c.in.err
	default:
		return nil
	}
}

// An inbox is what the loop and the goroutines of a connection share. It does not know the Conn, which can so be garbage.
type inbox struct {
	handle    Handle
	settled   chan struct{} // closed when it is open, or never will be
	done      chan struct{} // closed when it has ended
	ready     chan struct{} // full while there are events
	handshake *Handshake    // before settled is closed
	err       error         // before done is closed

	mu       sync.Mutex
	events   []Event
	size     int // of their data
	paused   bool
	closing  bool
	writable chan struct{} // closed when it is, and replaced
}

// From here on a peer has to wait until half of it has been read.
const (
	inboxEvents = 256
	inboxBytes  = 1 << 20
)

func newInbox(handle Handle) *inbox {
	return &inbox{handle: handle, settled: make(chan struct{}), done: make(chan struct{}), ready: make(chan struct{}, 1),
		writable: make(chan struct{})}
}

func (in *inbox) put(e *Event) {
	in.mu.Lock()
	defer in.mu.Unlock()
	switch {
	case e.Kind == EventOpen && in.handshake == nil:
		in.handshake = e.Handshake
		close(in.settled)
	case e.Kind == EventWritable:
		close(in.writable)
		in.writable = make(chan struct{})
	case !in.closing:
		in.events = append(in.events, *e)
		in.size += len(e.Data)
		in.pause(len(in.events) >= inboxEvents || in.size >= inboxBytes)
		in.signal()
	}
}

// take gives the first event, or the end behind the last; or nothing yet.
func (in *inbox) take() (*Event, error) {
	in.mu.Lock()
	defer in.mu.Unlock()
	if len(in.events) == 0 {
		return nil, in.err
	}
	e := in.events[0]
	in.events[0] = Event{}
	in.events = in.events[1:]
	in.size -= len(e.Data)
	in.pause(in.paused && (len(in.events) > inboxEvents/2 || in.size > inboxBytes/2))
	if len(in.events) > 0 {
		in.signal() // the next goroutine
	}
	return &e, nil
}

func (in *inbox) pause(paused bool) {
	if paused != in.paused {
		in.paused = paused
		in.handle.Pause(paused) // fails only when it has ended
	}
}

func (in *inbox) signal() {
	select {
	case in.ready <- struct{}{}:
	default:
	}
}

func (in *inbox) discard() {
	in.mu.Lock()
	defer in.mu.Unlock()
	in.closing, in.events, in.size = true, nil, 0
}

func (in *inbox) end(err error) {
	in.mu.Lock()
	defer in.mu.Unlock()
	in.err = err
	if in.handshake == nil {
		close(in.settled)
	}
	close(in.done)
}

func (in *inbox) abandon() {
	in.discard()
	in.handle.Abort() // fails when it has ended
}

func (in *inbox) waitWritable() <-chan struct{} {
	in.mu.Lock()
	defer in.mu.Unlock()
	return in.writable
}
