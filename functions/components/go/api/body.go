package export_wasi_http_incoming_handler

import (
	"io"

	wit "go.bytecodealliance.org/pkg/wit/types"
	"wit_component/wasi_http_types"
	"wit_component/wasi_io_streams"
)

// body is the body of a message as io.Reader.
type body struct {
	whole  *wasi_http_types.IncomingBody
	stream *wasi_io_streams.InputStream
}

func open(consumed wit.Result[*wasi_http_types.IncomingBody, wit.Unit]) *body {
	whole := consumed.Ok()
	return &body{whole, whole.Stream().Ok()}
}

func (body *body) Read(into []byte) (int, error) {
	if body.stream == nil {
		return 0, io.EOF
	}
	result := body.stream.BlockingRead(uint64(len(into)))
	if result.IsOk() {
		defer discard(len(result.Ok()))
		return copy(into, result.Ok()), nil
	}
	body.stream.Drop()
	body.stream = nil
	wasi_http_types.IncomingBodyFinish(body.whole).Drop()
	if result.Err().Tag() == wasi_io_streams.StreamError_Closed {
		return 0, io.EOF
	}
	return 0, io.ErrUnexpectedEOF
}
