package export_wasi_http_incoming_handler

import (
	"errors"
	"net/url"

	wit "go.bytecodealliance.org/pkg/wit/types"
	"wit_component/wasi_http_outgoing_handler"
	"wit_component/wasi_http_types"
)

// get calls another server.
func get(address string) (*wasi_http_types.IncomingResponse, error) {
	target, err := url.Parse(address)
	if err != nil {
		return nil, err
	}
	if target.Host == "" {
		return nil, errors.New("url is not an absolute URL")
	}
	request := wasi_http_types.MakeOutgoingRequest(wasi_http_types.MakeFields())
	request.SetScheme(wit.Some(scheme(target.Scheme)))
	request.SetAuthority(wit.Some(target.Host))
	request.SetPathWithQuery(wit.Some(target.RequestURI()))
	pending, err := unwrap(wasi_http_outgoing_handler.Handle(request, wit.None[*wasi_http_types.RequestOptions]()))
	if err != nil {
		return nil, err
	}
	defer pending.Drop()
	ready := pending.Subscribe()
	ready.Block()
	ready.Drop()
	return unwrap(pending.Get().Some().Ok())
}

func scheme(name string) wasi_http_types.Scheme {
	switch name {
	case "http":
		return wasi_http_types.MakeSchemeHttp()
	case "https":
		return wasi_http_types.MakeSchemeHttps()
	default:
		return wasi_http_types.MakeSchemeOther(name)
	}
}
