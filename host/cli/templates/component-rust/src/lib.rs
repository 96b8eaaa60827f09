use wasip3::http::types::{ErrorCode, Fields, Request, Response};

struct Component;
wasip3::http::service::export!(Component);

impl wasip3::exports::http::handler::Guest for Component {
    async fn handle(request: Request) -> Result<Response, ErrorCode> {
        let path = request.get_path_with_query().unwrap_or_default();
        let text = format!("Hello from template-name at {path}\n");
        let (mut body, stream) = wasip3::wit_stream::new();
        let (_, no_trailers) = wasip3::wit_future::new(|| Ok(None));
        let headers = [("content-type".to_string(), b"text/plain".to_vec())];
        let headers = Fields::from_list(&headers).expect("the headers are fine");
        let (response, _) = Response::new(headers, Some(stream), no_trailers);
        // The body is written while the response is on its way.
        wit_bindgen::spawn_local(async move {
            body.write_all(text.into_bytes()).await;
        });
        Ok(response)
    }
}
