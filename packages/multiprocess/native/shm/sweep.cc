// What becomes of the references of the dead, and how the heap stands.
#include <unordered_map>

#include "shm/allocator.h"
#include "shm/owners.h"
#include "shm/references.h"

namespace mp {
namespace {

using R = ReferenceWord;

// Empties a closing chunk, but for what living executors have pending there: they see that it is closing. Another sweeper
// may be faster and the chunk be somebody else's already: a reference is only touched while its chunk is closing still,
// and then its version tells whether it is the one that was read before.
uint64_t sweepChunk(uint32_t chunk, uint32_t closing, uint32_t dead, uint32_t executor) {
  uint64_t dropped = 0;
  for (uint32_t i = chunk * kChunkSize; i < (chunk + 1) * kChunkSize; i++) {
    for (;;) {
      uint64_t word = referenceWord(i).load();
      if (R::state(word) == R::kEmpty) break;
      if (chunkWord(chunk).load() != closing) return dropped;
      if (R::state(word) == R::kHeld) dropped += dropHeld(i, word, executor);
      else if (R::executor(word) == dead) resolve(i, word, executor);
      else break;
    }
  }
  tryReleaseChunk(chunk);
  return dropped;
}

// What the dead had begun for others.
void resolveElsewhere(uint32_t dead, uint32_t executor) {
  uint32_t chunks = hints().chunkHighWater.load();
  for (uint32_t chunk = 1; chunk < chunks; chunk++) {
    bool resolved = false;
    for (uint32_t i = chunk * kChunkSize; i < (chunk + 1) * kChunkSize; i++) {
      uint64_t word = referenceWord(i).load();
      if (!R::isPending(word) || R::executor(word) != dead) continue;
      resolve(i, word, executor);
      resolved = true;
    }
    uint32_t closing = chunkWord(chunk).load();
    if (resolved && ChunkWord::isClosing(closing)) sweepChunk(chunk, closing, dead, executor);
  }
}

}  // namespace

uint64_t sweepReferences(uint32_t dead, uint32_t executor) {
  noteActingForOthers(dead, executor);
  uint64_t dropped = 0;
  uint32_t chunks = hints().chunkHighWater.load();
  for (uint32_t chunk = 1; chunk < chunks; chunk++) {
    uint32_t word = chunkWord(chunk).load();
    if (ChunkWord::owner(word) != dead) continue;
    uint32_t closing = word | ChunkWord::kClosing;
    if (word == closing || chunkWord(chunk).compare_exchange_strong(word, closing) || word == closing) {
      dropped += sweepChunk(chunk, closing, dead, executor);
    }
  }
  return dropped;
}

uint64_t sweepCells(uint32_t dead) {
  uint32_t executor = selfSlot() == kNoSlot ? dead : selfSlot();
  uint64_t dropped = sweepReferences(dead, executor);
  if (executor != dead && slotFlags(dead).load() & kActsForOthers) resolveElsewhere(dead, executor);
  endForgottenOwners(dead, executor);
  slotFlags(dead).store(0);
  return dropped;
}

uint32_t findReference(uint64_t offset, uint32_t owner) {
  uint32_t chunks = hints().chunkHighWater.load();
  for (uint32_t chunk = 1; chunk < chunks; chunk++) {
    if (!ChunkWord::isOpenFor(chunkWord(chunk).load(), owner)) continue;
    for (uint32_t i = chunk * kChunkSize; i < (chunk + 1) * kChunkSize; i++) {
      uint64_t word = referenceWord(i).load();
      if (R::state(word) == R::kHeld && R::offset(word) == offset) return i;
    }
  }
  return 0;
}

bool isSoleOwner(uint64_t offset, uint32_t owner) {
  Cell cell = cellAt(offset);
  if (!cell.record) return false;
  uint64_t others = CellWord::references(cell.record->word.load());
  for (uint32_t chunk = 1, end = hints().chunkHighWater.load(); chunk < end && others > 0; chunk++) {
    if (!ChunkWord::isOpenFor(chunkWord(chunk).load(), owner)) continue;
    for (uint32_t i = chunk * kChunkSize; i < (chunk + 1) * kChunkSize && others > 0; i++) {
      uint64_t word = referenceWord(i).load();
      others -= R::state(word) == R::kHeld && R::offset(word) == offset;
    }
  }
  return others == 0;
}

uint64_t inheritReferences(uint32_t owner, uint32_t heir) {
  uint64_t inherited = 0;
  uint32_t chunks = hints().chunkHighWater.load();
  for (uint32_t chunk = 1; chunk < chunks; chunk++) {
    if (!ChunkWord::isOpenFor(chunkWord(chunk).load(), owner)) continue;
    for (uint32_t i = chunk * kChunkSize; i < (chunk + 1) * kChunkSize; i++) {
      uint64_t word = referenceWord(i).load();
      if (R::state(word) != R::kHeld) continue;
      uint64_t cell = knownCell(R::offset(word)).record->word.load();
      inherited += retainCell(R::offset(word), CellWord::generation(cell), heir) != 0;
    }
  }
  return inherited;
}

HeapStats heapStats() {
  HeapStats stats;
  std::unordered_map<uint64_t, uint64_t> held;
  uint32_t chunks = hints().chunkHighWater.load(), units = hints().unitHighWater.load();
  for (uint32_t i = kChunkSize; i < chunks * kChunkSize; i++) {
    uint64_t word = referenceWord(i).load();
    if (R::state(word) == R::kHeld) stats.references++, held[R::offset(word)]++;
    stats.pendingReferences += R::isPending(word);
    stats.chunks += i % kChunkSize == 0 && ChunkWord::owner(chunkWord(i / kChunkSize).load()) != kNoSlot;
  }
  auto count = [&](const Cell& cell) {
    uint64_t references = CellWord::references(cell.record->word.load());
    if (references > 0) stats.cells++, stats.cellBytes += cell.capacity;
    auto found = held.find(cell.offset);
    if (references != (found == held.end() ? 0 : found->second)) stats.inconsistent++;
    if (found != held.end()) held.erase(found);
  };
  for (uint32_t unit = kFirstUnit; unit < units; unit++) {
    uint64_t word = unitWord(unit).load(), start = unit * kUnitSize;
    if (UnitWord::state(word) == UnitWord::kWarm) stats.warmBytes += kUnitSize;
    else if (word != UnitWord::kFree) stats.reservedBytes += kUnitSize;
    if (UnitWord::state(word) == UnitWord::kSlab) {
      stats.slabs++;
      uint32_t sizeClass = UnitWord::sizeClass(word);
      SlabShape shape = kSlabShapes[sizeClass];
      for (uint32_t i = 0; i < shape.count; i++) count(knownCell(start + shape.start + (uint64_t{i} << (5 + sizeClass))));
    } else if (UnitWord::state(word) == UnitWord::kRange && UnitWord::head(word) == unit) {
      stats.ranges++;
      count(knownCell(start));
    }
  }
  stats.freeBytes = (kUnitCount - kFirstUnit) * kUnitSize - stats.reservedBytes;
  stats.inconsistent += held.size();  // references to what is no cell
  return stats;
}

}  // namespace mp
