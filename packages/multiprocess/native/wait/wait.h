// Waiting: futexes, doorbells, loops, and what JavaScript calls of them.
#pragma once
#include <uv.h>

#include "napi.h"
#include "wait/bell.h"
#include "wait/futex.h"

namespace mp {

// In a forked child, after uv_loop_fork: closes its copy of the parent's doorbell. The child may start its own then;
// starting it calls this. Does nothing where the calling thread had none.
void doorbellAfterFork();

// Whether a handle of the calling thread's loop is one of its doorbell.
bool belongsToDoorbell(const uv_handle_t* handle);

napi_value DoorbellStart(napi_env env, napi_callback_info info);
napi_value DoorbellRef(napi_env env, napi_callback_info info);
napi_value DoorbellStop(napi_env env, napi_callback_info info);
napi_value LoopHandles(napi_env env, napi_callback_info info);
napi_value MemoryTrim(napi_env env, napi_callback_info info);

extern const Export kWaitExports[10];

}  // namespace mp
