//! The example API for WASI 0.3: one instance serves many requests, and bodies stream.

mod counter;
mod proxy;
mod reply;
mod text;

use reply::Reply;
use serde_json::{Map, Value, json};
use wasip3::http::types::{ErrorCode, Fields, Method, Request, Response};

struct Api;
wasip3::http::service::export!(Api);

impl wasip3::exports::http::handler::Guest for Api {
    async fn handle(request: Request) -> Result<Response, ErrorCode> {
        let target = request.get_path_with_query().unwrap_or_default();
        let (path, query) = target.split_once('?').unwrap_or((&target, ""));
        Ok(match (request.get_method(), path) {
            (Method::Get, "/") => reply::text("hello from rust"),
            (Method::Get, "/stream") => stream(),
            (Method::Get, "/headers") => headers(&request.get_headers()),
            (Method::Get, "/cookies") => cookies(),
            (Method::Get, "/counter") => counter(),
            (Method::Get, "/proxy") => proxy(query).await,
            (Method::Post, "/json") => sum(request).await,
            (Method::Post, "/echo") => echo(request),
            (Method::Get, _) => match path.strip_prefix("/hello/").and_then(text::decode) {
                Some(name) => reply::json(200, &json!({ "hello": name })),
                None => not_found(),
            },
            _ => not_found(),
        })
    }
}

fn not_found() -> Response {
    reply::error(404, "not found")
}

fn stream() -> Response {
    let (reply, mut body) = Reply::new(200, &[("content-type", b"text/plain")]);
    wit_bindgen::spawn_local(async move {
        for line in 1..=5 {
            if !body.write_all(format!("line {line}\n").into_bytes()).await.is_empty() {
                break; // The client has gone.
            }
        }
    });
    reply
}

fn headers(fields: &Fields) -> Response {
    let mut lists = Map::new();
    for (name, value) in fields.copy_all() {
        let value = Value::from(String::from_utf8_lossy(&value));
        match lists.entry(name.to_lowercase()).or_insert_with(|| json!([])) {
            Value::Array(list) => list.push(value),
            _ => unreachable!(),
        }
    }
    reply::json(200, &Value::Object(lists))
}

fn cookies() -> Response {
    reply::empty(200, &[("set-cookie", b"a=1"), ("set-cookie", b"b=2")])
}

fn counter() -> Response {
    match counter::increment("COUNTER", "hits") {
        Ok(count) => reply::json(200, &json!({ "count": count })),
        Err(reason) => reply::error(500, &reason),
    }
}

async fn proxy(query: &str) -> Response {
    let url = text::parameter(query, "url").unwrap_or_default();
    match proxy::get(&url).await {
        Ok(response) => {
            let status = response.get_status_code();
            reply::pass(status, &[], Response::consume_body(response, reply::fine()))
        }
        Err(reason) => reply::error(502, &reason),
    }
}

async fn sum(request: Request) -> Response {
    let (body, _trailers) = Request::consume_body(request, reply::fine());
    let numbers = serde_json::from_slice::<Value>(&body.collect().await).ok();
    let number = |key| numbers.as_ref().and_then(|numbers| numbers.get(key)?.as_f64());
    match (number("a"), number("b")) {
        (Some(a), Some(b)) => reply::json(200, &json!({ "sum": a + b })),
        _ => reply::error(400, r#"send {"a": number, "b": number}"#),
    }
}

fn echo(request: Request) -> Response {
    let kind = request.get_headers().get("content-type");
    let fields: Vec<_> = kind.iter().map(|value| ("content-type", &value[..])).collect();
    reply::pass(200, &fields, Request::consume_body(request, reply::fine()))
}
