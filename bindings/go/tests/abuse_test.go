package tests

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log"
	"os"
	"runtime"
	"sync"
	"testing"
	"time"

	"hawser"
)

func TestCloseTwice(t *testing.T) {
	loop := newLoop(t, nil)
	server := &hawser.Server{Handler: echo}
	c := dial(t, loop, serve(t, loop, server), nil)
	for i := 0; i < 2; i++ {
		if err := c.Close(); err != nil {
			t.Error(err)
		}
	}
	if err := server.Close(nil); err != nil {
		t.Error(err)
	}
	is(t, server.Close(nil), hawser.ErrUsage)
	if err := loop.Close(); err != nil {
		t.Error(err)
	}
	is(t, loop.Close(), hawser.ErrInvalidHandle)
	<-loop.Done()
	is(t, loop.Close(), hawser.ErrInvalidHandle)
}

// calls makes every call that takes a handle.
func calls(engine *hawser.Engine, h hawser.Handle, l hawser.Listener, r hawser.Request, p hawser.Pool) map[string]error {
	all := map[string]error{
		"Send": h.Send(hawser.Text, []byte("x"), &hawser.SendOptions{Token: 1}), "CloseWith": h.CloseWith(1000, "x"),
		"Abort": h.Abort(), "Pause": h.Pause(true), "SetUser": h.SetUser(1), "Subscribe": h.Subscribe("x"),
		"Unsubscribe": h.Unsubscribe("x"), "Reconnect": h.Reconnect(nil), "Replay": h.Replay(1), "Forget": h.Forget(1),
		"Listener.Close": l.Close(nil), "SetTLS": l.SetTLS(&hawser.TLS{}), "Respond": r.Respond(&hawser.Response{Status: 200}),
		"Acquire": p.Acquire("/", 0, 1), "Release": p.Release(h, true), "Pool.Close": p.Close(), "Wake": engine.Wake(),
	}
	_, all["State"] = h.State()
	_, all["User"] = h.User()
	_, all["Stats"] = h.Stats()
	_, all["Addr"] = l.Addr()
	_, all["Accept"] = r.Accept(nil)
	_, all["Pool.Stats"] = p.Stats()
	_, all["Poll"] = engine.Poll(make([]hawser.Event, 1), 0)
	_, all["Connect"] = engine.Connect(&hawser.ClientOptions{URI: "ws://127.0.0.1:1/"})
	_, all["Listen"] = engine.Listen(&hawser.ServerOptions{Bind: "127.0.0.1:0"})
	_, all["NewPool"] = engine.NewPool(&hawser.PoolOptions{Client: &hawser.ClientOptions{URI: "ws://127.0.0.1:1/"}})
	_, all["Engine.Stats"] = engine.Stats()
	_, all["Refusals"] = engine.Refusals(hawser.ErrError)
	_, all["Subscribers"] = engine.Subscribers("x")
	_, all["Pollable"] = engine.Pollable()
	_, all["NextTimeout"] = engine.NextTimeout()
	_, _, all["Publish"] = engine.Publish("x", hawser.Text, nil, nil)
	return all
}

func TestUseAfterClose(t *testing.T) {
	engine, err := hawser.NewEngine(nil)
	if err != nil {
		t.Fatal(err)
	}
	l, err := engine.Listen(&hawser.ServerOptions{Bind: "127.0.0.1:0"})
	if err != nil {
		t.Fatal(err)
	}
	address, err := l.Addr()
	if err != nil {
		t.Fatal(err)
	}
	h, err := engine.Connect(&hawser.ClientOptions{URI: "ws://" + address})
	if err != nil {
		t.Fatal(err)
	}
	p, err := engine.NewPool(&hawser.PoolOptions{Client: &hawser.ClientOptions{URI: "ws://" + address}})
	if err != nil {
		t.Fatal(err)
	}
	engine.Close()
	for name, err := range calls(engine, h, l, hawser.Request{}, p) {
		if !errors.Is(err, hawser.ErrInvalidHandle) {
			t.Errorf("%s after Close: %v", name, err)
		}
	}
	for name, err := range calls(&hawser.Engine{}, hawser.Handle{}, hawser.Listener{}, hawser.Request{}, hawser.Pool{}) {
		if !errors.Is(err, hawser.ErrInvalidHandle) {
			t.Errorf("%s of nothing: %v", name, err)
		}
	}
}

