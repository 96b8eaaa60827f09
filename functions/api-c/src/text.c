#include "text.h"

#include <ctype.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

void text_add_bytes(text_t *text, const void *more, size_t len) {
  text->ptr = realloc(text->ptr, text->len + len + 1);
  if (text->ptr == NULL) abort();
  memcpy(text->ptr + text->len, more, len);
  text->len += len;
  text->ptr[text->len] = '\0';
}

void text_add(text_t *text, const char *more) {
  text_add_bytes(text, more, strlen(more));
}

void text_print(text_t *text, const char *format, ...) {
  char line[64];
  va_list values;
  va_start(values, format);
  vsnprintf(line, sizeof line, format, values);
  va_end(values);
  text_add(text, line);
}

char *text_copy(const char *from, size_t len) {
  text_t copy = {0};
  text_add_bytes(&copy, from, len);
  return copy.ptr;
}

bool text_same(const uint8_t *a, size_t a_len, const uint8_t *b, size_t b_len) {
  if (a_len != b_len) return false;
  for (size_t at = 0; at < a_len; at += 1)
    if (tolower(a[at]) != tolower(b[at])) return false;
  return true;
}

static int digit(char hex) {
  if (hex >= '0' && hex <= '9') return hex - '0';
  hex = (char)tolower(hex);
  return hex >= 'a' && hex <= 'f' ? hex - 'a' + 10 : -1;
}

char *text_decode(const char *from, size_t len) {
  char *text = malloc(len + 1);
  if (text == NULL) abort();
  size_t to = 0;
  for (size_t at = 0; at < len; at += 1) {
    char byte = from[at];
    if (byte == '%') {
      int high = len - at > 2 ? digit(from[at + 1]) : -1;
      int low = high < 0 ? -1 : digit(from[at + 2]);
      if (low < 0 || high + low == 0) {
        free(text);
        return NULL;
      }
      byte = (char)(high * 16 + low);
      at += 2;
    }
    text[to++] = byte;
  }
  text[to] = '\0';
  return text;
}

char *text_parameter(const char *query, const char *name) {
  size_t name_len = strlen(name);
  while (*query != '\0') {
    size_t len = strcspn(query, "&");
    if (len > name_len && strncmp(query, name, name_len) == 0 && query[name_len] == '=')
      return text_decode(query + name_len + 1, len - name_len - 1);
    query += len + (query[len] == '&');
  }
  return NULL;
}
