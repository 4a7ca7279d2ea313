package tests

import (
	"context"
	"testing"

	"hawser"
)

// A message there and back, both ends in this process, each with an engine of its own.
func BenchmarkEcho(b *testing.B) {
	c := dial(b, newLoop(b, nil), serve(b, newLoop(b, nil), &hawser.Server{Handler: echo}), nil)
	defer c.Close()
	ctx, data := context.Background(), make([]byte, 125)
	b.ReportAllocs()
	b.ResetTimer()
	for i := 0; i < b.N; i++ {
		if err := c.Write(ctx, hawser.Binary, data); err != nil {
			b.Fatal(err)
		}
		if _, _, err := c.Read(ctx); err != nil {
			b.Fatal(err)
		}
	}
}

// Messages through a loop, as fast as they are read.
func BenchmarkReceive(b *testing.B) {
	send := func(c *hawser.Conn) {
		for data := make([]byte, 125); ; {
			if c.Write(context.Background(), hawser.Binary, data) != nil {
				return
			}
		}
	}
	c := dial(b, newLoop(b, nil), serve(b, newLoop(b, nil), &hawser.Server{Handler: send}), nil)
	b.ReportAllocs()
	b.ResetTimer()
	for i := 0; i < b.N; i++ {
		if _, _, err := c.Read(context.Background()); err != nil {
			b.Fatal(err)
		}
	}
	b.StopTimer()
	c.Abort()
}
