#include "shm/ranges.h"

#include <string.h>
#include <sys/mman.h>
#include <time.h>

namespace mp {
namespace {

constexpr int32_t kMostWarm = (256 << 20) / kUnitSize;
constexpr uint32_t kIdleSeconds = 1;

uint32_t nowInSeconds() {
  timespec now;
  clock_gettime(CLOCK_MONOTONIC_COARSE, &now);
  return static_cast<uint32_t>(now.tv_sec);
}

bool isIdle() { return nowInSeconds() - hints().lastScratch.load() > kIdleSeconds; }

bool mayWarm(int32_t count) { return hints().warmUnits.load() + count <= kMostWarm && !isIdle(); }

bool mayTake(uint64_t word, Contents contents) {
  return word == UnitWord::kFree || (word == UnitWord::kWarm && contents == Contents::kAnything);
}

uint32_t findBetween(uint32_t count, uint32_t from, uint32_t to, Contents contents) {
  uint32_t run = 0;
  for (uint32_t unit = from; unit < to;) {
    uint64_t word = unitWord(unit).load(std::memory_order_relaxed);
    if (mayTake(word, contents)) {
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

uint32_t findFreeUnits(uint32_t count, uint32_t from, Contents contents) {
  uint32_t hint = hints().freeUnit.load();
  if (hint < kFirstUnit) hint = kFirstUnit;
  if (from < hint) from = hint;
  uint32_t found = findBetween(count, from, kUnitCount, contents);
  if (found) return found;
  return findBetween(count, kFirstUnit, from + count < kUnitCount ? from + count : kUnitCount, contents);
}

uint32_t claimSlab(uint32_t sizeClass) {
  for (uint32_t unit = kFirstUnit; (unit = findFreeUnits(1, unit, Contents::kZeros)) != 0;) {
    uint64_t free = UnitWord::kFree;
    if (!unitWord(unit).compare_exchange_strong(free, UnitWord::slab(sizeClass))) continue;
    raise(hints().unitHighWater, unit + 1);
    uint32_t hint = unit;
    hints().freeUnit.compare_exchange_strong(hint, unit + 1);
    hints().slabs[sizeClass].fetch_add(1);
    return unit;
  }
  return 0;
}

bool claimUnits(uint32_t head, uint32_t count, uint64_t claim, Contents contents) {
  raise(hints().unitHighWater, head + count);
  uint32_t unit = head;
  int32_t warm = 0;
  for (; unit < head + count; unit++) {
    uint64_t word = unitWord(unit).load();
    if (!mayTake(word, contents) || !unitWord(unit).compare_exchange_strong(word, claim)) break;
    warm += word == UnitWord::kWarm;
  }
  if (warm > 0) hints().warmUnits.fetch_sub(warm);
  if (unit < head + count) {
    if (unit > head) releaseUnits(head, claim, contents);
    return false;
  }
  uint32_t hint = head;
  hints().freeUnit.compare_exchange_strong(hint, head + count);
  return true;
}

void releaseUnits(uint32_t head, uint64_t claim, Contents contents) {
  uint32_t end = head;
  while (end < kUnitCount && unitWord(end).load() == claim) end++;
  auto count = static_cast<int32_t>(end - head);
  bool warm = contents == Contents::kAnything && mayWarm(count);
  if (warm) hints().warmUnits.fetch_add(count);
  else if (count > 0) giveBack(head, end - head);
  for (uint32_t unit = end; unit > head; unit--) {
    uint64_t expected = claim;
    unitWord(unit - 1).compare_exchange_strong(expected, warm ? UnitWord::kWarm : UnitWord::kFree);
  }
  lower(hints().freeUnit, head);
}

void noteScratch() {
  uint32_t now = nowInSeconds();
  if (hints().lastScratch.load() != now) hints().lastScratch.store(now);
}

bool hasIdleWarmUnits() { return hints().warmUnits.load() > 0 && isIdle(); }

WarmUnits findWarmUnits(uint32_t from) {
  uint32_t end = hints().unitHighWater.load();
  auto isWarm = [](uint32_t unit) { return unitWord(unit).load() == UnitWord::kWarm; };
  while (from < end && !isWarm(from)) from++;
  WarmUnits found{from, 0};
  while (from + found.count < end && isWarm(from + found.count)) found.count++;
  return found;
}

}  // namespace mp
