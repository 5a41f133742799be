// In programs and their children; the keeper itself has no use for it.
#include <stdlib.h>
#include <unistd.h>

#include <mutex>

#include "process/process.h"
#include "segment/end.h"
#include "shm/realm.h"

namespace mp {
namespace {

// The zygote does not count: it lives only for those that do.
bool isLast(uint32_t self) {
  for (uint32_t i = 0, used = header().slotHighWater.load(); i < used; i++) {
    const Slot& s = slot(i);
    if (i == self || s.kind == kZygote || !isMember(s)) continue;
    if (s.startTime.load() != 0 && startTimeOf(s.pid.load()) == s.startTime.load()) return false;
  }
  return true;
}

void atExit() {
  uint32_t self = processSlot.load(), keeper = header().keeper.load();
  // Not in a copy of us that somebody else's fork(2) has made.
  if (self == kNoSlot || keeper == 0 || slot(self).pid.load() != getpid()) return;
  if (isLast(self)) removeKeptFiles(keeper - 1);
}

}  // namespace

void removeKeptFilesAtExit() {
  static std::once_flag once;
  std::call_once(once, [] { atexit(atExit); });
}

}  // namespace mp
