#include "shm/owners.h"

#include "shm/allocator.h"
#include "shm/references.h"

namespace mp {
namespace {

// The bits are those of a reference: state, executor, offset, and the cell's generation in place of the version.
using Word = ReferenceWord;
constexpr Word::State kOpen = Word::kHeld, kSweeping = Word::kDropping;

uint64_t openWord(uint64_t offset, uint32_t generation) { return Word::pack(kOpen, 0, offset, generation); }

bool isGone(uint64_t word) {
  uint32_t now = CellWord::generation(knownCell(Word::offset(word)).record->word.load());
  return (now & (Word::kVersions - 1)) != Word::version(word);
}

void sweep(uint32_t index, uint64_t word, uint32_t executor) {
  uint64_t ours = Word::pack(kSweeping, executor, Word::offset(word), Word::version(word));
  if (!ownerWord(index).compare_exchange_strong(word, ours)) return;
  sweepReferences(kFirstCellOwner + index, executor);
  ownerWord(index).compare_exchange_strong(ours, 0);
}

}  // namespace

uint32_t makeOwner(uint64_t offset) {
  Cell cell = cellAt(offset);
  if (!cell.record) return 0;
  uint64_t open = openWord(offset, CellWord::generation(cell.record->word.load()));
  cell.record->kind.fetch_or(kOwnsOthers);
  for (uint32_t index = 0; index < kCellOwnerCount; index++) {
    uint64_t word = ownerWord(index).load(std::memory_order_relaxed);
    if (word != 0 || !ownerWord(index).compare_exchange_strong(word, open)) continue;
    raise(hints().ownerHighWater, index + 1);
    return kFirstCellOwner + index;
  }
  return 0;
}

void endOwner(uint64_t offset, uint32_t generation) {
  uint64_t open = openWord(offset, generation);
  for (uint32_t index = 0, used = hints().ownerHighWater.load(); index < used; index++) {
    if (ownerWord(index).load(std::memory_order_relaxed) == open) return sweep(index, open, selfSlot());
  }
}

void endForgottenOwners(uint32_t dead, uint32_t executor) {
  for (uint32_t index = 0, used = hints().ownerHighWater.load(); index < used; index++) {
    uint64_t word = ownerWord(index).load();
    bool forgotten = Word::state(word) == kSweeping ? Word::executor(word) == dead : word != 0 && isGone(word);
    if (forgotten) sweep(index, word, executor);
  }
}

}  // namespace mp
