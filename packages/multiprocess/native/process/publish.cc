// How an end becomes known.
#include "process/process.h"
#include "shm/allocator.h"
#include "shm/realm.h"
#include "wait/bell.h"
#include "wait/futex.h"

namespace mp {

void publishEnd(uint32_t index, int exitStatus) {
  Slot& s = slot(index);
  freeSlotsOfThreads(index);
  sweepCells(index);
  s.exitStatus.store(exitStatus);
  s.state.store(kEnded);
  futexWake(&s.state, INT32_MAX);
  if (isOrphan(s)) freeSlot(index);
  else ringDoorbell(s.parent);
}

}  // namespace mp
