// How an end becomes known.
#include "process/process.h"
#include "shm/shm.h"
#include "wait/wait.h"

namespace mp {

void freeSlot(uint32_t index) {
  Slot& s = slot(index);
  s.pid.store(0);
  s.generation.fetch_add(1);
  s.state.store(kFree);
}

void publishEnd(uint32_t index, int exitStatus) {
  Slot& s = slot(index);
  sweepCells(index);
  s.exitStatus.store(exitStatus);
  s.state.store(kEnded);
  futexWake(&s.state, INT32_MAX);
  if (isOrphan(s)) freeSlot(index);
  else ringDoorbell(s.parent);
}

}  // namespace mp
