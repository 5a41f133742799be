// Slabs: units cut into cells of one size. What a thread remembers here are hints of its own; the cell's word decides.
#pragma once
#include "shm/heap.h"

namespace mp {

// A cell that looks free, from a new slab if need be; its record is null when the realm is full.
Cell findFreeCell(uint32_t sizeClass);

// Tells that a cell has become free.
void rememberFree(const Cell& cell);

// The smallest class whose cells hold `size` bytes.
constexpr uint32_t classFor(uint64_t size) {
  uint32_t sizeClass = 0;
  while ((32ull << sizeClass) < size) sizeClass++;
  return sizeClass;
}

}  // namespace mp
