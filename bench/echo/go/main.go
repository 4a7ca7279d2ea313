// echo: what hws_echo does, with the binding for Go: an Engine that is polled for Events, a batch at a time.
package main

import (
	"fmt"
	"log"

	"hawser"
)

func main() {
	engine, err := hawser.NewEngine(nil)
	if err != nil {
		log.Fatal(err)
	}
	listener, err := engine.Listen(&hawser.ServerOptions{Bind: "127.0.0.1:0"})
	if err != nil {
		log.Fatal(err)
	}
	address, err := listener.Addr()
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println("listening on", address)
	for events := make([]hawser.Event, 256); ; {
		n, err := engine.Poll(events, hawser.Never)
		if err != nil {
			log.Fatal(err)
		}
		for i := range events[:n] {
			if e := &events[i]; e.Kind == hawser.EventMessage {
				if err := e.Conn.Send(e.Opcode, e.Data, nil); err != nil {
					log.Fatal(err)
				}
			}
		}
	}
}
