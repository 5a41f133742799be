// The preloaded shim of the zygote (native/shim), if it is there.
#pragma once
#include <dlfcn.h>
#include <unistd.h>

namespace mp {

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
