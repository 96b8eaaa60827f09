// Takes the lock "guest" of LOCKS, looks at it from beside, and says what it saw; the cron says how it ends. The same
// source is built for WASI 0.2 and 0.3, whose bindings have the same names in C.

#include "locks.h"

#include <string.h>

static char line[256];
static size_t length;

static void text(const char *more) {
  while (*more != '\0' && length < sizeof line) line[length++] = *more++;
}

static void number(uint64_t value) {
  if (value >= 10) number(value / 10);
  text((char[]){(char)('0' + value % 10), '\0'});
}

static void say(void) {
  locks_string_t none = {0};
  locks_string_t message = {(uint8_t *)line, length};
  wasi_logging_logging_log(WASI_LOGGING_LOGGING_LEVEL_INFO, &none, &message);
  length = 0;
}

static const char *tag(brink_locks_locks_error_t error) {
  static const char *const tags[] = {"access-denied", "not-available", "timed-out", "other"};
  return tags[error.tag];
}

static void look(brink_locks_locks_borrow_lock_manager_t manager, locks_string_t *name, brink_locks_locks_lock_options_t options) {
  brink_locks_locks_own_lock_t lock;
  brink_locks_locks_error_t error;
  text(brink_locks_locks_method_lock_manager_acquire(manager, name, &options, &lock, &error) ? " taken" : " ");
  text(tag(error));
}

bool exports_brink_function_scheduled_handle(exports_brink_function_scheduled_scheduled_event_t *event,
                                             exports_brink_function_scheduled_error_t *failure) {
  locks_string_t binding = {(uint8_t *)"LOCKS", 5};
  locks_string_t name = {(uint8_t *)"guest", 5};
  brink_locks_locks_own_lock_manager_t owned;
  brink_locks_locks_error_t error;
  (void)failure;
  if (!brink_locks_locks_open(&binding, &owned, &error)) {
    text("open: ");
    text(tag(error));
    say();
    return true;
  }
  brink_locks_locks_borrow_lock_manager_t manager = brink_locks_locks_borrow_lock_manager(owned);
  brink_locks_locks_lock_options_t options = {.mode = BRINK_LOCKS_LOCKS_MODE_EXCLUSIVE};
  brink_locks_locks_own_lock_t lock;
  if (!brink_locks_locks_method_lock_manager_acquire(manager, &name, &options, &lock, &error)) {
    text("acquire: ");
    text(tag(error));
    say();
    return true;
  }
  brink_locks_locks_borrow_lock_t held = brink_locks_locks_borrow_lock(lock);
  locks_string_t called;
  brink_locks_locks_method_lock_name(held, &called);
  text("held ");
  text(called.len == 5 && memcmp(called.ptr, "guest", 5) == 0 ? "guest" : "another");
  text(brink_locks_locks_method_lock_mode(held) == BRINK_LOCKS_LOCKS_MODE_EXCLUSIVE ? " exclusive" : " shared");
  text(brink_locks_locks_method_lock_lost(held) ? " lost" : " kept");
  look(manager, &name, (brink_locks_locks_lock_options_t){.if_available = true});
  look(manager, &name, (brink_locks_locks_lock_options_t){.mode = BRINK_LOCKS_LOCKS_MODE_SHARED, .wait_ms = {true, 20}});
  look(manager, &name, (brink_locks_locks_lock_options_t){.ttl_ms = {true, 1}});
  brink_locks_locks_snapshot_t snapshot;
  if (brink_locks_locks_method_lock_manager_query(manager, &snapshot, &error)) {
    text(" ");
    number(snapshot.held.len);
    text(" held ");
    number(snapshot.pending.len);
    text(" pending");
  }
  text(" fence ");
  number(brink_locks_locks_method_lock_fence(held));
  say();
  if (event->cron.ptr[0] == '1') {
    text(brink_locks_locks_static_lock_release(lock, &error) ? "released" : tag(error));
    say();
  }
  // Else it is left as it is.
  if (event->cron.ptr[0] == '3') __builtin_trap();
  return true;
}
