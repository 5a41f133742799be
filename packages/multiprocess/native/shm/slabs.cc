#include "shm/slabs.h"

#include <vector>

#include "shm/ranges.h"

namespace mp {
namespace {

constexpr uint32_t kPatience = 1024;  // cells that are looked at before a new slab is taken

struct Known {
  std::vector<uint32_t> slabs;  // a slab stays one: this is never wrong, only incomplete
  uint32_t count = 0;           // of slabs in the realm, when it was complete
  size_t at = 0;
  uint32_t index = 0;
  uint64_t freed[64];
  uint32_t freedCount = 0;
};
thread_local Known known[kClassCount];

bool isFree(const CellRecord& record) { return CellWord::references(record.word.load(std::memory_order_relaxed)) == 0; }

Cell cellOf(uint32_t unit, uint32_t index, uint32_t sizeClass) {
  uint64_t size = 32ull << sizeClass;
  return {unit * kUnitSize + kSlabShapes[sizeClass].start + index * size, &slabRecord(unit, index), size, false};
}

// Goes round the known slabs from where the last search ended.
Cell search(Known& k, uint32_t sizeClass, uint64_t patience) {
  uint32_t count = kSlabShapes[sizeClass].count;
  if (patience > k.slabs.size() * count) patience = k.slabs.size() * count;
  for (; patience > 0; patience--) {
    if (k.index >= count) {
      k.index = 0;
      if (++k.at >= k.slabs.size()) k.at = 0;
    }
    uint32_t unit = k.slabs[k.at], index = k.index++;
    if (isFree(slabRecord(unit, index))) return cellOf(unit, index, sizeClass);
  }
  return {};
}

// Each process begins elsewhere, so that they rarely want the same cell.
void learn(Known& k, uint32_t sizeClass) {
  k.count = hints().slabs[sizeClass].load();
  k.slabs.clear();
  uint32_t end = hints().unitHighWater.load();
  for (uint32_t unit = kFirstUnit; unit < end; unit++) {
    if (unitWord(unit).load(std::memory_order_relaxed) == UnitWord::slab(sizeClass)) k.slabs.push_back(unit);
  }
  uint32_t self = selfSlot();
  k.at = k.slabs.empty() ? 0 : self % k.slabs.size();
  k.index = self * 61 % kSlabShapes[sizeClass].count;
}

}  // namespace

Cell findFreeCell(uint32_t sizeClass) {
  Known& k = known[sizeClass];
  while (k.freedCount > 0) {
    Cell cell = knownCell(k.freed[--k.freedCount]);
    if (isFree(*cell.record)) return cell;
  }
  if (Cell cell = search(k, sizeClass, kPatience); cell.record) return cell;
  if (hints().slabs[sizeClass].load() != k.count) {
    learn(k, sizeClass);
    if (Cell cell = search(k, sizeClass, kPatience); cell.record) return cell;
  }
  if (uint32_t unit = claimSlab(sizeClass)) {
    k.at = k.slabs.size();
    k.index = 1;
    k.slabs.push_back(unit);
    k.count++;
    return cellOf(unit, 0, sizeClass);
  }
  learn(k, sizeClass);
  return search(k, sizeClass, UINT64_MAX);
}

void rememberFree(const Cell& cell) {
  Known& k = known[classFor(cell.capacity)];
  if (k.freedCount < 64) k.freed[k.freedCount++] = cell.offset;
}

}  // namespace mp
