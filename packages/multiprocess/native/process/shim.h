// The preloaded shim of the zygote (native/shim), if it is there.
#pragma once
#include <dlfcn.h>

namespace mp {

inline void shimAfterFork() {
  auto afterFork = reinterpret_cast<void (*)()>(dlsym(RTLD_DEFAULT, "mp_shim_after_fork"));
  if (afterFork) afterFork();
}

}  // namespace mp
