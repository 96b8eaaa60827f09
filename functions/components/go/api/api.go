// Package export_wasi_http_incoming_handler is the example API; its name is the one that wit-bindgen asks for.
package export_wasi_http_incoming_handler

import (
	"encoding/json"
	"fmt"
	"io"
	"net/url"
	"strings"

	wit "go.bytecodealliance.org/pkg/wit/types"
	"wit_component/wasi_http_types"
	"wit_component/wasi_keyvalue_atomics"
	"wit_component/wasi_keyvalue_store"
)

// Handle answers a request.
func Handle(request *wasi_http_types.IncomingRequest, out *wasi_http_types.ResponseOutparam) {
	reply := &reply{out}
	path, query, _ := strings.Cut(request.PathWithQuery().SomeOr(""), "?")
	switch method(request) + " " + path {
	case "GET /":
		reply.send(200, text, strings.NewReader("hello from go"))
	case "GET /stream":
		reply.send(200, text, &lines{})
	case "GET /headers":
		headers(reply, request)
	case "GET /cookies":
		reply.send(200, []header{{"set-cookie", "a=1"}, {"set-cookie", "b=2"}}, nil)
	case "GET /counter":
		counter(reply)
	case "GET /proxy":
		proxy(reply, query)
	case "POST /json":
		sum(reply, request)
	case "POST /echo":
		echo(reply, request)
	default:
		name, found := strings.CutPrefix(path, "/hello/")
		decoded, err := url.PathUnescape(name)
		if !found || err != nil || method(request) != "GET" {
			reply.error(404, "not found")
			return
		}
		reply.json(200, map[string]string{"hello": decoded})
	}
}

func method(request *wasi_http_types.IncomingRequest) string {
	switch request.Method().Tag() {
	case wasi_http_types.Method_Get:
		return "GET"
	case wasi_http_types.Method_Post:
		return "POST"
	default:
		return "other"
	}
}

// lines gives one of five lines for each read.
type lines struct{ given int }

func (lines *lines) Read(into []byte) (int, error) {
	if lines.given == 5 {
		return 0, io.EOF
	}
	lines.given++
	return copy(into, fmt.Sprintf("line %d\n", lines.given)), nil
}

func headers(reply *reply, request *wasi_http_types.IncomingRequest) {
	lists := map[string][]string{}
	for _, field := range request.Headers().Entries() {
		name := strings.ToLower(field.F0)
		lists[name] = append(lists[name], string(field.F1))
	}
	reply.json(200, lists)
}

func counter(reply *reply) {
	count, err := increment("COUNTER", "hits")
	if err != nil {
		reply.error(500, err.Error())
		return
	}
	reply.json(200, map[string]int64{"count": count})
}

func increment(store, key string) (int64, error) {
	bucket, err := unwrap(wasi_keyvalue_store.Open(store))
	if err != nil {
		return 0, err
	}
	defer bucket.Drop()
	return unwrap(wasi_keyvalue_atomics.Increment(bucket, key, 1))
}

func proxy(reply *reply, query string) {
	parameters, _ := url.ParseQuery(query)
	response, err := get(parameters.Get("url"))
	if err != nil {
		reply.error(502, err.Error())
		return
	}
	reply.send(int(response.Status()), nil, open(response.Consume()))
}

func sum(reply *reply, request *wasi_http_types.IncomingRequest) {
	var numbers struct{ A, B *float64 }
	body, err := io.ReadAll(open(request.Consume()))
	if err != nil || json.Unmarshal(body, &numbers) != nil || numbers.A == nil || numbers.B == nil {
		reply.error(400, `send {"a": number, "b": number}`)
		return
	}
	reply.json(200, map[string]float64{"sum": *numbers.A + *numbers.B})
}

func echo(reply *reply, request *wasi_http_types.IncomingRequest) {
	var headers []header
	for _, value := range request.Headers().Get("content-type") {
		headers = append(headers, header{"content-type", string(value)})
	}
	reply.send(200, headers, open(request.Consume()))
}

// unwrap makes of a result what Go has for it.
func unwrap[T, E any](result wit.Result[T, E]) (value T, err error) {
	if result.IsErr() {
		return value, fmt.Errorf("%T %+v", result.Err(), result.Err())
	}
	return result.Ok(), nil
}
