// A function in C: a component that exports wasi:http/incoming-handler@0.2.12.

#include "function.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define WRITE 4096 // a blocking write takes no more, by wasi:io

static wasi_http_types_own_outgoing_response_t response_of(const char *type) {
  wasi_http_types_own_fields_t fields = wasi_http_types_constructor_fields();
  function_string_t name;
  function_string_set(&name, "content-type");
  wasi_http_types_field_value_t value = {(uint8_t *)type, strlen(type)};
  wasi_http_types_header_error_t error;
  wasi_http_types_method_fields_append(wasi_http_types_borrow_fields(fields), &name, &value, &error);
  return wasi_http_types_constructor_outgoing_response(fields);
}

// Stops where the client has gone.
static void write_all(wasi_io_streams_own_output_stream_t stream, const char *from, size_t len) {
  wasi_io_streams_stream_error_t error;
  while (len > 0) {
    function_list_u8_t piece = {(uint8_t *)from, len < WRITE ? len : WRITE};
    if (!wasi_io_streams_method_output_stream_blocking_write_and_flush(wasi_io_streams_borrow_output_stream(stream), &piece, &error)) {
      wasi_io_streams_stream_error_free(&error);
      return;
    }
    from += piece.len;
    len -= piece.len;
  }
}

static void reply(wasi_http_types_own_response_outparam_t out, const char *text) {
  wasi_http_types_result_own_outgoing_response_error_code_t result = {.val.ok = response_of("text/plain")};
  wasi_http_types_own_outgoing_body_t body;
  wasi_http_types_own_output_stream_t stream;
  wasi_http_types_error_code_t error;
  wasi_http_types_method_outgoing_response_body(wasi_http_types_borrow_outgoing_response(result.val.ok), &body);
  wasi_http_types_static_response_outparam_set(out, &result);
  wasi_http_types_method_outgoing_body_write(wasi_http_types_borrow_outgoing_body(body), &stream);
  write_all(stream, text, strlen(text));
  wasi_io_streams_output_stream_drop_own(stream);
  if (!wasi_http_types_static_outgoing_body_finish(body, NULL, &error)) wasi_http_types_error_code_free(&error);
}

void exports_wasi_http_incoming_handler_handle(wasi_http_types_own_incoming_request_t request, wasi_http_types_own_response_outparam_t out) {
  const char *greeting = getenv("GREETING");
  function_string_t target = {0};
  wasi_http_types_method_incoming_request_path_with_query(wasi_http_types_borrow_incoming_request(request), &target);
  char *path = strndup((char *)target.ptr, target.len);
  char *text;
  path[strcspn(path, "?")] = '\0';
  if (asprintf(&text, "%s from template-name at %s\n", greeting == NULL ? "Hello" : greeting, path) < 0) abort();
  reply(out, text);
  free(text);
  free(path);
  function_string_free(&target);
  wasi_http_types_incoming_request_drop_own(request);
}
