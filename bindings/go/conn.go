package hawser

import (
	"context"
	"errors"
	"runtime"
	"sync"
)

// A Conn is a connection of a Loop: its Handle, and what can be waited for. Any goroutines may use it. Unless it is read it
// takes no more than some messages from its peer. One that is forgotten is aborted with the garbage.
type Conn struct {
	Handle
	Handshake *Handshake
	in        *inbox
}

func newConn(in *inbox, handshake *Handshake) *Conn {
	c := &Conn{in.handle, handshake, in}
	runtime.SetFinalizer(c, func(c *Conn) { c.Abort() }) // which fails if it has ended
	return c
}

// Read gives the next message, Text or Binary. Its error is the end of the connection, or of the context, which changes
// nothing else; or it is ErrQueueFull where messages are missing, see Limits.Overflow.
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

// Next gives the next event, of all kinds but EventWritable: Read for those who want to know more. The last event is its
// error.
func (c *Conn) Next(ctx context.Context) (Event, error) {
	defer runtime.KeepAlive(c) // or it might be abandoned meanwhile
	for {
		if e, ok, err := c.in.take(); ok || err != nil {
			return e, err
		}
		select {
		case <-c.in.ready:
		case <-c.in.done:
		case <-ctx.Done():
			return Event{}, ctx.Err()
		}
	}
}

// Write queues a message, Text or Binary, and waits while the send queue has no room for it.
func (c *Conn) Write(ctx context.Context, opcode Opcode, data []byte) error {
	defer runtime.KeepAlive(c)
	for {
		c.in.mu.Lock()
		writable := c.in.writable
		c.in.mu.Unlock()
		err := c.Send(opcode, data, nil)
		var full *Error
		if !errors.As(err, &full) || full.Status != ErrSendQueueFull || full.Size < 0 ||
			full.Capacity < uint64(full.Size)+14 { // with its head it will never fit
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

// Close closes the connection with 1000.
func (c *Conn) Close() error { return c.CloseWith(1000, "") }

// CloseWith does the closing handshake, and waits for it: up to Timers.Close. What still arrives is dropped. An end that
// was not clean is an error, also if it came before.
func (c *Conn) CloseWith(code uint32, reason string) error {
	err := c.Handle.CloseWith(code, reason)
	if err != nil && !errors.Is(err, ErrInvalidHandle) {
		return err
	}
	for err = nil; err == nil; {
		_, err = c.Next(context.Background())
	}
	if errors.Is(err, ErrClosedOK) {
		return nil
	}
	return err
}

// Done is closed when the connection has ended.
func (c *Conn) Done() <-chan struct{} { return c.in.done }

// An inbox is what the loop and a Conn share. It does not know the Conn, which can become garbage so.
type inbox struct {
	handle Handle
	ready  chan struct{} // full while there are events
	done   chan struct{} // closed at the end
	err    error         // the end, before done is closed

	mu       sync.Mutex
	events   []Event
	size     int // of their data
	paused   bool
	writable chan struct{} // closed when it is, and replaced
}

func (in *inbox) put(e *Event) {
	in.mu.Lock()
	defer in.mu.Unlock()
	if e.Kind == EventWritable {
		close(in.writable)
		in.writable = make(chan struct{})
		return
	}
	in.events = append(in.events, *e)
	in.size += len(e.Data)
	in.changed()
}

// take gives the first event, if there is one, and behind the last the end, if it has come.
func (in *inbox) take() (e Event, ok bool, err error) {
	in.mu.Lock()
	defer in.mu.Unlock()
	if len(in.events) == 0 {
		return e, false, in.err
	}
	e = in.events[0]
	in.events[0], in.events = Event{}, in.events[1:]
	in.size -= len(e.Data)
	in.changed()
	return e, true, nil
}

// changed wakes a reader if there are events. If there are too many the peer has to wait until half of them are gone.
func (in *inbox) changed() {
	full := len(in.events) >= 256 || in.size >= 1<<20
	half := len(in.events) >= 128 || in.size >= 1<<19
	if paused := full || half && in.paused; paused != in.paused {
		in.paused = paused
		in.handle.Pause(paused) // fails if it has ended
	}
	if len(in.events) > 0 {
		select {
		case in.ready <- struct{}{}:
		default: // it was
		}
	}
}

func (in *inbox) end(err error) {
	in.mu.Lock()
	defer in.mu.Unlock()
	in.err = err
	close(in.done)
}
