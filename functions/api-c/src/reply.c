#include "reply.h"
#include "json.h"

#include <string.h>

#define PIECE 65536
// A blocking write takes no more, by wasi:io.
#define WRITE 4096

reply_t reply_to(wasi_http_types_own_response_outparam_t out) {
  return (reply_t){.out = out, .fields = wasi_http_types_constructor_fields()};
}

void reply_field(reply_t *reply, const char *name, const char *value, size_t len) {
  wasi_http_types_header_error_t error;
  api_string_t named;
  api_string_set(&named, name);
  wasi_http_types_field_value_t bytes = {(uint8_t *)value, len};
  if (!wasi_http_types_method_fields_append(wasi_http_types_borrow_fields(reply->fields), &named, &bytes, &error)) abort();
}

bool reply_start(reply_t *reply, uint16_t status, const char *type) {
  if (type != NULL) reply_field(reply, "content-type", type, strlen(type));
  wasi_http_types_result_own_outgoing_response_error_code_t result = {.is_err = false};
  result.val.ok = wasi_http_types_constructor_outgoing_response(reply->fields);
  wasi_http_types_borrow_outgoing_response_t response = wasi_http_types_borrow_outgoing_response(result.val.ok);
  bool made = wasi_http_types_method_outgoing_response_set_status_code(response, status) &&
              wasi_http_types_method_outgoing_response_body(response, &reply->body);
  if (!made) abort();
  wasi_http_types_static_response_outparam_set(reply->out, &result);
  return wasi_http_types_method_outgoing_body_write(wasi_http_types_borrow_outgoing_body(reply->body), &reply->stream);
}

bool reply_write(reply_t *reply, const char *from, size_t len) {
  wasi_io_streams_borrow_output_stream_t stream = wasi_io_streams_borrow_output_stream(reply->stream);
  wasi_io_streams_stream_error_t error;
  while (len > 0) {
    api_list_u8_t piece = {(uint8_t *)from, len < WRITE ? len : WRITE};
    if (!wasi_io_streams_method_output_stream_blocking_write_and_flush(stream, &piece, &error)) {
      wasi_io_streams_stream_error_free(&error);
      return false;
    }
    from += piece.len;
    len -= piece.len;
  }
  return true;
}

void reply_end(reply_t *reply) {
  wasi_http_types_error_code_t error;
  wasi_io_streams_output_stream_drop_own(reply->stream);
  if (!wasi_http_types_static_outgoing_body_finish(reply->body, NULL, &error)) wasi_http_types_error_code_free(&error);
}

static void whole(reply_t *reply, uint16_t status, const char *type, const char *body, size_t len) {
  if (!reply_start(reply, status, type)) return;
  reply_write(reply, body, len);
  reply_end(reply);
}

void reply_text(reply_t *reply, const char *text) {
  whole(reply, 200, "text/plain", text, strlen(text));
}

void reply_json(reply_t *reply, uint16_t status, text_t *json) {
  whole(reply, status, "application/json", json->ptr, json->len);
  free(json->ptr);
}

void reply_error(reply_t *reply, uint16_t status, const char *reason) {
  text_t json = {0};
  text_add(&json, "{\"error\":");
  json_string(&json, (const uint8_t *)reason, strlen(reason));
  text_add(&json, "}");
  reply_json(reply, status, &json);
}

// The host moves the bytes; none of them come into this memory.
void reply_pass(reply_t *reply, uint16_t status, body_t *body) {
  wasi_io_streams_stream_error_t error;
  uint64_t moved;
  if (!reply_start(reply, status, NULL)) return;
  wasi_io_streams_borrow_output_stream_t to = wasi_io_streams_borrow_output_stream(reply->stream);
  wasi_io_streams_borrow_input_stream_t from = wasi_io_streams_borrow_input_stream(body->stream);
  while (wasi_io_streams_method_output_stream_blocking_splice(to, from, PIECE, &moved, &error)) continue;
  wasi_io_streams_stream_error_free(&error);
  reply_end(reply);
}
