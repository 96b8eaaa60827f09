// The example API in C: a component that exports wasi:http/incoming-handler.

#include "api.h"
#include "body.h"
#include "get.h"
#include "json.h"
#include "reply.h"
#include "text.h"

#include <stdio.h>
#include <string.h>

#define BAD_NUMBERS "send {\"a\": number, \"b\": number}"

typedef wasi_http_types_own_incoming_request_t request_t;

static void lines(reply_t *reply) {
  char line[16];
  if (!reply_start(reply, 200, "text/plain")) return;
  for (int number = 1; number <= 5; number += 1) {
    snprintf(line, sizeof line, "line %d\n", number);
    if (!reply_write(reply, line, strlen(line))) break;
  }
  reply_end(reply);
}

// {"name": ["value", …], …}; a name stands where it is first, with all its values.
static void headers(reply_t *reply, request_t request) {
  wasi_http_types_own_fields_t fields = wasi_http_types_method_incoming_request_headers(wasi_http_types_borrow_incoming_request(request));
  wasi_http_types_list_tuple2_field_name_field_value_t list;
  wasi_http_types_method_fields_entries(wasi_http_types_borrow_fields(fields), &list);
  text_t json = {0};
  for (size_t first = 0; first < list.len; first += 1) {
    api_string_t name = list.ptr[first].f0;
    text_add(&json, json.len == 0 ? "{" : ",");
    json_string(&json, name.ptr, name.len);
    text_add(&json, ":[");
    json_string(&json, list.ptr[first].f1.ptr, list.ptr[first].f1.len);
    for (size_t other = first + 1; other < list.len;) {
      api_string_t same = list.ptr[other].f0;
      if (!text_same(name.ptr, name.len, same.ptr, same.len)) {
        other += 1;
        continue;
      }
      text_add(&json, ",");
      json_string(&json, list.ptr[other].f1.ptr, list.ptr[other].f1.len);
      list.len -= 1;
      memmove(list.ptr + other, list.ptr + other + 1, (list.len - other) * sizeof *list.ptr);
    }
    text_add(&json, "]");
  }
  text_add(&json, json.len == 0 ? "{}" : "}");
  reply_json(reply, 200, &json);
  wasi_http_types_fields_drop_own(fields);
}

static void cookies(reply_t *reply) {
  reply_field(reply, "set-cookie", "a=1", 3);
  reply_field(reply, "set-cookie", "b=2", 3);
  if (reply_start(reply, 200, NULL)) reply_end(reply);
}

static void counter(reply_t *reply) {
  api_string_t name, key;
  api_string_set(&name, "COUNTER");
  api_string_set(&key, "hits");
  wasi_keyvalue_store_own_bucket_t bucket;
  wasi_keyvalue_store_error_t error;
  int64_t count;
  if (!wasi_keyvalue_store_open(&name, &bucket, &error)) {
    reply_error(reply, 500, "the store COUNTER cannot be opened");
    return;
  }
  if (wasi_keyvalue_atomics_increment(wasi_keyvalue_store_borrow_bucket(bucket), &key, 1, &count, &error)) {
    text_t json = {0};
    text_print(&json, "{\"count\":%lld}", (long long)count);
    reply_json(reply, 200, &json);
  } else {
    reply_error(reply, 500, "the store COUNTER cannot count");
  }
  wasi_keyvalue_store_bucket_drop_own(bucket);
}

static void proxy(reply_t *reply, const char *query) {
  const char *reason = NULL;
  char *url = text_parameter(query, "url");
  wasi_http_types_own_incoming_response_t response;
  if (!get(url == NULL ? "" : url, &response, &reason)) {
    reply_error(reply, 502, reason);
  } else {
    wasi_http_types_borrow_incoming_response_t borrowed = wasi_http_types_borrow_incoming_response(response);
    body_t body;
    if (!wasi_http_types_method_incoming_response_consume(borrowed, &body.whole)) abort();
    body_open(&body);
    reply_pass(reply, wasi_http_types_method_incoming_response_status(borrowed), &body);
    body_close(&body);
    wasi_http_types_incoming_response_drop_own(response);
  }
  free(url);
}

