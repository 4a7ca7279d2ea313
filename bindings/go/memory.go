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

// memory is C's: what is passed in may have pointers in it, which Go's memory must not have there.
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

// pointer gives a copy of a Go struct as C has it.
func pointer[G, N any](m *memory, g *G, fill func(*G, *N, *memory)) *N {
	if g == nil {
		return nil
	}
	n := alloc[N](m, 1)
	fill(g, n, m)
	return n
}

// array does that to a slice.
func array[G, N any](m *memory, list []G, fill func(*G, *N, *memory)) (*N, C.size_t) {
	if len(list) == 0 {
		return nil, 0
	}
	n := alloc[N](m, len(list))
	for i := range list {
		fill(&list[i], &unsafe.Slice(n, len(list))[i], m)
	}
	return n, C.size_t(len(list))
}

func (m *memory) text(s string) C.hws_str {
	if s == "" {
		return C.hws_str{}
	}
	text := C.CString(s)
	m.blocks = append(m.blocks, unsafe.Pointer(text))
	return C.hws_str{ptr: text, len: C.size_t(len(s))}
}

func (m *memory) texts(list []string) (*C.hws_str, C.size_t) {
	return array(m, list, func(s *string, c *C.hws_str, m *memory) { *c = m.text(*s) })
}

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

func truth(b bool) C.int32_t {
	if b {
		return 1
	}
	return 0
}

// units is a time in units, as C has it; more than none and less than one is one.
func units(d, unit time.Duration) int64 {
	if d < 0 {
		return -1
	}
	if d > math.MaxInt32*unit {
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

// read copies what the library lends, as far as the library knows it: it may be older than the header.
func read[N, G any](n *N, fill func(*G, *N)) *G {
	if n == nil {
		return nil
	}
	var whole N
	size := *(*uint32)(unsafe.Pointer(n))
	if size > uint32(unsafe.Sizeof(whole)) {
		size = uint32(unsafe.Sizeof(whole))
	}
	copy(unsafe.Slice((*byte)(unsafe.Pointer(&whole)), size), unsafe.Slice((*byte)(unsafe.Pointer(n)), size))
	g := new(G)
	fill(g, &whole)
	return g
}

func bytes(c C.hws_bytes) []byte {
	return append([]byte(nil), unsafe.Slice((*byte)(c.ptr), c.len)...)
}

func text(c C.hws_str) string {
	return string(unsafe.Slice((*byte)(unsafe.Pointer(c.ptr)), c.len))
}

func optional(c C.hws_str) *string {
	if c.ptr == nil {
		return nil
	}
	s := text(c)
	return &s
}

func texts(c *C.hws_str, count C.size_t) []string {
	list := make([]string, count)
	for i, s := range unsafe.Slice(c, count) {
		list[i] = text(s)
	}
	return list
}

// Headers are fields of HTTP in their order.
type Headers []Header

func headers(c *C.hws_header, count C.size_t) Headers {
	list := make(Headers, count)
	for i, header := range unsafe.Slice(c, count) {
		list[i] = Header{text(header.name), text(header.value)}
	}
	return list
}

// Get is the value of the first field with this name, in any case, or "".
func (h Headers) Get(name string) string {
	for _, header := range h {
		if strings.EqualFold(header.Name, name) {
			return header.Value
		}
	}
	return ""
}
