#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

// Text that grows. It ends with a zero, which does not count.
typedef struct {
  char *ptr;
  size_t len;
} text_t;

void text_add(text_t *text, const char *more);
void text_add_bytes(text_t *text, const void *more, size_t len);
void text_print(text_t *text, const char *format, ...);

// A copy with a zero at its end.
char *text_copy(const char *from, size_t len);

// Whether two names are the same in ASCII, whatever their case.
bool text_same(const uint8_t *a, size_t a_len, const uint8_t *b, size_t b_len);

// Decodes percent-encoded text; NULL where that is not valid.
char *text_decode(const char *from, size_t len);

// The first value of a parameter in a query, decoded; NULL where there is none.
char *text_parameter(const char *query, const char *name);
