// echo: what hws_echo does, with cgo alone: nothing is copied, and each call of the library is one of cgo's.
package main

// #cgo pkg-config: hawser
// #include <hawser.h>
// #include <stdlib.h>
import "C"

import (
	"fmt"
	"log"
	"unsafe"
)

const batch = 256

// ok ends the program if a call has failed.
func ok(status C.hws_status) {
	if status != C.HWS_OK {
		log.Fatal(C.GoString((*C.char)(unsafe.Pointer(C.hws_last_error().message.ptr))))
	}
}

func main() {
	var engine C.hws_engine
	var listener C.hws_listener
	var count, sent C.uint32_t
	var address [64]C.char
	ok(C.hws_engine_new(nil, &engine))
	options := (*C.hws_server_options)(C.calloc(1, C.sizeof_hws_server_options))
	options.struct_size = C.sizeof_hws_server_options
	options.bind = C.hws_cstr(C.CString("127.0.0.1:0"))
	ok(C.hws_listen(engine, options, &listener))
	ok(C.hws_listener_address(listener, &address[0], C.size_t(len(address)), nil))
	fmt.Println("listening on", C.GoString(&address[0]))
	// C's memory, for the library writes pointers into the one, and reads those in the other
	events := (*C.hws_event)(C.calloc(batch, C.sizeof_hws_event))
	echoes := unsafe.Slice((*C.hws_outgoing)(C.calloc(batch, C.sizeof_hws_outgoing)), batch)
	for {
		ok(C.hws_poll(engine, events, C.sizeof_hws_event, batch, C.HWS_NEVER, &count))
		messages := 0
		for _, e := range unsafe.Slice(events, count) {
			if e.kind == C.HWS_EVENT_MESSAGE {
				echo := &echoes[messages]
				echo.conn, echo.opcode, echo.data = e.conn, e.opcode, e.data
				messages++
			}
		}
		for at := 0; at < messages; at += int(sent) {
			ok(C.hws_send_batch(&echoes[at], C.sizeof_hws_outgoing, C.uint32_t(messages-at), &sent))
		}
	}
}
