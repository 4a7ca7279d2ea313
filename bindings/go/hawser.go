// Package hawser is a WebSocket client and server: libhawser for Go.
//
// Most programs make a Loop: a goroutine of its own drives the connections of its Dial and Serve, which any goroutines may
// then read and write, with contexts.
//
// Below it is the library as it is: an Engine that the program polls for Events, and Handles of connections. Options are
// structs whose zero values are the defaults; times are Durations, and Never is none.
//
// An error of the library is an *Error, which says all that is known. errors.Is compares it, and what led to it, with
// statuses, and a status is all that it is a kind of: errors.Is(err, hawser.ErrHandshake) holds for every way in which an
// opening handshake can fail.
package hawser

// #cgo pkg-config: hawser
// #include <stdlib.h>
// #include "calls.h"
import "C"

import (
	"runtime"
	"sync"
	"sync/atomic"
	"time"
	"unsafe"
)

// Never in place of a time is none: no deadline.
const Never time.Duration = -1

// An Engine drives connections and listeners while it is polled. Any goroutines may use it. One that is forgotten is closed
// with the garbage.
type Engine struct {
	id      C.uint64_t
	closed  atomic.Bool
	polling sync.Mutex // held until what the events point to is copied
	batch   *C.hws_event
	room    int // events that fit there
}

// NewEngine makes an engine. options may be nil.
func NewEngine(options *EngineOptions) (*Engine, error) {
	m := &memory{}
	defer m.free()
	var engine C.hws_engine
	if err := check(C.call_engine_new(pointer(m, options, (*EngineOptions).fill), &engine)); err != nil {
		return nil, err
	}
	e := &Engine{id: engine.id}
	runtime.SetFinalizer(e, (*Engine).Close)
	return e, nil
}

func (e *Engine) c() C.hws_engine { return C.hws_engine{id: e.id} }

// Close drops the engine with all its connections and listeners, at once and without Close frames. A poll that is under
// way ends, and the engine with it.
func (e *Engine) Close() error {
	if e.closed.Swap(true) {
		return newError(ErrInvalidHandle, "the engine is closed")
	}
	e.Wake() // cannot fail
	e.free()
	return nil
}

// free frees an engine that is closed, unless somebody polls it, who will. A second time does nothing.
func (e *Engine) free() {
	if e.closed.Load() && e.polling.TryLock() {
		C.hws_engine_free(e.c())
		C.free(unsafe.Pointer(e.batch))
		e.batch, e.room = nil, 0
		e.polling.Unlock()
	}
}

// Poll does all work that is due, waits up to timeout for some if there are no events yet, and fills events in, n of them:
// none when the time is over, or Wake was called. While one goroutine polls, others get ErrConcurrency.
func (e *Engine) Poll(events []Event, timeout time.Duration) (n int, err error) {
	if !e.polling.TryLock() {
		return 0, newError(ErrConcurrency, "another goroutine polls the engine")
	}
	defer e.free()
	defer e.polling.Unlock()
	return e.poll(events, timeout)
}

func (e *Engine) poll(events []Event, timeout time.Duration) (n int, err error) {
	if e.closed.Load() {
		return 0, newError(ErrInvalidHandle, "the engine is closed")
	}
	if len(events) > e.room {
		C.free(unsafe.Pointer(e.batch))
		e.batch, e.room = alloc[C.hws_event](&memory{}, len(events)), len(events)
	}
	count := C.uint32_t(0)
	err = check(C.call_poll(e.c(), e.batch, C.sizeof_hws_event, C.uint32_t(len(events)),
		C.int32_t(units(timeout, time.Millisecond)), &count))
	for i := range events[:count] {
		events[i] = Event{}
		events[i].read(&unsafe.Slice(e.batch, count)[i])
	}
	return int(count), err
}
