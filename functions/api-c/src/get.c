#include "get.h"
#include "text.h"

#include <string.h>

static bool failed(const char **reason, const char *text) {
  *reason = text;
  return false;
}

static wasi_http_types_scheme_t scheme_of(const char *name, size_t len) {
  if (len == 4 && strncmp(name, "http", len) == 0) return (wasi_http_types_scheme_t){.tag = WASI_HTTP_TYPES_SCHEME_HTTP};
  if (len == 5 && strncmp(name, "https", len) == 0) return (wasi_http_types_scheme_t){.tag = WASI_HTTP_TYPES_SCHEME_HTTPS};
  wasi_http_types_scheme_t other = {.tag = WASI_HTTP_TYPES_SCHEME_OTHER};
  other.val.other = (api_string_t){(uint8_t *)name, len};
  return other;
}

// Makes the request of a URL; false where the host refuses one of its parts.
static bool request_of(const char *url, const char *mark, wasi_http_types_own_outgoing_request_t *request) {
  const char *host = mark + 3;
  size_t host_len = strcspn(host, "/?#");
  const char *path = host + host_len;
  text_t target = {0};
  if (*path != '/') text_add(&target, "/");
  text_add_bytes(&target, path, strcspn(path, "#"));

  *request = wasi_http_types_constructor_outgoing_request(wasi_http_types_constructor_fields());
  wasi_http_types_borrow_outgoing_request_t borrowed = wasi_http_types_borrow_outgoing_request(*request);
  wasi_http_types_scheme_t scheme = scheme_of(url, (size_t)(mark - url));
  api_string_t authority = {(uint8_t *)host, host_len};
  api_string_t path_with_query = {(uint8_t *)target.ptr, target.len};
  bool made = wasi_http_types_method_outgoing_request_set_scheme(borrowed, &scheme) &&
              wasi_http_types_method_outgoing_request_set_authority(borrowed, &authority) &&
              wasi_http_types_method_outgoing_request_set_path_with_query(borrowed, &path_with_query);
  free(target.ptr);
  if (!made) wasi_http_types_outgoing_request_drop_own(*request);
  return made;
}

static bool wait_for(wasi_http_types_own_future_incoming_response_t future, wasi_http_types_own_incoming_response_t *response) {
  wasi_http_types_borrow_future_incoming_response_t borrowed = wasi_http_types_borrow_future_incoming_response(future);
  wasi_io_poll_own_pollable_t ready = wasi_http_types_method_future_incoming_response_subscribe(borrowed);
  wasi_io_poll_method_pollable_block(wasi_io_poll_borrow_pollable(ready));
  wasi_io_poll_pollable_drop_own(ready);
  wasi_http_types_result_result_own_incoming_response_error_code_void_t result;
  bool there = wasi_http_types_method_future_incoming_response_get(borrowed, &result) && !result.is_err;
  wasi_http_types_future_incoming_response_drop_own(future);
  if (!there) return false;
  if (result.val.ok.is_err) wasi_http_types_error_code_free(&result.val.ok.val.err);
  else *response = result.val.ok.val.ok;
  return !result.val.ok.is_err;
}

bool get(const char *url, wasi_http_types_own_incoming_response_t *response, const char **reason) {
  const char *mark = strstr(url, "://");
  wasi_http_types_own_outgoing_request_t request;
  wasi_http_types_own_future_incoming_response_t future;
  wasi_http_types_error_code_t error;
  if (mark == NULL) return failed(reason, "url is not an absolute URL");
  if (!request_of(url, mark, &request)) return failed(reason, "url is not valid");
  if (!wasi_http_outgoing_handler_handle(request, NULL, &future, &error)) {
    wasi_http_types_error_code_free(&error);
    return failed(reason, "url may not be called");
  }
  return wait_for(future, response) || failed(reason, "the server did not answer");
}
