package export_wasi_http_incoming_handler

import (
	"runtime"
	"runtime/debug"

	wit "go.bytecodealliance.org/pkg/wit/runtime"
)

var requests int

// A component must not call its host while that allocates memory in it, and Go's collector, which may start with any
// allocation, reads the clock. So it runs between requests, and not by itself.
func init() {
	debug.SetGCPercent(-1)
}

// collect frees what came from the host. It counts only where one instance serves many requests.
func collect() {
	wit.Unpin()
	if requests++; requests%64 == 0 {
		runtime.GC()
	}
}
