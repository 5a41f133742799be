// Cells of shared memory. Plain C++: no Node-API here.
#pragma once
#include "shm/realm.h"

namespace mp {

// A zeroed cell of at least `size` bytes that slot `owner` refers to; its offset, or 0 when the realm is full.
uint64_t allocateCell(uint64_t size, uint32_t owner);
void freeCell(uint64_t offset);

// Drops every reference of a slot whose user is dead; cells that nobody else refers to are free then.
void sweepCells(uint32_t deadSlot);

}  // namespace mp
