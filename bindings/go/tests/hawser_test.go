// Package tests uses the binding as a program would, and as none should.
package tests

import (
	"context"
	"errors"
	"net"
	"os"
	"os/exec"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"hawser"
)

func within(t testing.TB) context.Context {
	ctx, cancel := context.WithTimeout(context.Background(), 30*time.Second)
	t.Cleanup(cancel)
	return ctx
}

func newLoop(t testing.TB, other func(*hawser.Event)) *hawser.Loop {
	t.Helper()
	loop, err := hawser.NewLoop(nil, other)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		loop.Close()
		<-loop.Done()
	})
	return loop
}

// serve starts a server and gives its URI.
func serve(t testing.TB, loop *hawser.Loop, server *hawser.Server) string {
	t.Helper()
	server.Options.Bind = "127.0.0.1:0"
	if err := loop.Serve(server); err != nil {
		t.Fatal(err)
	}
	address, err := server.Addr()
	if err != nil {
		t.Fatal(err)
	}
	return "ws://" + address + "/"
}

func echo(c *hawser.Conn) {
	for {
		opcode, data, err := c.Read(context.Background())
		if err != nil {
			return
		}
		if err := c.Write(context.Background(), opcode, data); err != nil {
			return
		}
	}
}

func dial(t testing.TB, loop *hawser.Loop, uri string, options *hawser.ClientOptions) *hawser.Conn {
	t.Helper()
	c, err := loop.Dial(within(t), uri, options)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// is fails unless the error is all of these.
func is(t testing.TB, err error, targets ...error) {
	t.Helper()
	for _, target := range targets {
		if !errors.Is(err, target) {
			t.Errorf("%v is no %v", err, target)
		}
	}
}

func TestEcho(t *testing.T) {
	loop := newLoop(t, nil)
	uri := serve(t, loop, &hawser.Server{Handler: echo, Options: hawser.ServerOptions{Subprotocols: []string{"b", "a"}}})
	c := dial(t, loop, uri, &hawser.ClientOptions{Subprotocols: []string{"a", "b"}})
	if c.Handshake.Subprotocol == "" || c.Handshake.HTTPStatus != 101 || c.Handshake.Headers.Get("upgrade") == "" {
		t.Errorf("%+v", c.Handshake)
	}
	for _, text := range []string{"", "Grüße", strings.Repeat("x", 1<<20)} {
		if err := c.Write(within(t), hawser.Text, []byte(text)); err != nil {
			t.Fatal(err)
		}
		opcode, data, err := c.Read(within(t))
		if err != nil || opcode != hawser.Text || string(data) != text {
			t.Fatal(opcode, len(data), err)
		}
	}
	stats, err := c.Stats()
	if err != nil || stats.MessagesIn != 3 || stats.Connections != 1 {
		t.Errorf("%+v %v", stats, err)
	}
	if err := c.Close(); err != nil {
		t.Error(err)
	}
	_, _, err = c.Read(within(t))
	is(t, err, hawser.ErrClosedOK, hawser.ErrConnectionClosed, hawser.ErrError)
}

func TestErrors(t *testing.T) {
	loop := newLoop(t, nil)
	_, err := loop.Dial(within(t), "ws://127.0.0.1:1/", nil)
	is(t, err, hawser.ErrNetwork, hawser.ErrConnectionRefused, syscall.ECONNREFUSED)
	var e *hawser.Error
	if !errors.As(err, &e) || !strings.Contains(err.Error(), "<-") && e.Cause != nil {
		t.Errorf("%v", err)
	}
	var network net.Error
	if !errors.As(err, &network) || network.Timeout() {
		t.Error(err)
	}
	_, err = loop.Dial(within(t), "http://example.com/", nil)
	is(t, err, hawser.ErrInvalidURI, hawser.ErrUsage)
	is(t, hawser.ErrInvalidOrigin, hawser.ErrInvalidHeader, hawser.ErrHandshake)
	if errors.Is(hawser.ErrInvalidOrigin, hawser.ErrNetwork) || hawser.ErrInvalidOrigin.Name() != "INVALID_ORIGIN" {
		t.Error("INVALID_ORIGIN")
	}
	err = hawser.NewError(&hawser.Raise{Status: hawser.ErrInvalidMessageData, Detail: "no JSON", Opcode: hawser.Text,
		HasPosition: 1, Position: 7, Size: 9})
	is(t, err, hawser.ErrInvalidMessageData, hawser.ErrProtocol)
	if !errors.As(err, &e) || e.Position != 7 || e.Size != 9 || e.Detail != "no JSON" {
		t.Errorf("%+v", e)
	}
	_, err = hawser.GetPreset("none")
	is(t, err, hawser.ErrInvalidArgument)
	preset, err := hawser.GetPreset("mobile")
	if err != nil || preset.Timers.PingInterval != 45*time.Second || preset.Compression.Level != 6 {
		t.Errorf("%+v %v", preset, err)
	}
}

func TestRefusal(t *testing.T) {
	loop, failed := newLoop(t, nil), make(chan error, 1)
	uri := serve(t, loop, &hawser.Server{
		Handler: echo,
		Options: hawser.ServerOptions{Routes: []hawser.Route{
			{Pattern: "/page", Page: &hawser.Response{Status: 200, Body: []byte("page")}},
			{Pattern: "/ask/:who", Decide: hawser.On},
		}},
		Decide: func(e *hawser.Event) {
			if e.Handshake.Params[0] != (hawser.Header{Name: "who", Value: "me"}) {
				e.Request.Respond(&hawser.Response{Status: 401, Body: []byte("who?"),
					Headers: hawser.Headers{{Name: "X-Why", Value: "unknown"}, {Name: "X-Empty", Value: ""}}})
			} else if _, err := e.Request.Accept(nil); err != nil {
				t.Error(err)
			}
		},
		Failed: func(err error) { failed <- err },
	})
	_, err := loop.Dial(within(t), uri+"ask/you", nil)
	is(t, err, hawser.ErrInvalidStatus)
	var e *hawser.Error
	if !errors.As(err, &e) || e.HTTPStatus != 401 || string(e.Body) != "who?" || e.Headers.Get("x-why") != "unknown" {
		t.Errorf("%+v", e)
	}
	is(t, <-failed, hawser.ErrHandshakeAborted)
	if err := dial(t, loop, uri+"ask/me", nil).Close(); err != nil {
		t.Error(err)
	}
	_, err = loop.Dial(within(t), uri+"elsewhere", nil)
	is(t, err, hawser.ErrInvalidStatus)
}

func TestTLS(t *testing.T) {
	loop := newLoop(t, nil)
	certs := t.TempDir() + "/certs"
	if out, err := exec.Command("../../../tests/certs", certs).CombinedOutput(); err != nil {
		t.Fatalf("%v %s", err, out)
	}
	pem, err := os.ReadFile(certs + "/ca.pem")
	if err != nil {
		t.Fatal(err)
	}
	server := &hawser.Server{Handler: echo, Options: hawser.ServerOptions{TLS: &hawser.TLS{
		Certificate: hawser.Certificate{CertFile: certs + "/ecdsa.pem", KeyFile: certs + "/ecdsa.key"}}}}
	uri := strings.Replace(serve(t, loop, server), "ws:", "wss:", 1)
	_, err = loop.Dial(within(t), uri, nil)
	is(t, err, hawser.ErrTLSCertificate, hawser.ErrTLS, hawser.ErrSecurity)
	c := dial(t, loop, uri, &hawser.ClientOptions{TLS: &hawser.TLS{CAPEM: pem, ServerName: "localhost"}})
	if c.Handshake.TLSVersion != "TLSv1.3" || len(c.Handshake.TLSCertificate) == 0 {
		t.Errorf("%+v", c.Handshake)
	}
	is(t, server.SetTLS(&hawser.TLS{Certificate: hawser.Certificate{CertFile: "/nowhere", KeyFile: "/nowhere"}}), hawser.ErrIO, syscall.ENOENT)
}

func TestPublish(t *testing.T) {
	var published sync.WaitGroup
	published.Add(1)
	loop, err := hawser.NewLoop(&hawser.EngineOptions{PublishEvents: hawser.On}, func(e *hawser.Event) {
		if e.Kind == hawser.EventPublish && e.Topic == "chat/1" && string(e.Data) == "hi" {
			published.Done()
		}
	})
	if err != nil {
		t.Fatal(err)
	}
	defer loop.Close()
	subscribed := make(chan hawser.Handle, 2)
	uri := serve(t, loop, &hawser.Server{Handler: func(c *hawser.Conn) {
		if err := c.Subscribe("chat/#"); err != nil {
			t.Error(err)
		}
		subscribed <- c.Handle
		<-c.Done()
	}})
	conns := []*hawser.Conn{dial(t, loop, uri, nil), dial(t, loop, uri, nil)}
	handles := []hawser.Handle{<-subscribed, <-subscribed}
	if count, err := loop.Subscribers("chat/1"); count != 2 || err != nil {
		t.Error(count, err)
	}
	sharing, err := hawser.NewEngine(&hawser.EngineOptions{ShareTopics: loop.Engine})
	if err != nil {
		t.Fatal(err)
	}
	defer sharing.Close()
	if count, err := sharing.Subscribers("chat/1"); count != 2 || err != nil {
		t.Error(count, err)
	}
	if reached, skipped, err := loop.Publish("chat/1", hawser.Text, []byte("hi"), nil); reached != 2 || skipped != 0 || err != nil {
		t.Error(reached, skipped, err)
	}
	published.Wait()
	reached, skipped, err := hawser.SendMany(handles, hawser.Binary, []byte("bye"), &hawser.PublishOptions{Except: handles[0]})
	if reached != 1 || err != nil {
		t.Error(reached, skipped, err)
	}
	for _, c := range conns {
		if _, data, err := c.Read(within(t)); string(data) != "hi" || err != nil {
			t.Error(data, err)
		}
	}
}

func TestPool(t *testing.T) {
	loop := newLoop(t, nil)
	uri := serve(t, loop, &hawser.Server{Handler: echo})
	engine, err := hawser.NewEngine(nil)
	if err != nil {
		t.Fatal(err)
	}
	defer engine.Close()
	pool, err := engine.NewPool(&hawser.PoolOptions{MaxConnections: 1, Client: &hawser.ClientOptions{URI: uri}})
	if err != nil {
		t.Fatal(err)
	}
	for token := uint64(1); token <= 2; token++ {
		if err := pool.Acquire("/here", time.Minute, token); err != nil {
			t.Fatal(err)
		}
		e := await(t, engine, hawser.EventPoolReady)
		if e.Token != token {
			t.Errorf("%+v", e)
		}
		if err := pool.Release(e.Conn, true); err != nil {
			t.Error(err)
		}
		is(t, pool.Release(e.Conn, true), hawser.ErrInvalidHandle)
	}
	if counts, err := pool.Stats(); err != nil || counts.Opened != 1 || counts.Reused != 1 {
		t.Errorf("%+v %v", counts, err)
	}
	if err := pool.Close(); err != nil {
		t.Error(err)
	}
	is(t, pool.Close(), hawser.ErrPoolClosed, hawser.ErrResource)
}

// await polls for an event of this kind.
func await(t testing.TB, engine *hawser.Engine, kind hawser.EventKind) *hawser.Event {
	t.Helper()
	events := make([]hawser.Event, 1)
	for end := time.Now().Add(30 * time.Second); time.Now().Before(end); {
		n, err := engine.Poll(events, time.Second)
		if err != nil {
			t.Fatal(err)
		}
		if n == 1 && events[0].Kind == kind {
			return &events[0]
		}
	}
	t.Fatalf("no %v", kind)
	return nil
}

func TestAdopt(t *testing.T) {
	pair, err := syscall.Socketpair(syscall.AF_UNIX, syscall.SOCK_STREAM, 0)
	if err != nil {
		t.Fatal(err)
	}
	engine, err := hawser.NewEngine(nil)
	if err != nil {
		t.Fatal(err)
	}
	defer engine.Close()
	server, err := engine.Adopt(uintptr(pair[0]), nil, &hawser.ServerOptions{})
	if err != nil {
		t.Fatal(err)
	}
	client, err := engine.Adopt(uintptr(pair[1]), &hawser.ClientOptions{URI: "ws://localhost/"}, nil)
	if err != nil {
		t.Fatal(err)
	}
	await(t, engine, hawser.EventOpen)
	await(t, engine, hawser.EventOpen)
	if err := client.SetUser(7); err != nil {
		t.Error(err)
	}
	if err := server.Send(hawser.Binary, []byte{0, 255}, nil); err != nil {
		t.Error(err)
	}
	e := await(t, engine, hawser.EventMessage)
	if e.Conn != client || e.User != 7 || string(e.Data) != "\x00\xff" {
		t.Errorf("%+v", e)
	}
}

func TestReconnect(t *testing.T) {
	loop := newLoop(t, nil)
	first := true // handlers come one after the other here
	uri := serve(t, loop, &hawser.Server{Handler: func(c *hawser.Conn) {
		if first {
			first = false
			c.Abort()
			return
		}
		echo(c)
	}})
	c := dial(t, loop, uri, &hawser.ClientOptions{Reconnect: &hawser.Reconnect{BackoffMin: time.Millisecond}})
	defer c.Close()
	lost, err := c.Next(within(t))
	if err != nil || lost.Kind != hawser.EventReconnecting || lost.Err == nil {
		t.Fatalf("%+v %v", lost, err)
	}
	back, err := c.Next(within(t))
	if err != nil || back.Kind != hawser.EventOpen || back.Flags&hawser.FlagReconnected == 0 {
		t.Fatalf("%+v %v", back, err)
	}
}

func TestShutdown(t *testing.T) {
	loop := newLoop(t, nil)
	server := &hawser.Server{Handler: echo}
	c := dial(t, loop, serve(t, loop, server), nil)
	is(t, loop.Serve(server), hawser.ErrInvalidState)
	if err := server.Shutdown(within(t), nil); err != nil {
		t.Error(err)
	}
	_, _, err := c.Read(within(t))
	var e *hawser.Error
	if !errors.As(err, &e) || e.CloseRcvd == nil || e.CloseRcvd.Code != 1001 {
		t.Error(err)
	}
	is(t, server.Shutdown(within(t), nil), hawser.ErrUsage)
}
