// Ranges: cells of whole units.
#pragma once
#include "shm/heap.h"

namespace mp {

// What may be in the memory of units that are taken.
enum class Contents { kZeros, kAnything };

// The first of `count` consecutive units at or after `from` that look free; 0 when there is none.
uint32_t findFreeUnits(uint32_t count, uint32_t from, Contents contents);

// Takes a free unit for a slab; 0 when there is none.
uint32_t claimSlab(uint32_t sizeClass);

// Makes the units range `claim`, ascending. On a unit that is taken gives back what it took: false.
bool claimUnits(uint32_t head, uint32_t count, uint64_t claim, Contents contents);

// Gives back the units of a claim, of which a prefix remains: as Free units, after their pages, or, if anything may be
// in them and scratch cells are being used, as Warm ones.
void releaseUnits(uint32_t head, uint64_t claim, Contents contents);

// Notes that scratch cells are being used.
void noteScratch();

// Whether there are Warm units, and none has been needed for a while.
bool hasIdleWarmUnits();

// The first run of Warm units at or after `from`, and its length; 0: there is none.
struct WarmUnits {
  uint32_t head = 0, count = 0;
};
WarmUnits findWarmUnits(uint32_t from);

}  // namespace mp
