#include "shm/allocator.h"

#include <string.h>

#include "shm/ranges.h"
#include "shm/references.h"
#include "shm/slabs.h"

namespace mp {
namespace {

uint32_t executorFor(uint32_t owner) {
  uint32_t self = selfSlot();
  return self == kNoSlot ? owner : self;
}

uint64_t giveOut(const Addition& addition, const Cell& cell, uint32_t kind, uint32_t owner, uint32_t executor) {
  cell.record->first.store(addition.reference, std::memory_order_relaxed);
  cell.record->kind.store(kind, std::memory_order_relaxed);
  return confirmOwner(addition, owner, executor) ? cell.offset : 0;
}

uint64_t allocateSmall(uint64_t size, uint32_t owner, uint32_t executor, uint32_t kind) {
  uint32_t sizeClass = classFor(size);
  Cell cell = findFreeCell(sizeClass);
  if (!cell.record) return 0;
  Addition addition = beginAdding(owner, executor, cell);
  if (addition.reference == 0) return 0;
  while (!finishAdding(addition, cell, -1)) {  // somebody was faster
    cell = findFreeCell(sizeClass);
    if (!cell.record) {
      cancelAdding(addition);
      return 0;
    }
    retarget(addition, cell);
  }
  memset(realmBase + cell.offset, 0, cell.capacity);
  return giveOut(addition, cell, kind, owner, executor);
}

Cell rangeCell(uint32_t head) { return {head * kUnitSize, &rangeRecord(head).cell, 0, true}; }

uint32_t headOf(const Cell& cell) { return static_cast<uint32_t>(cell.offset >> kUnitBits); }

// What the units of the cell become in the name of the reference.
uint64_t claimFor(const Cell& cell, const Addition& addition) {
  return UnitWord::range(headOf(cell), addition.reference, CellWord::generation(cell.record->word.load()));
}

// Claims the units in the name of the reference, then makes the reference.
bool claimRange(Addition& addition, const Cell& cell, uint64_t size, Contents contents) {
  uint32_t head = headOf(cell);
  uint64_t claim = claimFor(cell, addition);
  if (!claimUnits(head, static_cast<uint32_t>((size + kUnitSize - 1) >> kUnitBits), claim, contents)) return false;
  // The generation stands still from here on, but may have moved between the look at it and the claim.
  if (claimFor(cell, addition) == claim) {
    rangeRecord(head).size.store(size);
    rangeRecord(head).isScratch.store(contents == Contents::kAnything);
    if (finishAdding(addition, cell, -1)) return true;
  }
  releaseUnits(head, claim, contents);
  return false;
}

uint64_t allocateRange(uint64_t size, uint32_t owner, uint32_t executor, uint32_t kind, Contents contents) {
  if (size > (kUnitCount - kFirstUnit) * kUnitSize) return 0;
  uint32_t count = static_cast<uint32_t>((size + kUnitSize - 1) >> kUnitBits);
  uint32_t head = findFreeUnits(count, kFirstUnit, contents);
  if (head == 0) return 0;
  Cell cell = rangeCell(head);
  Addition addition = beginAdding(owner, executor, cell);
  if (addition.reference == 0) return 0;
  while (!claimRange(addition, cell, size, contents)) {
    head = findFreeUnits(count, head, contents);
    if (head == 0) {
      cancelAdding(addition);
      return 0;
    }
    cell = rangeCell(head);
    retarget(addition, cell);
  }
  return giveOut(addition, cell, kind, owner, executor);
}

}  // namespace

uint64_t allocateCell(uint64_t size, uint32_t owner, uint32_t kind) {
  uint32_t executor = executorFor(owner);
  if (size <= kLargestClass) return allocateSmall(size, owner, executor, kind);
  return allocateRange(size, owner, executor, kind, Contents::kZeros);
}

uint64_t allocateScratch(uint64_t size, uint32_t owner) {
  noteScratch();
  return allocateRange(size, owner, executorFor(owner), 0, Contents::kAnything);
}

bool trimScratch() {
  uint32_t self = selfSlot();
  if (self == kNoSlot || !hasIdleWarmUnits()) return hints().warmUnits.load() <= 0;
  for (WarmUnits units; (units = findWarmUnits(units.head + units.count)).count > 0;) {
    Cell cell = rangeCell(units.head);
    Addition addition = beginAdding(self, self, cell);
    if (addition.reference == 0) return true;
    uint64_t claim = claimFor(cell, addition);
    if (claimUnits(units.head, units.count, claim, Contents::kAnything)) releaseUnits(units.head, claim, Contents::kZeros);
    cancelAdding(addition);
  }
  hints().warmUnits.store(0);  // what those who died had counted
  return true;
}

bool freeCell(uint64_t offset) {
  Cell cell = cellAt(offset);
  return cell.record && releaseCell(cell.record->first.load(), offset);
}

uint32_t retainCell(uint64_t offset, uint32_t generation, uint32_t owner) {
  Cell cell = cellAt(offset);
  if (!cell.record) return 0;
  if (owner >= kFirstCellOwner && CellWord::references(cell.record->word.load()) >= CellWord::kMaxReferencesForCells) return 0;
  uint32_t executor = executorFor(owner);
  Addition addition = beginAdding(owner, executor, cell);
  if (addition.reference == 0) return 0;
  if (!finishAdding(addition, cell, generation)) {
    cancelAdding(addition);
    return 0;
  }
  return confirmOwner(addition, owner, executor) ? addition.reference : 0;
}

bool releaseCell(uint32_t reference, uint64_t offset) {
  if (reference < kChunkSize || reference >= kReferenceCount) return false;
  uint32_t owner = ChunkWord::owner(chunkWord(reference / kChunkSize).load());
  return dropReference(reference, offset, executorFor(owner));
}

CellInfo cellInfo(uint64_t offset) {
  Cell cell = cellAt(offset);
  if (!cell.record) return {};
  uint64_t word = cell.record->word.load();
  CellInfo info{CellWord::references(word) > 0, cell.capacity, CellWord::generation(word),
                static_cast<uint32_t>(CellWord::references(word)), cell.record->kind.load() & ~kOwnsOthers, kNoSlot};
  uint32_t first = cell.record->first.load();
  uint64_t reference = referenceWord(first).load();
  if (info.live && ReferenceWord::state(reference) == ReferenceWord::kHeld && ReferenceWord::offset(reference) == offset) {
    info.owner = ChunkWord::owner(chunkWord(first / kChunkSize).load());
  }
  return info;
}

}  // namespace mp
