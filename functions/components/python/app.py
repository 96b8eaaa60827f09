"""The example API in Python: a component that exports wasi:http/incoming-handler."""

import json
from collections.abc import Iterable, Iterator
from urllib.parse import parse_qs, unquote, urlsplit

from componentize_py_types import Err, Ok, Result
from wit_world import exports
from wit_world.imports import atomics, outgoing_handler, store
from wit_world.imports.streams import InputStream, StreamError_Closed
from wit_world.imports.types import (
    Fields,
    IncomingBody,
    IncomingRequest,
    IncomingResponse,
    Method_Get,
    Method_Post,
    OutgoingBody,
    OutgoingRequest,
    OutgoingResponse,
    ResponseOutparam,
    Scheme_Http,
    Scheme_Https,
    Scheme_Other,
)

PIECE = 65536
"""Bytes that are read at once."""
WRITE = 4096
"""Bytes that a blocking write takes at most, by wasi:io."""

METHODS = {Method_Get: "GET", Method_Post: "POST"}
SCHEMES = {"http": Scheme_Http(), "https": Scheme_Https()}

type Headers = list[tuple[str, bytes]]
TEXT: Headers = [("content-type", b"text/plain")]
JSON: Headers = [("content-type", b"application/json")]


class IncomingHandler(exports.IncomingHandler):
    def handle(self, request: IncomingRequest, response_out: ResponseOutparam) -> None:
        reply = Reply(response_out)
        path, _, query = (request.path_with_query() or "").partition("?")
        match METHODS.get(type(request.method())), path:
            case "GET", "/":
                reply.send(200, TEXT, [b"hello from python"])
            case "GET", "/stream":
                reply.send(200, TEXT, (f"line {line}\n".encode() for line in range(1, 6)))
            case "GET", "/headers":
                reply.json(200, headers(request))
            case "GET", "/cookies":
                reply.send(200, [("set-cookie", b"a=1"), ("set-cookie", b"b=2")], [])
            case "GET", "/counter":
                counter(reply)
            case "GET", "/proxy":
                proxy(reply, query)
            case "POST", "/json":
                total(reply, request)
            case "POST", "/echo":
                kinds = request.headers().get("content-type")
                reply.send(200, [("content-type", kind) for kind in kinds], pieces(request))
            case "GET", _ if path.startswith("/hello/"):
                reply.json(200, {"hello": unquote(path.removeprefix("/hello/"))})
            case _:
                reply.error(404, "not found")


class Reply:
    """The one response of a request."""

    def __init__(self, out: ResponseOutparam) -> None:
        self.out = out

    def send(self, status: int, headers: Headers, body: Iterable[bytes]) -> None:
        """Each item of the body is flushed before the next is asked for."""
        response = OutgoingResponse(Fields.from_list(headers))
        response.set_status_code(status)
        outgoing = response.body()
        ResponseOutparam.set(self.out, Ok(response))
        try:
            with outgoing.write() as stream:
                for item in body:
                    for start in range(0, len(item), WRITE):
                        stream.blocking_write_and_flush(item[start : start + WRITE])
        except Err as failure:
            if not isinstance(failure.value, StreamError_Closed):
                raise
            # The client has gone.
        OutgoingBody.finish(outgoing, None)

    def json(self, status: int, value: object) -> None:
        self.send(status, JSON, [json.dumps(value).encode()])

    def error(self, status: int, reason: str) -> None:
        self.json(status, {"error": reason})


def headers(request: IncomingRequest) -> dict[str, list[str]]:
    lists: dict[str, list[str]] = {}
    for name, value in request.headers().entries():
        lists.setdefault(name.lower(), []).append(value.decode(errors="replace"))
    return lists


def counter(reply: Reply) -> None:
    try:
        with store.open("COUNTER") as bucket:
            reply.json(200, {"count": atomics.increment(bucket, "hits", 1)})
    except Err as failure:
        reply.error(500, str(failure.value))


def proxy(reply: Reply, query: str) -> None:
    try:
        response = get(parse_qs(query).get("url", [""])[0])
    except (Err, ValueError) as failure:
        return reply.error(502, str(failure))
    reply.send(response.status(), [], pieces(response))


def get(url: str) -> IncomingResponse:
    parts = urlsplit(url)
    if not parts.netloc:
        raise ValueError("url is not an absolute URL")
    request = OutgoingRequest(Fields())
    request.set_scheme(SCHEMES.get(parts.scheme) or Scheme_Other(parts.scheme))
    request.set_authority(parts.netloc)
    request.set_path_with_query((parts.path or "/") + (f"?{parts.query}" if parts.query else ""))
    pending = outgoing_handler.handle(request, None)
    pending.subscribe().block()
    return value_of(value_of(pending.get()))


def value_of[T](result: Result[T, object] | None) -> T:
    if isinstance(result, Ok):
        return result.value
    raise result or ValueError("there is no result")


def total(reply: Reply, request: IncomingRequest) -> None:
    try:
        match json.loads(b"".join(pieces(request))):
            case {"a": int() | float() as a, "b": int() | float() as b}:
                return reply.json(200, {"sum": a + b})
    except ValueError:
        pass
    reply.error(400, 'send {"a": number, "b": number}')


def pieces(message: IncomingRequest | IncomingResponse) -> Iterator[bytes]:
    """The body of a message, as it comes in."""
    body = message.consume()
    with body.stream() as stream:
        while piece := read(stream):
            yield piece
    IncomingBody.finish(body)


def read(stream: InputStream) -> bytes | None:
    """At least one byte; none at the end."""
    try:
        while not (piece := stream.blocking_read(PIECE)):
            pass
        return piece
    except Err as failure:
        if isinstance(failure.value, StreamError_Closed):
            return None
        raise
