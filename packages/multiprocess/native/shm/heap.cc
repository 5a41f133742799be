#include "shm/heap.h"

namespace mp {

const SlabShape kSlabShapes[kClassCount] = {slabShape(0), slabShape(1), slabShape(2), slabShape(3), slabShape(4), slabShape(5),
                                            slabShape(6), slabShape(7), slabShape(8), slabShape(9), slabShape(10)};

Cell knownCell(uint64_t offset) {
  uint32_t unit = static_cast<uint32_t>(offset >> kUnitBits), within = offset & (kUnitSize - 1);
  // No slab has a cell at its very beginning.
  if (within == 0) return {offset, &rangeRecord(unit).cell, rangeRecord(unit).size.load(), true};
  uint32_t sizeClass = UnitWord::sizeClass(unitWord(unit).load());
  uint32_t index = (within - kSlabShapes[sizeClass].start) >> (5 + sizeClass);
  return {offset, &slabRecord(unit, index), 32ull << sizeClass, false};
}

Cell cellAt(uint64_t offset) {
  uint64_t unit = offset >> kUnitBits;
  if (unit < kFirstUnit || unit >= kUnitCount) return {};
  uint64_t word = unitWord(static_cast<uint32_t>(unit)).load();
  uint64_t within = offset & (kUnitSize - 1);
  if (UnitWord::state(word) == UnitWord::kRange) {
    return within == 0 && UnitWord::head(word) == unit ? knownCell(offset) : Cell{};
  }
  if (UnitWord::state(word) != UnitWord::kSlab) return {};
  uint32_t sizeClass = UnitWord::sizeClass(word);
  SlabShape shape = kSlabShapes[sizeClass];
  uint64_t size = 32ull << sizeClass;
  if (within < shape.start || (within - shape.start) % size != 0 || (within - shape.start) / size >= shape.count) return {};
  return knownCell(offset);
}

}  // namespace mp
