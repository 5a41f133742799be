// What posix_spawn needs, as objects that give it back.
#pragma once
#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <unistd.h>

namespace mp {

struct FileActions {
  posix_spawn_file_actions_t value;
  FileActions() { posix_spawn_file_actions_init(&value); }
  ~FileActions() { posix_spawn_file_actions_destroy(&value); }
};

// Signals as a fresh program expects them: nothing is handled or ignored, and nothing is blocked, or everything.
struct Attributes {
  posix_spawnattr_t value;
  explicit Attributes(bool blockSignals = false) {
    posix_spawnattr_init(&value);
    sigset_t all, mask;
    sigfillset(&all);
    if (blockSignals) sigfillset(&mask);
    else sigemptyset(&mask);
    posix_spawnattr_setsigdefault(&value, &all);
    posix_spawnattr_setsigmask(&value, &mask);
    posix_spawnattr_setflags(&value, POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETSIGMASK);
  }
  ~Attributes() { posix_spawnattr_destroy(&value); }
};

// A copy of a descriptor, out of the way of the numbers that the child is to use.
struct HighCopy {
  int fd;
  explicit HighCopy(int source) : fd(fcntl(source, F_DUPFD_CLOEXEC, 64)) {}
  ~HighCopy() {
    if (fd >= 0) close(fd);
  }
};

}  // namespace mp
