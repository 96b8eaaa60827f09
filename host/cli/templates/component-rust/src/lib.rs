use wasip3::cli::environment::get_environment;
use wasip3::http::types::{ErrorCode, Fields, Request, Response};

struct Component;
wasip3::http::service::export!(Component);

impl wasip3::exports::http::handler::Guest for Component {
    async fn handle(request: Request) -> Result<Response, ErrorCode> {
        let greeting = var("GREETING").unwrap_or("Hello".to_string());
        let target = request.get_path_with_query().unwrap_or_default();
        let path = target.split('?').next().unwrap_or_default();
        Ok(text(format!("{greeting} from template-name at {path}\n")))
    }
}

fn var(name: &str) -> Option<String> {
    get_environment()
        .into_iter()
        .find(|(key, _)| key == name)
        .map(|(_, value)| value)
}

fn text(text: String) -> Response {
    let (mut body, stream) = wasip3::wit_stream::new();
    let (_, no_trailers) = wasip3::wit_future::new(|| Ok(None));
    let headers = [("content-type".to_string(), b"text/plain".to_vec())];
    let headers = Fields::from_list(&headers).expect("the headers are fine");
    let (response, _) = Response::new(headers, Some(stream), no_trailers);
    // The body is written while the response is on its way.
    wit_bindgen::spawn_local(async move {
        body.write_all(text.into_bytes()).await;
    });
    response
}
