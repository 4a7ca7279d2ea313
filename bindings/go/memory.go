package hawser

// #include <stdlib.h>
// #include <string.h>
// #include "calls.h"
import "C"

import (
	"math"
	"strings"
	"time"
	"unsafe"
)

// memory is C's, for one call: what is passed in may hold pointers, which must not be to Go's there.
type memory struct{ blocks []unsafe.Pointer }

func (m *memory) free() {
	for _, block := range m.blocks {
		C.free(block)
	}
}

// alloc gives count zeros of a type.
func alloc[N any](m *memory, count int) *N {
	var zero N
	size := C.size_t(count) * C.size_t(unsafe.Sizeof(zero))
	block := C.malloc(size) // never nil, says cgo
	C.memset(block, 0, size)
	m.blocks = append(m.blocks, block)
	return (*N)(block)
}

// pointer copies a struct to C.
func pointer[G, N any](m *memory, g *G, fill func(*G, *N, *memory)) *N {
	if g == nil {
		return nil
	}
	n := alloc[N](m, 1)
	fill(g, n, m)
	return n
}

// array copies structs to C.
func array[G, N any](m *memory, all []G, fill func(*G, *N, *memory)) (*N, C.size_t) {
	if len(all) == 0 {
		return nil, 0
	}
	n := alloc[N](m, len(all))
	for i := range all {
		fill(&all[i], &unsafe.Slice(n, len(all))[i], m)
	}
	return n, C.size_t(len(all))
}

func (m *memory) text(s string) C.hws_str {
	if s == "" {
		return C.hws_str{}
	}
	text := C.CString(s)
	m.blocks = append(m.blocks, unsafe.Pointer(text))
	return C.hws_str{ptr: text, len: C.size_t(len(s))}
}

func fillText(s *string, c *C.hws_str, m *memory) { *c = m.text(*s) }

func (m *memory) bytes(b []byte) C.hws_bytes {
	text := m.text(string(b))
	return C.hws_bytes{ptr: (*C.uint8_t)(unsafe.Pointer(text.ptr)), len: text.len}
}

// first is where bytes begin that a call copies before it returns.
func first(b []byte) *C.uint8_t {
	if len(b) == 0 {
		return nil
	}
	return (*C.uint8_t)(&b[0])
}

// units is a time as C has it: what is more than none is one at least.
func units(d, unit time.Duration) int64 {
	switch {
	case d < 0:
		return -1
	case d > math.MaxInt32*unit:
		return math.MaxInt32
	}
	return int64((d + unit - 1) / unit)
}

func duration(n int64, unit time.Duration) time.Duration {
	if n < 0 {
		return Never
	}
	return time.Duration(n) * unit
}

// read copies what the library lends. It is left in C's memory meanwhile, since where a length is 0 a pointer may be
// anything, which Go's must not.
func read[N, G any](n *N, fill func(*G, *N)) *G {
	if n == nil {
		return nil
	}
	m, g := &memory{}, new(G)
	defer m.free()
	if known := *(*uint32)(unsafe.Pointer(n)); uintptr(known) < unsafe.Sizeof(*n) { // the library is older than the header
		whole := alloc[N](m, 1)
		C.memcpy(unsafe.Pointer(whole), unsafe.Pointer(n), C.size_t(known))
		n = whole
	}
	fill(g, n)
	return g
}

func list[N, G any](n **N, count C.size_t, read func(*G, *N)) []G {
	all := make([]G, count)
	for i := range all {
		read(&all[i], &unsafe.Slice(*n, count)[i])
	}
	return all
}

func readText(s *string, c *C.hws_str) {
	if c.len > 0 {
		*s = C.GoStringN(c.ptr, C.int(c.len))
	}
}

func readBytes(b *[]byte, c *C.hws_bytes) {
	if c.len > 0 {
		*b = append([]byte(nil), unsafe.Slice((*byte)(c.ptr), c.len)...)
	}
}

// Headers are fields of HTTP in their order.
type Headers []Header

// Get is the value of the first field with this name, in any case, or "".
func (h Headers) Get(name string) string {
	for _, header := range h {
		if strings.EqualFold(header.Name, name) {
			return header.Value
		}
	}
	return ""
}
