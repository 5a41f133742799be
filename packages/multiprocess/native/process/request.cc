#include "process/request.h"

#include <unistd.h>

#include <algorithm>

#include "process/process.h"
#include "shm/realm.h"
#include "wait/futex.h"

namespace mp {
namespace {

// As idOf() of src/memory/identity.ts.
uint32_t identityOf(uint32_t index) { return ((index + 1) | slot(index).generation.load() << 13) & 0x3fffffff; }

std::atomic<uint32_t>* wordOfPid(Slot& s) { return reinterpret_cast<std::atomic<uint32_t>*>(&s.pid); }

void publishPid(Slot& s, pid_t pid) {
  s.pid.store(pid);
  futexWake(wordOfPid(s), INT32_MAX);
}

}  // namespace

void pushRequest(uint32_t index) {
  uint32_t head = header().requests.load();
  do {
    slot(index).nextRequest = head;
  } while (!header().requests.compare_exchange_weak(head, index + 1));
}

// A starter that was refused pushes its slot again. Had it just been pushing, when a zygote took over and refused, then the slot may
// still be there: that makes a ring, from which others are lost.
std::vector<uint32_t> takeRequests() {
  std::vector<uint32_t> order;
  const uint32_t used = header().slotHighWater.load();
  for (uint32_t next = header().requests.exchange(0); next != 0; next = slot(next - 1).nextRequest) {
    if (order.size() == used) return allRequested();
    order.push_back(next - 1);
  }
  std::reverse(order.begin(), order.end());
  return order;
}

std::vector<uint32_t> allRequested() {
  std::vector<uint32_t> all;
  const uint32_t used = header().slotHighWater.load();
  for (uint32_t i = 0; i < used; i++) {
    if (slot(i).state.load() == kRequested) all.push_back(i);
  }
  return all;
}

bool mayFulfil(const Slot& request, uint32_t zygote) {
  return request.forZygote == 0 || request.forZygote == identityOf(zygote);
}

void fulfil(Slot& request, pid_t child) {
  request.startTime.store(startTimeOf(child));
  publishPid(request, child);
}

void refuse(Slot& request, int error) {
  request.error.store(error);
  request.state.store(kFailed);
  publishPid(request, -1);
}

void awaitFulfilment(Slot& request) {
  for (int tries = 0; request.pid.load() == 0; tries++) {
    if (tries == 100) _exit(255);
    futexWait(wordOfPid(request), 0, 100);
  }
  if (request.pid.load() != getpid()) _exit(255);
}

}  // namespace mp
