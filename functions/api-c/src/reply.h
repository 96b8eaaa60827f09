#pragma once

#include "api.h"
#include "body.h"
#include "text.h"

// The one response of a request.
typedef struct {
  wasi_http_types_own_response_outparam_t out;
  wasi_http_types_own_fields_t fields;
  wasi_http_types_own_outgoing_body_t body;
  wasi_io_streams_own_output_stream_t stream;
} reply_t;

reply_t reply_to(wasi_http_types_own_response_outparam_t out);
void reply_field(reply_t *reply, const char *name, const char *value, size_t len);

// Sends the head, with a content type or none. After it the body is written, and ended.
bool reply_start(reply_t *reply, uint16_t status, const char *type);

// Writes and flushes; false where the client has gone.
bool reply_write(reply_t *reply, const char *from, size_t len);
void reply_end(reply_t *reply);

// Whole responses. Text that is handed over is freed.
void reply_text(reply_t *reply, const char *text);
void reply_json(reply_t *reply, uint16_t status, text_t *json);
void reply_error(reply_t *reply, uint16_t status, const char *reason);
void reply_pass(reply_t *reply, uint16_t status, body_t *body);
