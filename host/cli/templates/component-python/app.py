"""A function in Python: a component that exports wasi:http/handler@0.3.0."""

import componentize_py_async_support as tasks
import wit_world
from componentize_py_async_support.streams import ByteStreamWriter
from componentize_py_types import Ok
from wit_world import exports
from wit_world.imports.environment import get_environment
from wit_world.imports.wasi_http_types import Fields, Request, Response


class Handler(exports.Handler):
    async def handle(self, request: Request) -> Response:
        greeting = dict(get_environment()).get("GREETING", "Hello")
        path = (request.get_path_with_query() or "/").partition("?")[0]
        return text(f"{greeting} from template-name at {path}\n")


def text(body: str) -> Response:
    writer, reader = wit_world.byte_stream()
    _, trailers = wit_world.result_option_wasi_http_types_fields_wasi_http_types_error_code_future(lambda: Ok(None))
    response, _ = Response.new(Fields.from_list([("content-type", b"text/plain")]), reader, trailers)
    # The body is written while the response is on its way.
    tasks.spawn(send(writer, body.encode()))
    return response


async def send(writer: ByteStreamWriter, body: bytes) -> None:
    with writer:
        await writer.write_all(body)
