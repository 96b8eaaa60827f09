package export_wasi_http_incoming_handler

import (
	"bytes"
	"encoding/json"
	"io"

	wit "go.bytecodealliance.org/pkg/wit/types"
	"wit_component/wasi_http_types"
	"wit_component/wasi_io_streams"
)

type header struct{ name, value string }

var text = []header{{"content-type", "text/plain"}}

// reply is the one response of a request.
type reply struct {
	out *wasi_http_types.ResponseOutparam
}

// send flushes what each read of the body gives before the next.
func (reply *reply) send(status int, headers []header, body io.Reader) {
	fields := wasi_http_types.MakeFields()
	for _, header := range headers {
		fields.Append(header.name, []byte(header.value))
	}
	response := wasi_http_types.MakeOutgoingResponse(fields)
	response.SetStatusCode(uint16(status))
	outgoing := response.Body().Ok()
	wasi_http_types.ResponseOutparamSet(reply.out, wit.Ok[*wasi_http_types.OutgoingResponse, wasi_http_types.ErrorCode](response))
	if body != nil {
		// An error here is a client or a server that has gone; there is no one to tell.
		stream := outgoing.Write().Ok()
		io.Copy(&writer{stream}, body)
		stream.Drop()
	}
	wasi_http_types.OutgoingBodyFinish(outgoing, wit.None[*wasi_http_types.Fields]())
}

func (reply *reply) json(status int, value any) {
	encoded, err := json.Marshal(value)
	if err != nil {
		panic(err)
	}
	reply.send(status, []header{{"content-type", "application/json"}}, bytes.NewReader(encoded))
}

func (reply *reply) error(status int, reason string) {
	reply.json(status, map[string]string{"error": reason})
}

// writer is a stream as io.Writer.
type writer struct{ stream *wasi_io_streams.OutputStream }

func (writer *writer) Write(from []byte) (int, error) {
	const most = 4096 // a blocking write takes no more, by wasi:io
	for start := 0; start < len(from); start += most {
		piece := from[start:min(start+most, len(from))]
		if _, err := unwrap(writer.stream.BlockingWriteAndFlush(piece)); err != nil {
			return start, err
		}
	}
	return len(from), nil
}
