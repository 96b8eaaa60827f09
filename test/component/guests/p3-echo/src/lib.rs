use wasip3::http::types::{ErrorCode, Fields, Request, Response};
use wasip3::wit_bindgen::StreamResult;
struct Echo;
wasip3::http::service::export!(Echo);
impl wasip3::exports::http::handler::Guest for Echo {
    async fn handle(request: Request) -> Result<Response, ErrorCode> {
        let from = request.get_headers();
        let path = request.get_path_with_query().unwrap_or_default();
        let headers = Fields::new();
        let kind = from.get("content-type");
        if !kind.is_empty() {
            headers.set("content-type", &kind).unwrap();
        }
        let (done_tx, done_rx) = wasip3::wit_future::new(|| Ok(()));
        let (mut source, trailers) = Request::consume_body(request, done_rx);
        if path.starts_with("/pass") {
            // the request's own stream is the body of the response
            let (response, _sent) = Response::new(headers, Some(source), trailers);
            drop(done_tx);
            return Ok(response);
        }
        let (mut tx, rx) = wasip3::wit_stream::new();
        let (response, _sent) = Response::new(headers, Some(rx), trailers);
        wit_bindgen::spawn_local(async move {
            let mut buffer = Vec::with_capacity(65536);
            loop {
                let (result, mut data) = source.read(buffer).await;
                if !data.is_empty() {
                    data = tx.write_all(data).await;
                    if !data.is_empty() {
                        break;
                    }
                }
                if !matches!(result, StreamResult::Complete(_)) {
                    break;
                }
                data.clear();
                if data.capacity() == 0 {
                    data.reserve(65536);
                }
                buffer = data;
            }
            drop(tx);
            drop(source);
            let _ = done_tx.write(Ok(())).await;
        });
        Ok(response)
    }
}
