// Passes requests on; answers 403 itself where the request has `x-deny`.
wit_bindgen::generate!({ world: "middleware", path: "wit", generate_all });
use wasi::http::types::{Fields, IncomingRequest, OutgoingBody, OutgoingResponse, ResponseOutparam};
struct Middleware;
export!(Middleware);
impl exports::wasi::http::incoming_handler::Guest for Middleware {
    fn handle(request: IncomingRequest, out: ResponseOutparam) {
        if !request.headers().has("x-deny") {
            return wasi::http::incoming_handler::handle(request, out);
        }
        let response = OutgoingResponse::new(Fields::new());
        response.set_status_code(403).unwrap();
        let body = response.body().unwrap();
        ResponseOutparam::set(out, Ok(response));
        let stream = body.write().unwrap();
        stream.blocking_write_and_flush(b"denied").unwrap();
        drop(stream);
        OutgoingBody::finish(body, None).unwrap();
    }
}
