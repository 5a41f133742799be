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

// Claims the units in the name of the reference, then makes the reference.
bool claimRange(Addition& addition, const Cell& cell, uint64_t size) {
  uint32_t head = static_cast<uint32_t>(cell.offset >> kUnitBits);
  uint32_t generation = CellWord::generation(cell.record->word.load());
  uint64_t claim = UnitWord::range(head, addition.reference, generation);
  if (!claimUnits(head, static_cast<uint32_t>((size + kUnitSize - 1) >> kUnitBits), claim)) return false;
  // The generation stands still from here on, but may have moved between the look at it and the claim.
  if (CellWord::generation(cell.record->word.load()) == generation) {
    rangeRecord(head).size.store(size);
    if (finishAdding(addition, cell, -1)) return true;
  }
  releaseUnits(head, claim, false);
  return false;
}

uint64_t allocateRange(uint64_t size, uint32_t owner, uint32_t executor, uint32_t kind) {
  if (size > (kUnitCount - kFirstUnit) * kUnitSize) return 0;
  uint32_t count = static_cast<uint32_t>((size + kUnitSize - 1) >> kUnitBits);
  uint32_t head = findFreeUnits(count, kFirstUnit);
  if (head == 0) return 0;
  Cell cell = rangeCell(head);
  Addition addition = beginAdding(owner, executor, cell);
  if (addition.reference == 0) return 0;
  while (!claimRange(addition, cell, size)) {
    head = findFreeUnits(count, head);
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
  return size <= kLargestClass ? allocateSmall(size, owner, executor, kind) : allocateRange(size, owner, executor, kind);
}

bool freeCell(uint64_t offset) {
  Cell cell = cellAt(offset);
  return cell.record && releaseCell(cell.record->first.load(), offset);
}

uint32_t retainCell(uint64_t offset, uint32_t generation, uint32_t owner) {
  Cell cell = cellAt(offset);
  if (!cell.record) return 0;
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
