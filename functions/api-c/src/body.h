#pragma once

#include "api.h"
#include "text.h"

// The body of a request or a response that comes in.
typedef struct {
  wasi_http_types_own_incoming_body_t whole;
  wasi_io_streams_own_input_stream_t stream;
} body_t;

// Opens the stream of a body of which `whole` is there.
void body_open(body_t *body);
text_t body_text(body_t *body);
void body_close(body_t *body);
