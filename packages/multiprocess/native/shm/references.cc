#include "shm/references.h"

#include "shm/chunks.h"
#include "shm/owners.h"
#include "shm/ranges.h"
#include "shm/slabs.h"

namespace mp {
namespace {

using R = ReferenceWord;

// Step 3 for the reference whose trace stands in a cell's word, before that word is overwritten.
void helpLast(const Cell& cell, uint64_t cellWord) {
  uint32_t last = CellWord::last(cellWord);
  if (last == 0) return;
  std::atomic<uint64_t>& reference = referenceWord(last);
  uint64_t word = reference.load();
  while (R::isPending(word) && R::offset(word) == cell.offset && CellWord::changedBy(cellWord, last, R::version(word))) {
    if (cell.record->word.load() != cellWord) return;  // somebody else has gone on
    uint64_t done = R::with(word, R::state(word) == R::kAdding ? R::kHeld : R::kEmpty);
    if (reference.compare_exchange_strong(word, done)) return;
  }
}

// A version whose trace differs from the one in the cell: otherwise a change would look made before it is.
uint32_t nextVersion(uint64_t word, uint32_t reference, const Cell& cell) {
  uint32_t version = (R::version(word) + 1) & (R::kVersions - 1);
  if (CellWord::changedBy(cell.record->word.load(), reference, version)) version = (version + 1) & (R::kVersions - 1);
  return version;
}

// The units of a range whose last reference is gone. They are this cell's only if they were claimed in the generation
// that has just ended: another claim may have begun on the same units.
void reclaim(const Cell& cell, uint64_t cellWord) {
  uint32_t head = static_cast<uint32_t>(cell.offset >> kUnitBits);
  uint64_t claim = unitWord(head).load();
  uint32_t ended = (CellWord::generation(cellWord) - 1) & 0xfffff;
  if (UnitWord::state(claim) != UnitWord::kRange || UnitWord::head(claim) != head) return;
  if (UnitWord::generation(claim) == ended) {
    releaseUnits(head, claim, rangeRecord(head).isScratch.load() ? Contents::kAnything : Contents::kZeros);
  }
}

// Steps 2 and 3 of dropping; `word` is Dropping with us as executor. Right, too, where step 2 has happened already.
void finishDropping(uint32_t reference, uint64_t word) {
  Cell cell = knownCell(R::offset(word));
  bool ownsOthers = cell.record->kind.load() & kOwnsOthers;  // of somebody else's, perhaps, once the cell is free
  uint64_t now = cell.record->word.load();
  while (!CellWord::changedBy(now, reference, R::version(word))) {
    if (referenceWord(reference).load() != word) return;  // helped to its end
    helpLast(cell, now);
    uint64_t left = CellWord::references(now) - 1;
    uint32_t generation = CellWord::generation(now) + (left == 0);
    uint64_t next = CellWord::pack(generation, left, reference, R::version(word));
    if (cell.record->word.compare_exchange_strong(now, next)) now = next;
  }
  if (CellWord::references(now) == 0) {
    if (ownsOthers) endOwner(cell.offset, CellWord::generation(now) - 1);
    if (cell.isRange) reclaim(cell, now);
    else rememberFree(cell);
  }
  if (referenceWord(reference).compare_exchange_strong(word, R::with(word, R::kEmpty))) rememberEmpty(reference);
}

}  // namespace

Addition beginAdding(uint32_t owner, uint32_t executor, const Cell& cell) {
  noteActingForOthers(owner, executor);
  for (;;) {
    uint32_t reference = findEmptyReference(owner, executor);
    if (reference == 0) return {};
    uint64_t word = referenceWord(reference).load();
    if (R::state(word) != R::kEmpty) continue;
    uint64_t adding = R::pack(R::kAdding, executor, cell.offset, nextVersion(word, reference, cell));
    if (!referenceWord(reference).compare_exchange_strong(word, adding)) continue;
    Addition addition{reference, adding};
    if (owner == executor || ChunkWord::isOpenFor(chunkWord(reference / kChunkSize).load(), owner)) return addition;
    cancelAdding(addition);  // the owner is being swept
    return {};
  }
}

void retarget(Addition& addition, const Cell& cell) {
  uint32_t version = nextVersion(addition.word, addition.reference, cell);
  addition.word = R::pack(R::kAdding, R::executor(addition.word), cell.offset, version);
  referenceWord(addition.reference).store(addition.word);
}

bool finishAdding(Addition& addition, const Cell& cell, int64_t generation) {
  uint64_t now = cell.record->word.load();
  for (;;) {
    uint64_t references = CellWord::references(now);
    bool fits = generation < 0 ? references == 0
                               : references > 0 && references < CellWord::kMaxReferences && CellWord::generation(now) == generation;
    if (!fits) return false;
    helpLast(cell, now);
    uint64_t next = CellWord::pack(CellWord::generation(now), references + 1, addition.reference, R::version(addition.word));
    if (cell.record->word.compare_exchange_strong(now, next)) break;
  }
  uint64_t word = addition.word;
  referenceWord(addition.reference).compare_exchange_strong(word, R::with(word, R::kHeld));
  return true;
}

void cancelAdding(Addition& addition) {
  referenceWord(addition.reference).store(R::with(addition.word, R::kEmpty));
  tryReleaseChunk(addition.reference / kChunkSize);
}

bool confirmOwner(const Addition& addition, uint32_t owner, uint32_t executor) {
  if (owner == executor) return true;
  if (ChunkWord::isOpenFor(chunkWord(addition.reference / kChunkSize).load(), owner)) return true;
  dropReference(addition.reference, R::offset(addition.word), executor);
  return false;
}

bool dropReference(uint32_t reference, uint64_t offset, uint32_t executor) {
  uint64_t word = referenceWord(reference).load();
  while (R::state(word) == R::kHeld && R::offset(word) == offset) {
    if (dropHeld(reference, word, executor)) return true;
    word = referenceWord(reference).load();
  }
  return false;
}

bool dropHeld(uint32_t reference, uint64_t word, uint32_t executor) {
  uint64_t offset = R::offset(word);
  noteActingForOthers(ChunkWord::owner(chunkWord(reference / kChunkSize).load()), executor);
  uint64_t dropping = R::pack(R::kDropping, executor, offset, nextVersion(word, reference, knownCell(offset)));
  if (!referenceWord(reference).compare_exchange_strong(word, dropping)) return false;
  finishDropping(reference, dropping);
  tryReleaseChunk(reference / kChunkSize);
  return true;
}

void resolve(uint32_t reference, uint64_t word, uint32_t executor) {
  uint64_t ours = R::pack(R::state(word), executor, R::offset(word), R::version(word));
  if (!referenceWord(reference).compare_exchange_strong(word, ours)) return;
  if (R::state(ours) == R::kDropping) return finishDropping(reference, ours);
  // A range that never got its reference: its units are claimed in our reference's name.
  uint32_t head = static_cast<uint32_t>(R::offset(ours) >> kUnitBits);
  Cell cell = knownCell(R::offset(ours));
  if (CellWord::changedBy(cell.record->word.load(), reference, R::version(ours))) {
    referenceWord(reference).compare_exchange_strong(ours, R::with(ours, R::kHeld));
    return;
  }
  if (referenceWord(reference).load() != ours) return;  // helped to its end
  uint64_t claim = unitWord(head).load();
  if (R::offset(ours) % kUnitSize == 0 && UnitWord::state(claim) == UnitWord::kRange && UnitWord::head(claim) == head &&
      UnitWord::reference(claim) == reference) {
    releaseUnits(head, claim, Contents::kZeros);
  }
  referenceWord(reference).compare_exchange_strong(ours, R::with(ours, R::kEmpty));
}

void noteActingForOthers(uint32_t owner, uint32_t executor) {
  if (owner == executor) return;
  std::atomic<uint32_t>& flags = slotFlags(executor);
  if (!(flags.load() & kActsForOthers)) flags.fetch_or(kActsForOthers);
}

}  // namespace mp
