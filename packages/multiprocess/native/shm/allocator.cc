#include "shm/allocator.h"

namespace mp {

// For now cells are only handed out.
uint64_t allocateCell(uint64_t size, uint32_t) {
  auto* next = reinterpret_cast<std::atomic<uint64_t>*>(header().allocator);
  uint64_t offset = kHeapOffset + next->fetch_add((size + 63) & ~63ull);
  return offset + size <= kRealmSize ? offset : 0;
}

void freeCell(uint64_t) {}
void sweepCells(uint32_t) {}

}  // namespace mp