func TestOptionsThatAreNil(t *testing.T) {
	engine, err := hawser.NewEngine(nil)
	if err != nil {
		t.Fatal(err)
	}
	defer engine.Close()
	_, err = engine.Connect(nil)
	is(t, err, hawser.ErrInvalidArgument)
	_, err = engine.Listen(nil)
	is(t, err, hawser.ErrInvalidArgument)
	_, err = engine.NewPool(nil)
	is(t, err, hawser.ErrInvalidArgument)
	_, err = engine.Adopt(0, nil, nil)
	is(t, err, hawser.ErrInvalidArgument)
	is(t, hawser.NewError(nil), hawser.ErrInvalidArgument)
	_, _, err = hawser.SendMany(nil, hawser.Text, nil, nil)
	if err != nil {
		t.Error(err)
	}
	if n, err := engine.Poll(nil, 0); n != 0 || err != nil {
		t.Error(n, err)
	}
}

// What the memory around the data holds is not cgo's affair.
func TestDataBesidePointers(t *testing.T) {
	loop := newLoop(t, nil)
	c := dial(t, loop, serve(t, loop, &hawser.Server{Handler: echo}), nil)
	defer c.Close()
	var record struct {
		name *string
		data [5]byte
	}
	record.name = new(string)
	copy(record.data[:], "hello")
	if err := c.Write(within(t), hawser.Binary, record.data[:]); err != nil {
		t.Fatal(err)
	}
	if _, data, err := c.Read(within(t)); string(data) != "hello" || err != nil {
		t.Error(data, err)
	}
}

func descriptors(t *testing.T) int {
	files, err := os.ReadDir("/proc/self/fd")
	if err != nil {
		t.Skip("no /proc here")
	}
	return len(files)
}

// eventually runs the garbage collector until it is so.
func eventually(t *testing.T, what string, is func() bool) {
	t.Helper()
	for end := time.Now().Add(20 * time.Second); !is(); time.Sleep(5 * time.Millisecond) {
		if time.Now().After(end) {
			t.Fatal(what)
		}
		runtime.GC()
	}
}

func TestForgottenEngines(t *testing.T) {
	before := descriptors(t)
	for i := 0; i < 50; i++ {
		engine, err := hawser.NewEngine(nil)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := engine.Listen(&hawser.ServerOptions{Bind: "127.0.0.1:0"}); err != nil {
			t.Fatal(err)
		}
	}
	eventually(t, "they have kept their descriptors", func() bool { return descriptors(t) <= before })
}

func TestForgottenConn(t *testing.T) {
	loop, ended := newLoop(t, nil), make(chan error, 1)
	uri := serve(t, loop, &hawser.Server{Handler: func(c *hawser.Conn) {
		_, _, err := c.Read(context.Background())
		ended <- err
	}})
	done := dial(t, loop, uri, nil).Done()
	eventually(t, "it is still there", func() bool {
		select {
		case <-done:
			return true
		default:
			return false
		}
	})
	is(t, <-ended, hawser.ErrClosedError)
}

// A Conn that somebody reads is not forgotten, although nothing else knows it.
func TestReadKeepsConn(t *testing.T) {
	loop, say := newLoop(t, nil), make(chan struct{})
	uri := serve(t, loop, &hawser.Server{Handler: func(c *hawser.Conn) {
		<-say
		c.Write(context.Background(), hawser.Text, []byte("late"))
		<-c.Done()
	}})
	read := make(chan error)
	go func(c *hawser.Conn) {
		_, _, err := c.Read(context.Background())
		read <- err
	}(dial(t, loop, uri, nil))
	for i := 0; i < 20; i++ {
		runtime.GC()
		time.Sleep(time.Millisecond)
	}
	close(say)
	if err := <-read; err != nil {
		t.Error(err)
	}
}

type holder struct {
	c      *hawser.Conn
	engine *hawser.Engine
}

func TestInFinalizer(t *testing.T) {
	loop := newLoop(t, nil)
	engine, err := hawser.NewEngine(nil)
	if err != nil {
		t.Fatal(err)
	}
	errs := make(chan error, 2)
	runtime.SetFinalizer(&holder{dial(t, loop, serve(t, loop, &hawser.Server{Handler: echo}), nil), engine}, func(h *holder) {
		errs <- h.c.Close()
		errs <- h.engine.Close()
	})
	engine = nil
	eventually(t, "no finalizer", func() bool { return len(errs) == 2 })
	if err := <-errs; err != nil {
		t.Error(err)
	}
	if err := <-errs; err != nil {
		t.Error(err)
	}
}

