// Waiting: futexes, doorbells, loops, and what JavaScript calls of them.
#pragma once
#include "napi.h"
#include "wait/futex.h"

namespace mp {

// In a forked child, after uv_loop_fork: forgets the doorbell thread of the parent, which fork(2) has not copied. The
// child may start its own doorbell then; starting it calls this. Does nothing where the calling thread had none.
void doorbellAfterFork();

napi_value DoorbellStart(napi_env env, napi_callback_info info);
napi_value DoorbellRef(napi_env env, napi_callback_info info);
napi_value DoorbellStop(napi_env env, napi_callback_info info);
napi_value LoopHandles(napi_env env, napi_callback_info info);
napi_value MemoryTrim(napi_env env, napi_callback_info info);

extern const Export kWaitExports[9];

}  // namespace mp
