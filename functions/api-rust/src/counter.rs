//! A number in a store.

wit_bindgen::generate!({
    path: "wit/keyvalue.wit",
    generate_all,
    inline: "
        package example:counter;

        world counter {
            import wasi:keyvalue/store@0.2.0-draft2;
            import wasi:keyvalue/atomics@0.2.0-draft2;
        }
    ",
});

use wasi::keyvalue::{atomics, store};

/// Adds one to the number under a key, and gives the sum.
pub fn increment(store: &str, key: &str) -> Result<i64, String> {
    let bucket = store::open(store).map_err(|error| error.to_string())?;
    atomics::increment(&bucket, key, 1).map_err(|error| error.to_string())
}
