#include "body.h"

#define PIECE 65536

void body_open(body_t *body) {
  if (!wasi_http_types_method_incoming_body_stream(wasi_http_types_borrow_incoming_body(body->whole), &body->stream)) abort();
}

text_t body_text(body_t *body) {
  text_t text = {0};
  api_list_u8_t piece;
  wasi_io_streams_stream_error_t error;
  text_add(&text, "");
  while (wasi_io_streams_method_input_stream_blocking_read(wasi_io_streams_borrow_input_stream(body->stream), PIECE, &piece, &error)) {
    text_add_bytes(&text, piece.ptr, piece.len);
    api_list_u8_free(&piece);
  }
  wasi_io_streams_stream_error_free(&error);
  return text;
}

void body_close(body_t *body) {
  wasi_io_streams_input_stream_drop_own(body->stream);
  wasi_http_types_future_trailers_drop_own(wasi_http_types_static_incoming_body_finish(body->whole));
}
