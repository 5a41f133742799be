// Waiting for a descriptor on the event loop: sentinels and other pidfds, which no stream of Node's can hold.
#include <errno.h>
#include <fcntl.h>
#include <unistd.h>
#include <uv.h>

#include "process/process.h"

namespace mp {
namespace {

struct Watch {
  uv_poll_t poll;
  int fd;  // a copy: an event loop takes each descriptor only once, and its owner may close it meanwhile
  napi_env env;
  napi_ref callback;
  napi_async_context context;
  napi_async_cleanup_hook_handle cleanup;  // a worker thread may end while it waits
  bool released;
};

void release(Watch* watch) {
  if (watch->released) return;
  watch->released = true;
  uv_poll_stop(&watch->poll);
  napi_delete_reference(watch->env, watch->callback);
  napi_async_destroy(watch->env, watch->context);
  uv_close(reinterpret_cast<uv_handle_t*>(&watch->poll), [](uv_handle_t* handle) {
    auto* closed = static_cast<Watch*>(handle->data);
    close(closed->fd);
    napi_remove_async_cleanup_hook(closed->cleanup);
    delete closed;
  });
}

void onReadable(uv_poll_t* poll, int, int) {
  auto* watch = static_cast<Watch*>(poll->data);
  napi_env env = watch->env;
  napi_handle_scope scope;
  napi_open_handle_scope(env, &scope);
  napi_value callback, global;
  napi_get_global(env, &global);
  napi_get_reference_value(env, watch->callback, &callback);
  // Once only: a pidfd stays readable. The callback unwatches it; until then it must not fire again.
  uv_poll_stop(poll);
  if (napi_make_callback(env, watch->context, global, callback, 0, nullptr, nullptr) == napi_pending_exception) {
    napi_value error;
    napi_get_and_clear_last_exception(env, &error);
    napi_fatal_exception(env, error);
  }
  napi_close_handle_scope(env, scope);
}

}  // namespace

// fdWatch(fd, callback): calls back once, when the descriptor is readable; keeps the loop alive. fdUnwatch ends it.
napi_value FdWatch(napi_env env, napi_callback_info info) {
  Args<2> args(env, info);
  uv_loop_t* loop = nullptr;
  if (!ok(env, napi_get_uv_event_loop(env, &loop))) return nullptr;
  int copy = fcntl(args.int32(0), F_DUPFD_CLOEXEC, 16);
  if (copy < 0) return throwErrno(env, errno, "fcntl");
  auto* watch = new Watch{};
  watch->env = env;
  watch->fd = copy;
  watch->poll.data = watch;
  if (int error = uv_poll_init(loop, &watch->poll, copy)) {
    close(copy);
    delete watch;
    return throwErrno(env, -error, "uv_poll_init");
  }
  napi_value name, external;
  napi_create_string_utf8(env, "multiprocess:fd", NAPI_AUTO_LENGTH, &name);
  napi_async_init(env, nullptr, name, &watch->context);
  napi_create_reference(env, args.value[1], 1, &watch->callback);
  napi_add_async_cleanup_hook(env, [](napi_async_cleanup_hook_handle, void* data) { release(static_cast<Watch*>(data)); }, watch, &watch->cleanup);
  uv_poll_start(&watch->poll, UV_READABLE, onReadable);
  ok(env, napi_create_external(env, watch, nullptr, nullptr, &external));
  return external;
}

// fdUnwatch(watch): exactly once per watch.
napi_value FdUnwatch(napi_env env, napi_callback_info info) {
  Args<1> args(env, info);
  void* watch = nullptr;
  if (ok(env, napi_get_value_external(env, args.value[0], &watch))) release(static_cast<Watch*>(watch));
  return undefined(env);
}

}  // namespace mp
