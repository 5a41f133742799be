#include "shm/ranges.h"

#include <string.h>
#include <sys/mman.h>

namespace mp {
namespace {

uint32_t findBetween(uint32_t count, uint32_t from, uint32_t to) {
  uint32_t run = 0;
  for (uint32_t unit = from; unit < to;) {
    uint64_t word = unitWord(unit).load(std::memory_order_relaxed);
    if (word == UnitWord::kFree) {
      unit++;
      if (++run == count) return unit - count;
      continue;
    }
    run = 0;
    uint32_t next = unit + 1;
    if (UnitWord::state(word) == UnitWord::kRange) {  // jump over it; a stale size only misses free units
      uint32_t head = UnitWord::head(word);
      uint64_t units = (rangeRecord(head).size.load(std::memory_order_relaxed) + kUnitSize - 1) >> kUnitBits;
      if (head + units > next && head + units <= to) next = head + static_cast<uint32_t>(units);
    }
    unit = next;
  }
  return 0;
}

// The kernel takes the pages back; a new owner finds zeros.
void giveBack(uint32_t head, uint32_t count) {
  void* start = realmBase + head * kUnitSize;
  uint64_t size = count * kUnitSize;
  if (madvise(start, size, MADV_REMOVE) < 0) memset(start, 0, size);
}

}  // namespace

uint32_t findFreeUnits(uint32_t count, uint32_t from) {
  uint32_t hint = hints().freeUnit.load();
  if (hint < kFirstUnit) hint = kFirstUnit;
  if (from < hint) from = hint;
  uint32_t found = findBetween(count, from, kUnitCount);
  return found ? found : findBetween(count, kFirstUnit, from + count < kUnitCount ? from + count : kUnitCount);
}

uint32_t claimSlab(uint32_t sizeClass) {
  for (uint32_t unit = kFirstUnit; (unit = findFreeUnits(1, unit)) != 0;) {
    uint64_t free = UnitWord::kFree;
    if (!unitWord(unit).compare_exchange_strong(free, UnitWord::slab(sizeClass))) continue;
    raise(hints().unitHighWater, unit + 1);
    raise(hints().freeUnit, unit + 1);
    hints().slabs[sizeClass].fetch_add(1);
    return unit;
  }
  return 0;
}

bool claimUnits(uint32_t head, uint32_t count, uint64_t claim) {
  raise(hints().unitHighWater, head + count);
  for (uint32_t unit = head; unit < head + count; unit++) {
    uint64_t free = UnitWord::kFree;
    if (unitWord(unit).compare_exchange_strong(free, claim)) continue;
    if (unit > head) releaseUnits(head, claim, false);
    return false;
  }
  uint32_t hint = head;
  hints().freeUnit.compare_exchange_strong(hint, head + count);
  return true;
}

void releaseUnits(uint32_t head, uint64_t claim, bool used) {
  uint32_t end = head;
  while (end < kUnitCount && unitWord(end).load() == claim) end++;
  if (used && end > head) giveBack(head, end - head);
  for (uint32_t unit = end; unit > head; unit--) {
    uint64_t expected = claim;
    unitWord(unit - 1).compare_exchange_strong(expected, UnitWord::kFree);
  }
  lower(hints().freeUnit, head);
}

}  // namespace mp
