package hawser

// #include <stdlib.h>
// #include <string.h>
// #include "calls.h"
import "C"

import "unsafe"

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
