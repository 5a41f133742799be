// Ranges: cells of whole units.
#pragma once
#include "shm/heap.h"

namespace mp {

// The first of `count` consecutive units at or after `from` that look free; 0 when there is none.
uint32_t findFreeUnits(uint32_t count, uint32_t from);

// Takes a free unit for a slab; 0 when there is none.
uint32_t claimSlab(uint32_t sizeClass);

// Makes the units range `claim`, ascending. On a unit that is taken gives back what it took: false.
bool claimUnits(uint32_t head, uint32_t count, uint64_t claim);

// Gives back the units of a claim, of which a prefix remains, after their memory if `used`.
void releaseUnits(uint32_t head, uint64_t claim, bool used);

}  // namespace mp