static body_t body_of(request_t request) {
  body_t body;
  if (!wasi_http_types_method_incoming_request_consume(wasi_http_types_borrow_incoming_request(request), &body.whole)) abort();
  body_open(&body);
  return body;
}

static void sum(reply_t *reply, request_t request) {
  double a, b;
  body_t body = body_of(request);
  text_t sent = body_text(&body);
  body_close(&body);
  if (json_numbers(sent.ptr, &a, &b)) {
    text_t json = {0};
    text_print(&json, "{\"sum\":%.17g}", a + b);
    reply_json(reply, 200, &json);
  } else {
    reply_error(reply, 400, BAD_NUMBERS);
  }
  free(sent.ptr);
}

static void echo(reply_t *reply, request_t request) {
  wasi_http_types_own_fields_t fields = wasi_http_types_method_incoming_request_headers(wasi_http_types_borrow_incoming_request(request));
  wasi_http_types_list_field_value_t values;
  api_string_t name;
  api_string_set(&name, "content-type");
  wasi_http_types_method_fields_get(wasi_http_types_borrow_fields(fields), &name, &values);
  for (size_t at = 0; at < values.len; at += 1) reply_field(reply, "content-type", (char *)values.ptr[at].ptr, values.ptr[at].len);
  wasi_http_types_list_field_value_free(&values);
  wasi_http_types_fields_drop_own(fields);
  body_t body = body_of(request);
  reply_pass(reply, 200, &body);
  body_close(&body);
}

static void hello(reply_t *reply, const char *encoded) {
  char *name = text_decode(encoded, strlen(encoded));
  if (name == NULL) {
    reply_error(reply, 404, "not found");
    return;
  }
  text_t json = {0};
  text_add(&json, "{\"hello\":");
  json_string(&json, (uint8_t *)name, strlen(name));
  text_add(&json, "}");
  reply_json(reply, 200, &json);
  free(name);
}

// Cuts the query off a path, and gives it.
static char *cut_query(char *path) {
  char *query = strchr(path, '?');
  if (query == NULL) return path + strlen(path);
  *query = '\0';
  return query + 1;
}

void exports_wasi_http_incoming_handler_handle(request_t request, wasi_http_types_own_response_outparam_t out) {
  reply_t reply = reply_to(out);
  wasi_http_types_borrow_incoming_request_t borrowed = wasi_http_types_borrow_incoming_request(request);
  api_string_t target = {0};
  wasi_http_types_method_t method;
  wasi_http_types_method_incoming_request_path_with_query(borrowed, &target);
  wasi_http_types_method_incoming_request_method(borrowed, &method);
  bool get = method.tag == WASI_HTTP_TYPES_METHOD_GET;
  bool post = method.tag == WASI_HTTP_TYPES_METHOD_POST;
  char *path = text_copy((char *)target.ptr, target.len);
  char *query = cut_query(path);

  if (get && strcmp(path, "/") == 0) reply_text(&reply, "hello from c");
  else if (get && strncmp(path, "/hello/", 7) == 0) hello(&reply, path + 7);
  else if (get && strcmp(path, "/stream") == 0) lines(&reply);
  else if (get && strcmp(path, "/headers") == 0) headers(&reply, request);
  else if (get && strcmp(path, "/cookies") == 0) cookies(&reply);
  else if (get && strcmp(path, "/counter") == 0) counter(&reply);
  else if (get && strcmp(path, "/proxy") == 0) proxy(&reply, query);
  else if (post && strcmp(path, "/json") == 0) sum(&reply, request);
  else if (post && strcmp(path, "/echo") == 0) echo(&reply, request);
  else reply_error(&reply, 404, "not found");

  free(path);
  api_string_free(&target);
  wasi_http_types_method_free(&method);
  wasi_http_types_incoming_request_drop_own(request);
}
