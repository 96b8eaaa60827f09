#pragma once

#include "text.h"

// Adds a string with its quotes. Bytes that are not UTF-8 are added as they are.
void json_string(text_t *json, const uint8_t *value, size_t len);

// Reads the numbers `a` and `b` of an object; false where the text is not JSON, or lacks one.
bool json_numbers(const char *text, double *a, double *b);