func TestPollOfTwo(t *testing.T) {
	engine, err := hawser.NewEngine(nil)
	if err != nil {
		t.Fatal(err)
	}
	polled := make(chan error)
	for i := 0; i < 2; i++ {
		go func() {
			_, err := engine.Poll(make([]hawser.Event, 1), hawser.Never)
			polled <- err
		}()
	}
	is(t, <-polled, hawser.ErrConcurrency) // whoever came second
	engine.Close()
	if err := <-polled; err != nil && !errors.Is(err, hawser.ErrInvalidHandle) {
		t.Error(err)
	}
	_, err = newLoop(t, nil).Poll(make([]hawser.Event, 1), 0)
	is(t, err, hawser.ErrConcurrency)
}

func TestManyGoroutines(t *testing.T) {
	loop := newLoop(t, nil)
	c := dial(t, loop, serve(t, loop, &hawser.Server{Handler: echo}), nil)
	const goroutines, messages = 8, 200
	var all sync.WaitGroup
	for i := 0; i < goroutines; i++ {
		all.Add(2)
		go func() {
			defer all.Done()
			for i := 0; i < messages; i++ {
				if err := c.Write(within(t), hawser.Text, []byte("x")); err != nil {
					t.Error(err)
				}
			}
		}()
		go func() {
			defer all.Done()
			for i := 0; i < messages; i++ {
				if _, _, err := c.Read(within(t)); err != nil {
					t.Error(err)
				}
			}
		}()
	}
	all.Wait()
	for i := 0; i < goroutines; i++ {
		all.Add(1)
		go func() {
			defer all.Done()
			if err := c.Close(); err != nil {
				t.Error(err)
			}
		}()
	}
	all.Wait()
}

func TestHundredEngines(t *testing.T) {
	uri := serve(t, newLoop(t, nil), &hawser.Server{Handler: echo})
	var all sync.WaitGroup
	for i := 0; i < 100; i++ {
		all.Add(1)
		go func(i int) {
			defer all.Done()
			loop, err := hawser.NewLoop(&hawser.EngineOptions{IOThread: hawser.Toggle(i % 3)}, nil)
			if err != nil {
				t.Error(err)
				return
			}
			c := dial(t, loop, uri, nil)
			text := fmt.Sprint("of ", i)
			if err := c.Write(within(t), hawser.Text, []byte(text)); err != nil {
				t.Error(err)
			}
			if _, data, err := c.Read(within(t)); string(data) != text || err != nil {
				t.Error(data, err)
			}
			loop.Close()
			_, _, err = c.Read(within(t))
			is(t, err, hawser.ErrInvalidHandle)
		}(i)
	}
	all.Wait()
}

// Engines are closed while they are polled and used, in every order that the scheduler finds.
func TestCloseUnderWay(t *testing.T) {
	uri := serve(t, newLoop(t, nil), &hawser.Server{Handler: echo})
	for i := 0; i < 50; i++ {
		engine, err := hawser.NewEngine(nil)
		if err != nil {
			t.Fatal(err)
		}
		h, err := engine.Connect(&hawser.ClientOptions{URI: uri})
		if err != nil {
			t.Fatal(err)
		}
		var all sync.WaitGroup
		for _, use := range []func() error{
			func() error { _, err := engine.Poll(make([]hawser.Event, 4), time.Millisecond); return err },
			func() error { _, err := engine.Poll(make([]hawser.Event, 4), hawser.Never); return err },
			func() error { return h.Send(hawser.Text, []byte("x"), nil) },
			func() error { _, err := h.Stats(); return err },
		} {
			all.Add(1)
			go func(use func() error) {
				defer all.Done()
				for {
					if errors.Is(use(), hawser.ErrInvalidHandle) {
						return
					}
				}
			}(use)
		}
		time.Sleep(time.Duration(i%5) * time.Millisecond)
		engine.Close()
		all.Wait()
	}
}

