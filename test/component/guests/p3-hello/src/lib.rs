use wasip3::http::types::{ErrorCode, Fields, Request, Response};
struct Hello;
wasip3::http::service::export!(Hello);
impl wasip3::exports::http::handler::Guest for Hello {
    async fn handle(_request: Request) -> Result<Response, ErrorCode> {
        let (mut tx, rx) = wasip3::wit_stream::new();
        let (_trailers_tx, trailers_rx) = wasip3::wit_future::new(|| Ok(None));
        let headers = Fields::from_list(&[("content-type".to_string(), b"text/plain".to_vec())]).unwrap();
        let (response, _done) = Response::new(headers, Some(rx), trailers_rx);
        wit_bindgen::spawn_local(async move {
            tx.write_all(b"hello".to_vec()).await;
            drop(tx);
        });
        Ok(response)
    }
}
