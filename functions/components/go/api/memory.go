package export_wasi_http_incoming_handler

import (
	"runtime"
	"runtime/debug"

	wit "go.bytecodealliance.org/pkg/wit/runtime"
)

// enough is how many bytes from the host are garbage before they are collected.
const enough = 8 << 20

var garbage int

// A guest must not call its host while that allocates memory in it (the canonical ABI traps), and Go's collector, which
// may start with any allocation, reads the clock. So it runs between calls, and not by itself.
func init() {
	debug.SetGCPercent(-1)
}

// discard says that so many bytes that came from the host are not needed any more.
func discard(bytes int) {
	wit.Unpin()
	if garbage += bytes; garbage >= enough {
		garbage = 0
		runtime.GC()
	}
}
