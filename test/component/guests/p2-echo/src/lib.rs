use wasi::http::types::{Fields, IncomingBody, IncomingRequest, OutgoingBody, OutgoingResponse, ResponseOutparam};
use wasi::io::streams::StreamError;
struct Echo;
wasi::http::proxy::export!(Echo);
impl wasi::exports::http::incoming_handler::Guest for Echo {
    fn handle(request: IncomingRequest, out: ResponseOutparam) {
        let kind = request.headers().get("content-type");
        let path = request.path_with_query().unwrap_or_default();
        let headers = Fields::new();
        if !kind.is_empty() {
            headers.set("content-type", &kind).unwrap();
        }
        let response = OutgoingResponse::new(headers);
        let body = response.body().unwrap();
        ResponseOutparam::set(out, Ok(response));
        let source = request.consume().unwrap();
        let input = source.stream().unwrap();
        let output = body.write().unwrap();
        if path.starts_with("/poll") {
            // non-blocking calls and pollables
            let readable = input.subscribe();
            let writable = output.subscribe();
            'read: loop {
                readable.block();
                let mut chunk = match input.read(65536) {
                    Ok(chunk) => chunk,
                    Err(StreamError::Closed) => break,
                    Err(error) => panic!("{error:?}"),
                };
                while !chunk.is_empty() {
                    writable.block();
                    let room = match output.check_write() {
                        Ok(room) => room as usize,
                        Err(_) => break 'read,
                    };
                    if room == 0 {
                        continue;
                    }
                    let rest = chunk.split_off(room.min(chunk.len()));
                    if output.write(&chunk).is_err() {
                        break 'read;
                    }
                    chunk = rest;
                }
            }
            output.flush().ok();
            writable.block();
        } else {
            loop {
                match output.blocking_splice(&input, 65536) {
                    Ok(_) => {}
                    Err(_) => break,
                }
            }
        }
        drop(output);
        drop(input);
        drop(IncomingBody::finish(source));
        OutgoingBody::finish(body, None).unwrap();
    }
}
