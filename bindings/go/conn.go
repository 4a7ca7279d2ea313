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
		writable := c.in.nextWritable()
		err := c.Send(opcode, data, nil)
		if full := (*Error)(nil); !errors.As(err, &full) || !full.willFit() {
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

// willFit tells whether a message was refused for want of room that there will be.
func (e *Error) willFit() bool {
	const head = 14 // of a frame, at most
	return e.Status == ErrSendQueueFull && e.Size >= 0 && uint64(e.Size)+head <= e.Capacity
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

// From here on the peer waits until half of it has been read.
const (
	inboxEvents = 256
	inboxBytes  = 1 << 20
)

func newInbox(handle Handle) *inbox {
	return &inbox{handle: handle, ready: make(chan struct{}, 1), done: make(chan struct{}), writable: make(chan struct{})}
}

func (in *inbox) put(e *Event) {
	in.mu.Lock()
	defer in.mu.Unlock()
	if e.Kind == EventWritable {
		close(in.writable)
		in.writable = make(chan struct{})
	} else {
		in.events = append(in.events, *e)
		in.size += len(e.Data)
		in.pause(in.paused || len(in.events) >= inboxEvents || in.size >= inboxBytes)
		in.signal()
	}
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
	in.pause(in.paused && (len(in.events) > inboxEvents/2 || in.size > inboxBytes/2))
	if len(in.events) > 0 {
		in.signal() // another goroutine
	}
	return e, true, nil
}

func (in *inbox) pause(paused bool) {
	if paused != in.paused {
		in.paused = paused
		in.handle.Pause(paused) // fails if it has ended
	}
}

func (in *inbox) signal() {
	select {
	case in.ready <- struct{}{}:
	default:
	}
}

func (in *inbox) nextWritable() <-chan struct{} {
	in.mu.Lock()
	defer in.mu.Unlock()
	return in.writable
}

func (in *inbox) end(err error) {
	in.mu.Lock()
	defer in.mu.Unlock()
	in.err = err
	close(in.done)
}
