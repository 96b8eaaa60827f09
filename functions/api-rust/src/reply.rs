//! Responses.

use serde_json::{Value, json};
use wasip3::http::types::{ErrorCode, Fields, Response, Trailers};
use wasip3::{wit_future, wit_stream};
use wit_bindgen::{FutureReader, StreamReader, StreamWriter};

type End = FutureReader<Result<Option<Trailers>, ErrorCode>>;

pub struct Reply;

impl Reply {
    /// A response, and the writer of its body, which ends when that is dropped.
    pub fn new(status: u16, fields: &[(&str, &[u8])]) -> (Response, StreamWriter<u8>) {
        let (writer, reader) = wit_stream::new();
        (make(status, fields, Some(reader), no_trailers()), writer)
    }
}

pub fn text(body: &str) -> Response {
    whole(200, "text/plain", body.into())
}

pub fn json(status: u16, body: &Value) -> Response {
    whole(status, "application/json", body.to_string().into_bytes())
}

pub fn error(status: u16, reason: &str) -> Response {
    json(status, &json!({ "error": reason }))
}

pub fn empty(status: u16, fields: &[(&str, &[u8])]) -> Response {
    make(status, fields, None, no_trailers())
}

/// A response whose body is another message's: the host moves it, the guest sees no byte of it.
pub fn pass(status: u16, fields: &[(&str, &[u8])], (body, end): (StreamReader<u8>, End)) -> Response {
    make(status, fields, Some(body), end)
}

/// What a reader of a body tells its sender: nothing went wrong.
pub fn fine() -> FutureReader<Result<(), ErrorCode>> {
    wit_future::new(|| Ok(())).1
}

fn whole(status: u16, kind: &str, body: Vec<u8>) -> Response {
    let (response, mut writer) = Reply::new(status, &[("content-type", kind.as_bytes())]);
    wit_bindgen::spawn_local(async move {
        writer.write_all(body).await;
    });
    response
}

fn make(status: u16, fields: &[(&str, &[u8])], body: Option<StreamReader<u8>>, end: End) -> Response {
    let list: Vec<_> = fields.iter().map(|(name, value)| (name.to_string(), value.to_vec())).collect();
    let fields = Fields::from_list(&list).expect("the names and values are valid");
    let (response, _sent) = Response::new(fields, body, end);
    response.set_status_code(status).expect("the status is valid");
    response
}

fn no_trailers() -> End {
    wit_future::new(|| Ok(None)).1
}
