#include "json.h"

#include <ctype.h>
#include <string.h>

#define DEEPEST 64

// Each of these gives where what it reads ends, or NULL where the text is not what it reads.
static const char *value(const char *at, int depth);

static const char *space(const char *at) {
  return at + strspn(at, " \t\r\n");
}

static const char *digits(const char *at) {
  if (!isdigit((unsigned char)*at)) return NULL;
  while (isdigit((unsigned char)*at)) at += 1;
  return at;
}

static const char *number(const char *at) {
  if (*at == '-') at += 1;
  at = *at == '0' ? at + 1 : digits(at);
  if (at != NULL && *at == '.') at = digits(at + 1);
  if (at != NULL && (*at == 'e' || *at == 'E')) {
    at += 1;
    if (*at == '+' || *at == '-') at += 1;
    at = digits(at);
  }
  return at;
}

static const char *string(const char *at) {
  if (*at++ != '"') return NULL;
  for (; *at != '"'; at += 1) {
    if ((unsigned char)*at < ' ') return NULL;
    if (*at != '\\') continue;
    at += 1;
    if (*at == '\0' || strchr("\"\\/bfnrtu", *at) == NULL) return NULL;
    if (*at != 'u') continue;
    for (int digit = 0; digit < 4; digit += 1)
      if (!isxdigit((unsigned char)*++at)) return NULL;
  }
  return at + 1;
}

static const char *array(const char *at, int depth) {
  at = space(at + 1);
  if (*at == ']') return at + 1;
  for (;;) {
    at = value(at, depth);
    if (at == NULL) return NULL;
    if (*at == ']') return at + 1;
    if (*at++ != ',') return NULL;
  }
}

// Where a member's value begins, and the colon is behind.
static const char *member(const char *at) {
  at = string(space(at));
  if (at == NULL) return NULL;
  at = space(at);
  return *at == ':' ? space(at + 1) : NULL;
}

static const char *object(const char *at, int depth) {
  at = space(at + 1);
  if (*at == '}') return at + 1;
  for (;;) {
    at = member(at);
    if (at != NULL) at = value(at, depth);
    if (at == NULL) return NULL;
    if (*at == '}') return at + 1;
    if (*at++ != ',') return NULL;
  }
}

static const char *word(const char *at, const char *expected) {
  size_t len = strlen(expected);
  return strncmp(at, expected, len) == 0 ? at + len : NULL;
}

// Reads any value, and the space around it.
static const char *value(const char *at, int depth) {
  if (depth == DEEPEST) return NULL;
  at = space(at);
  switch (*at) {
    case '{': at = object(at, depth + 1); break;
    case '[': at = array(at, depth + 1); break;
    case '"': at = string(at); break;
    case 't': at = word(at, "true"); break;
    case 'f': at = word(at, "false"); break;
    case 'n': at = word(at, "null"); break;
    default: at = number(at);
  }
  return at == NULL ? NULL : space(at);
}

bool json_numbers(const char *text, double *a, double *b) {
  const char *end = value(text, 0);
  bool has_a = false, has_b = false;
  text = space(text);
  if (end == NULL || *end != '\0' || *text != '{') return false;
  // From here on it is known to be valid.
  const char *at = space(text + 1);
  while (*at != '}') {
    const char *key = space(at);
    at = member(at);
    bool is_number = *at == '-' || isdigit((unsigned char)*at);
    if (strncmp(key, "\"a\"", 3) == 0 && (has_a = is_number)) *a = strtod(at, NULL);
    if (strncmp(key, "\"b\"", 3) == 0 && (has_b = is_number)) *b = strtod(at, NULL);
    at = value(at, 1);
    if (*at == ',') at += 1;
  }
  return has_a && has_b;
}

void json_string(text_t *json, const uint8_t *value, size_t len) {
  text_add(json, "\"");
  for (size_t at = 0; at < len; at += 1) {
    if (value[at] == '"' || value[at] == '\\') text_add(json, "\\");
    if (value[at] < ' ') text_print(json, "\\u%04x", value[at]);
    else text_add_bytes(json, value + at, 1);
  }
  text_add(json, "\"");
}
