// ArrayBuffers over memory that is not V8's.
#pragma once
#include <node_api.h>

#include <functional>

namespace mp {

// An ArrayBuffer of this memory, which V8 does not count as the program's. `end` is called when nobody can use it any more, on any
// thread, perhaps while the process ends. Null where there is no way to make one; then `end` is not called.
napi_value externalBuffer(void* data, size_t length, std::function<void()> end = nullptr);

}  // namespace mp
