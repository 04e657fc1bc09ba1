package engine

import (
	"fmt"
	"net/http"
	"slices"
	"sync"

	"github.com/countersign-dev/countersign/suite"
	"github.com/countersign-dev/countersign/suite/limits"
)

// kept counts the bytes that a run keeps of what its targets send, up to limits.Kept.
type kept struct {
	mu    sync.Mutex
	bytes int
}

// take reports whether there is room for so many bytes more, and takes it.
func (k *kept) take(bytes int) bool {
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.bytes+bytes > limits.Kept {
		return false
	}
	k.bytes += bytes
	return true
}

// give gives room back.
func (k *kept) give(bytes int) {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.bytes = max(0, k.bytes-bytes)
}

// sizeOf is about how many bytes a response takes.
func sizeOf(r suite.Response) int { return len(r.Body) + headerSize(r.Header) }

// headerSize is about how many bytes a header takes.
func headerSize(h http.Header) (bytes int) {
	const perField = 64 // of the map and the strings
	for name, values := range h {
		for _, value := range values {
			bytes += perField + len(name) + len(value)
		}
	}
	return bytes
}

// shortened is a response for which there is no room: its beginning, without the
// header fields that are beyond it. Small ones are as they were.
func shortened(r suite.Response) suite.Response {
	if sizeOf(r) <= limits.KeptBeyond {
		return r
	}
	short := r
	short.Cut = fmt.Sprintf("the run has received more than %d MiB, so only the beginning of this response was looked at", limits.Kept>>20)
	short.Body = slices.Clone(r.Body[:min(len(r.Body), limits.KeptBeyond)])
	if headerSize(r.Header) > limits.KeptBeyond {
		short.Header = http.Header{}
	}
	return short
}
