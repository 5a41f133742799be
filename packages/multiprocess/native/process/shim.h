// The preloaded shim of the zygote (native/shim), if it is there.
#pragma once
#include <dlfcn.h>
#include <stdint.h>
#include <unistd.h>

namespace mp {

// How many of V8's platform threads a child gets back; 0 without the shim, or where it did not recognise them.
inline int platformThreads() {
  auto status = reinterpret_cast<int (*)()>(dlsym(RTLD_DEFAULT, "mp_shim_status"));
  return status ? status() : 0;
}

// Where the pages of V8's heap lie, from `from` to `to`; false without the shim, or where it has not seen any.
inline bool findHeapOfV8(uintptr_t* from, uintptr_t* to) {
  auto find = reinterpret_cast<bool (*)(uintptr_t*, uintptr_t*)>(dlsym(RTLD_DEFAULT, "mp_shim_heap"));
  return find && find(from, to);
}

// fork(2) while V8's platform threads are at rest; they come back in the child when it first needs them. Without the
// shim (a path that LD_PRELOAD cannot name), a plain fork(2): the child goes without.
inline pid_t forkAtRest(void (*atRest)()) {
  using Fork = pid_t (*)(void (*)());
  static const auto shimFork = reinterpret_cast<Fork>(dlsym(RTLD_DEFAULT, "mp_shim_fork"));
  if (shimFork) return shimFork(atRest);
  atRest();
  return fork();
}

}  // namespace mp
