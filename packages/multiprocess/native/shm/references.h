// References: which slot refers to which cell. A cell lives while one exists.
//
// Making or dropping one changes two words, the reference's and the cell's, and its executor may die in between. The
// order and the traces make the change exact all the same (a recoverable compare-and-swap, after Attiya, Ben-Baruch and
// Hendler, "Nesting-Safe Recoverable Linearizability", PODC 2018):
//
//   1. reference   Empty -> Adding      Held -> Dropping         names executor and cell, takes a new version
//   2. cell        references + 1       references - 1           leaves (reference, version) in the cell's word
//   3. reference   Adding -> Held       Dropping -> Empty
//
// Whoever changes a cell's word next first completes step 3 for the reference named in it: its trace is overwritten. So
// for a reference that a dead executor left in Adding or Dropping, step 2 has happened if and only if the trace is still
// in the cell. Its sweeper takes the executor's place (compare-and-swap: exactly one can) and finishes or cancels.
//
// | state    | means                               | moved on by                                                     |
// |----------|-------------------------------------|-----------------------------------------------------------------|
// | Empty    | nobody's                            | an executor: Adding                                             |
// | Adding   | the cell may or may not count it    | the executor or a helper: Held. Refused or cancelled: Empty     |
// | Held     | the cell counts it                  | an executor: Dropping                                           |
// | Dropping | the cell may or may not count it    | the executor or a helper: Empty                                 |
//
// Each reference lies in a chunk of its owner's (ChunkWord). Who adds one for another slot looks at the chunk after
// Empty -> Adding and again after Adding -> Held; a sweeper closes the chunk before it looks at the references. So either
// the sweeper sees the reference, or its executor sees that the chunk closes, and takes it back.
#pragma once
#include "shm/heap.h"

namespace mp {

struct ReferenceWord {
  enum State : uint64_t { kEmpty = 0, kAdding = 1, kHeld = 2, kDropping = 3 };
  static constexpr uint32_t kVersions = 1 << 19;
  static constexpr uint64_t pack(State state, uint32_t executor, uint64_t offset, uint32_t version) {
    return state | uint64_t{executor & 0xfff} << 2 | (offset >> 5) << 14 | uint64_t{version & (kVersions - 1)} << 45;
  }
  static constexpr State state(uint64_t w) { return static_cast<State>(w & 3); }
  static constexpr uint32_t executor(uint64_t w) { return w >> 2 & 0xfff; }
  static constexpr uint64_t offset(uint64_t w) { return (w >> 14 & 0x7fffffff) << 5; }
  static constexpr uint32_t version(uint64_t w) { return static_cast<uint32_t>(w >> 45); }
  static constexpr uint64_t with(uint64_t w, State state) { return (w & ~uint64_t{3}) | state; }
  static constexpr bool isPending(uint64_t w) { return state(w) == kAdding || state(w) == kDropping; }
};

constexpr uint32_t kActsForOthers = 1;  // in a slot's flags: its pending references may lie in chunks of other slots

// A reference that is being made: step 1 is done.
struct Addition {
  uint32_t reference = 0;  // 0: there is no room for another one
  uint64_t word = 0;
};

// Step 1. `executor` acts for `owner`; they differ when a parent acts for its child.
Addition beginAdding(uint32_t owner, uint32_t executor, const Cell& cell);
// Step 1 again, for another cell.
void retarget(Addition& addition, const Cell& cell);
// Steps 2 and 3. False: refused, because the cell is in use (generation -1: it is to be new), or is not of this
// generation any more; the reference is still Adding.
bool finishAdding(Addition& addition, const Cell& cell, int64_t generation);
void cancelAdding(Addition& addition);
// Drops the reference again if its owner has been swept meanwhile. False: it has.
bool confirmOwner(const Addition& addition, uint32_t owner, uint32_t executor);

// Drops a reference to the cell at `offset`. False: it was not held.
bool dropReference(uint32_t reference, uint64_t offset, uint32_t executor);

// The same for a reference whose word is known; false: it has changed.
bool dropHeld(uint32_t reference, uint64_t word, uint32_t executor);

// Finishes or cancels what a dead executor left pending. `word` is what it left.
void resolve(uint32_t reference, uint64_t word, uint32_t executor);

// Frees a closing chunk when it is empty.
void tryReleaseChunk(uint32_t chunk);

// Remembers that `executor` has pending references in other slots' chunks.
void noteActingForOthers(uint32_t owner, uint32_t executor);

}  // namespace mp
