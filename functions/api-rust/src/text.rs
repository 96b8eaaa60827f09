//! Text in URLs.

/// Decodes percent-encoded UTF-8; none where that is not valid.
pub fn decode(text: &str) -> Option<String> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let [first, after @ ..] = rest {
        if *first != b'%' {
            bytes.push(*first);
            rest = after;
            continue;
        }
        let digits = str::from_utf8(after.get(..2)?).ok()?;
        bytes.push(u8::from_str_radix(digits, 16).ok()?);
        rest = &after[2..];
    }
    String::from_utf8(bytes).ok()
}

/// The first value of a parameter in a query.
pub fn parameter(query: &str, name: &str) -> Option<String> {
    query.split('&').find_map(|pair| match pair.split_once('=') {
        Some((key, value)) if key == name => decode(&value.replace('+', " ")),
        _ => None,
    })
}
