#pragma once

#include "api.h"

// Calls another server; false, with the reason, where that fails.
bool get(const char *url, wasi_http_types_own_incoming_response_t *response, const char **reason);
