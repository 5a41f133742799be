// What threads leave to their process: work of an event loop, and freed memory.
#include <malloc.h>
#include <uv.h>

#include "wait/wait.h"

namespace mp {

// loopHandles(): how many handles of the calling thread's loop are active, whether or not they keep it alive, without those of the
// doorbell. Of the timers only the first counts: that is the one behind all of JavaScript's timers. The others are V8's, which puts off
// its own work.
napi_value LoopHandles(napi_env env, napi_callback_info) {
  uv_loop_t* loop = nullptr;
  if (!ok(env, napi_get_uv_event_loop(env, &loop))) return nullptr;
  struct Found {
    double active = 0;
    bool timer = false;
  } found;
  auto add = [](uv_handle_t* handle, void* data) {
    auto* found = static_cast<Found*>(data);
    bool counts = (handle->type != UV_TIMER || !found->timer) && !belongsToDoorbell(handle);
    found->timer |= handle->type == UV_TIMER;
    if (counts && uv_is_active(handle) && !uv_is_closing(handle)) ++found->active;
  };
  uv_walk(loop, add, &found);
  return toNumber(env, found.active);
}

// memoryTrim(): gives the system what glibc keeps of freed memory, some MB for each worker thread that has ended. (musl has no such
// call, and keeps little.)
napi_value MemoryTrim(napi_env env, napi_callback_info) {
#ifdef __GLIBC__
  malloc_trim(0);
#endif
  return undefined(env);
}

}  // namespace mp
