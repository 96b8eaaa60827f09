// Package export_wasi_http_incoming_handler is the function; its name is the one that wit-bindgen asks for.
package export_wasi_http_incoming_handler

import (
	"cmp"
	"fmt"
	"os"
	"strings"

	"template-name/imports/wasi_http_types"

	wit "go.bytecodealliance.org/pkg/wit/types"
)

// Handle answers a request.
func Handle(request *wasi_http_types.IncomingRequest, out *wasi_http_types.ResponseOutparam) {
	defer collect()
	greeting := cmp.Or(os.Getenv("GREETING"), "Hello")
	path, _, _ := strings.Cut(request.PathWithQuery().SomeOr("/"), "?")
	reply(out, fmt.Sprintf("%s from template-name at %s\n", greeting, path))
}

func reply(out *wasi_http_types.ResponseOutparam, text string) {
	fields := wasi_http_types.MakeFields()
	fields.Append("content-type", []byte("text/plain"))
	response := wasi_http_types.MakeOutgoingResponse(fields)
	body := response.Body().Ok()
	wasi_http_types.ResponseOutparamSet(out, wit.Ok[*wasi_http_types.OutgoingResponse, wasi_http_types.ErrorCode](response))
	stream := body.Write().Ok()
	for rest := []byte(text); len(rest) > 0; {
		const most = 4096 // a blocking write takes no more, by wasi:io
		piece := rest[:min(most, len(rest))]
		if stream.BlockingWriteAndFlush(piece).IsErr() {
			break // the client has gone
		}
		rest = rest[len(piece):]
	}
	stream.Drop()
	wasi_http_types.OutgoingBodyFinish(body, wit.None[*wasi_http_types.Fields]())
}
