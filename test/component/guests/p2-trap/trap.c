// A component of WASI 0.2 that traps at each request, some calls deep, and was built with debug information.
#include "depth.h"

__attribute__((import_module("wasi:http/types@0.2.12"), import_name("[method]incoming-request.path-with-query")))
void path_with_query(int request, void *to);

static char memory[4096];
static int used;

__attribute__((export_name("cabi_realloc"))) void *
cabi_realloc(void *old, int old_size, int align, int size)
{
  void *at = &memory[used];
  used += (size + align) & -8;
  return used > (int)sizeof memory ? 0 : at;
}

__attribute__((export_name("wasi:http/incoming-handler@0.2.12#handle"))) void
handle(int request, int outparam)
{
  int path[3];
  path_with_query(request, path);
  // Grows the memory: the build puts a call there, which moves what stands behind it.
  if (__builtin_wasm_memory_grow(0, 1) < 0)
    return;
  descend(path[2] + outparam);
}