func TestPanics(t *testing.T) {
	log.SetOutput(io.Discard)
	defer log.SetOutput(os.Stderr)
	loop := newLoop(t, nil)
	uri := serve(t, loop, &hawser.Server{
		Options: hawser.ServerOptions{Routes: []hawser.Route{
			{Pattern: "/handler"}, {Pattern: "/decide", Decide: hawser.On},
		}},
		Handler: func(*hawser.Conn) { panic("a handler's") },
		Decide:  func(*hawser.Event) { panic("a decision's") },
		Failed:  func(error) { panic("a failure's") },
	})
	_, _, err := dial(t, loop, uri+"handler", nil).Read(within(t))
	var e *hawser.Error
	if !errors.As(err, &e) || e.CloseRcvd == nil || e.CloseRcvd.Code != 1011 {
		t.Errorf("%+v", err)
	}
	_, err = loop.Dial(within(t), uri+"decide", nil)
	if !errors.As(err, &e) || e.HTTPStatus != 500 {
		t.Errorf("%+v", err)
	}
	// nobody is there who could handle it
	_, _, err = dial(t, loop, serve(t, loop, &hawser.Server{}), nil).Read(within(t))
	if !errors.As(err, &e) || e.CloseRcvd == nil || e.CloseRcvd.Code != 1011 {
		t.Errorf("%+v", err)
	}
}

// The hook runs on the goroutine that polls; closing the loop there must not wait for itself.
func TestCloseInHook(t *testing.T) {
	var loop *hawser.Loop
	ready := make(chan struct{})
	loop = newLoop(t, func(*hawser.Event) {
		<-ready
		loop.Close()
	})
	close(ready)
	if _, err := loop.Connect(&hawser.ClientOptions{URI: "ws://127.0.0.1:1/"}); err != nil {
		t.Fatal(err)
	}
	<-loop.Done()
}

func TestContexts(t *testing.T) {
	loop := newLoop(t, nil)
	uri := serve(t, loop, &hawser.Server{
		Handler: echo,
		Options: hawser.ServerOptions{Routes: []hawser.Route{{Pattern: "/mute", Decide: hawser.On}, {Pattern: "/"}}},
		Decide:  func(*hawser.Event) {},
	})
	ctx, cancel := context.WithTimeout(context.Background(), 20*time.Millisecond)
	defer cancel()
	_, err := loop.Dial(ctx, uri+"mute", nil)
	is(t, err, context.DeadlineExceeded)
	c := dial(t, loop, uri, nil)
	_, _, err = c.Read(ctx)
	is(t, err, context.DeadlineExceeded)
	if err := c.Write(within(t), hawser.Text, []byte("still there")); err != nil {
		t.Error(err)
	}
	if _, data, err := c.Read(within(t)); string(data) != "still there" || err != nil {
		t.Error(data, err)
	}
}

// Who does not read slows down who writes, loses nothing, and neither fills the memory.
func TestSlowReader(t *testing.T) {
	loop, accepted := newLoop(t, nil), make(chan *hawser.Conn, 1)
	const size, messages = 1 << 16, 500
	small := &hawser.Limits{SendQueueMax: 4 * size}
	uri := serve(t, loop, &hawser.Server{Options: hawser.ServerOptions{Limits: small}, Handler: func(c *hawser.Conn) {
		accepted <- c
		<-c.Done()
	}})
	c := dial(t, loop, uri, &hawser.ClientOptions{Limits: small, Compression: &hawser.Compression{Enabled: hawser.Off}})
	defer c.Close()
	data := make([]byte, size)
	ctx, cancel := context.WithCancel(context.Background())
	written := make(chan int)
	go func() {
		n := 0
		for ; c.Write(ctx, hawser.Binary, data) == nil && n < messages; n++ {
			data[0]++
		}
		written <- n
	}()
	reader := <-accepted
	for i := 0; i < messages; i++ {
		_, data, err := reader.Read(within(t))
		if err != nil || len(data) != size || data[0] != byte(i) {
			t.Fatal(i, len(data), err)
		}
	}
	cancel()
	if n := <-written; n < messages {
		t.Error(n)
	}
	err := c.Write(within(t), hawser.Binary, make([]byte, 5*size))
	is(t, err, hawser.ErrSendQueueFull, hawser.ErrResource)
	// nobody reads any more, so that a write waits until its context ends
	ctx, cancel = context.WithTimeout(context.Background(), 300*time.Millisecond)
	defer cancel()
	for err = nil; err == nil; {
		err = c.Write(ctx, hawser.Binary, data)
	}
	is(t, err, context.DeadlineExceeded)
	if stats, err := c.Stats(); err != nil || stats.SendQueued > 4*size {
		t.Error(stats.SendQueued, err)
	}
	c.Abort()
}
