// Passes requests on and adds `x-middleware: yes` to the response.
wit_bindgen::generate!({ world: "middleware", path: "wit", generate_all });
use wasi::http::types::{ErrorCode, Request, Response};
struct Middleware;
export!(Middleware);
impl exports::wasi::http::handler::Guest for Middleware {
    async fn handle(request: Request) -> Result<Response, ErrorCode> {
        let inner = wasi::http::handler::handle(request).await?;
        let headers = inner.get_headers().clone();
        headers.set("x-middleware", &[b"yes".to_vec()]).unwrap();
        let status = inner.get_status_code();
        let (done_tx, done_rx) = wit_future::new(|| Ok(()));
        let (body, trailers) = Response::consume_body(inner, done_rx);
        let (response, sent) = Response::new(headers, Some(body), trailers);
        response.set_status_code(status).unwrap();
        wit_bindgen::spawn_local(async move {
            let result = sent.await;
            let _ = done_tx.write(result).await;
        });
        Ok(response)
    }
}
