//! Calls to others.

use wasip3::http::client;
use wasip3::http::types::{Fields, Request, Response, Scheme};
use wasip3::wit_future;

pub async fn get(url: &str) -> Result<Response, String> {
    let (scheme, rest) = url.split_once("://").ok_or("url is not an absolute URL")?;
    let split = rest.find(['/', '?', '#']).unwrap_or(rest.len());
    let (authority, target) = rest.split_at(split);
    let target = target.split('#').next().unwrap_or_default();
    let slash = if target.starts_with('/') { "" } else { "/" };

    let (request, _sent) = Request::new(Fields::new(), None, wit_future::new(|| Ok(None)).1, None);
    let scheme = match scheme {
        "http" => Scheme::Http,
        "https" => Scheme::Https,
        other => Scheme::Other(other.into()),
    };
    request.set_scheme(Some(&scheme)).map_err(|()| "url has an invalid scheme")?;
    request.set_authority(Some(authority)).map_err(|()| "url has an invalid host")?;
    request.set_path_with_query(Some(&format!("{slash}{target}"))).map_err(|()| "url has an invalid path")?;
    client::send(request).await.map_err(|error| error.to_string())
}
