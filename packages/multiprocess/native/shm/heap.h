// The heap as a wire format: where the allocator keeps what, and what each of its words means.
//
//   Header.allocator        hints: where to look first. Wrong hints cost time, nothing else.
//     2 MiB  unit words     one u64 for each 64 KiB of the realm: free, a slab, or part of a range
//    16 MiB  range records  one for each unit: the cell that begins there, if a range does
//    48 MiB  references     one u64 for each reference of a slot to a cell; 64 of them are a chunk
//    80 MiB  chunk words    one u32 for each chunk: the slot whose references it holds
//    81 MiB  slot flags     one u32 for each slot
//    82 MiB  owner words    one u64 for each cell that owns others (owners.h)
//   128 MiB  units          what is handed out
//
// A cell is a piece of a slab (32 bytes to 32 KiB, a power of two) or a range of units (more than 32 KiB). A slab is a
// unit cut into cells of one size: first their records, then the cells, each aligned to its size (at most to a page).
// Everything about a cell is in its record, never inside or beside it: users may write what they like.
//
// Nothing here is locked and no free list exists that a crash could tear: the word that says "free" is the one that is
// compared-and-swapped to take the cell, so every change is whole or has not happened. A process may be stopped or
// killed between any two instructions; see references.h for how two words change together.
#pragma once
#include "shm/realm.h"

namespace mp {

constexpr uint64_t kUnitBits = 16, kUnitSize = 1ull << kUnitBits;
constexpr uint32_t kUnitCount = static_cast<uint32_t>(kRealmSize / kUnitSize);
constexpr uint32_t kFirstUnit = static_cast<uint32_t>((128ull << 20) / kUnitSize);
constexpr uint32_t kReferenceCount = 1u << 22, kChunkSize = 64, kChunkCount = kReferenceCount / kChunkSize;
constexpr uint32_t kClassCount = 11;  // 32 << class bytes
constexpr uint64_t kLargestClass = 32ull << (kClassCount - 1);

constexpr uint64_t kUnitWordsOffset = kHeapOffset;
constexpr uint64_t kRangeRecordsOffset = 16ull << 20;
constexpr uint64_t kReferencesOffset = 48ull << 20;
constexpr uint64_t kChunkWordsOffset = 80ull << 20;
constexpr uint64_t kSlotFlagsOffset = 81ull << 20;
constexpr uint64_t kOwnerWordsOffset = 82ull << 20;

// Who may own references: slots, and beyond them cells.
constexpr uint32_t kFirstCellOwner = kSlotCount, kOwnerCount = 0xffff - 1, kCellOwnerCount = kOwnerCount - kFirstCellOwner;
constexpr uint32_t kOwnsOthers = 1u << 31;  // in a cell's kind

// What a slab or range keeps of a cell. A lock costs 32 bytes of cell, 16 of record and 8 of reference.
struct CellRecord {
  std::atomic<uint64_t> word;      // CellWord
  std::atomic<uint32_t> first;     // the reference made with the cell
  std::atomic<uint32_t> kind;      // what the user says it is; 0: nothing
};
struct RangeRecord {
  CellRecord cell;
  std::atomic<uint64_t> size;
  std::atomic<uint32_t> isScratch;  // its units become Warm
  uint32_t spare;
};
static_assert(sizeof(CellRecord) == 16 && sizeof(RangeRecord) == 32);
static_assert(kUnitWordsOffset + 8ull * kUnitCount <= kRangeRecordsOffset);
static_assert(kRangeRecordsOffset + sizeof(RangeRecord) * kUnitCount <= kReferencesOffset);
static_assert(kReferencesOffset + 8ull * kReferenceCount <= kChunkWordsOffset);
static_assert(kChunkWordsOffset + 4ull * kChunkCount <= kSlotFlagsOffset);
static_assert(kSlotFlagsOffset + 4ull * kSlotCount <= kOwnerWordsOffset);
static_assert(kOwnerWordsOffset + 8ull * kCellOwnerCount <= 96ull << 20);

struct Hints {
  std::atomic<uint32_t> unitHighWater;   // units ever used end here: scans stop
  std::atomic<uint32_t> freeUnit;        // no free unit below, probably
  std::atomic<uint32_t> chunkHighWater;  // chunks ever used end here
  std::atomic<uint32_t> freeChunk;
  std::atomic<uint32_t> ownerHighWater;  // owner words ever used end here
  std::atomic<uint32_t> slabs[kClassCount];  // number of slabs of each class: has another process made one?
  std::atomic<int32_t> warmUnits;        // about so many units are Warm
  std::atomic<uint32_t> lastScratch;     // when a scratch cell was asked for last: seconds of CLOCK_MONOTONIC
};
static_assert(sizeof(Hints) <= sizeof(Header::allocator));

// A unit word.
//
// | state | bits                                       | moved on by                                              |
// |-------|--------------------------------------------|----------------------------------------------------------|
// | Free  | all 0: its pages are the kernel's, or      | whoever needs a unit: Slab or Range (compare-and-swap)   |
// |       | zeros                                      |                                                          |
// | Slab  | class                                      | nobody: a slab stays one                                 |
// | Range | head unit, reference and generation of the | the dropper of its last reference, or who cancels a      |
// |       | claim that made it                         | claim: Free or Warm, last unit first, so a prefix always |
// |       |                                            | remains                                                  |
// | Warm  | no others: free, too, but it has pages     | whoever needs a scratch cell, or gives pages back: Range |
// |       | with something in them                     |                                                          |
//
// Fresh pages cost several times as much as a copy into them. So who needs a cell for a message says that anything may be
// in it (a scratch cell), and its units stay Warm for a while: no more of them than `kMostWarm`, until no scratch cell has
// been asked for during a second or two.
struct UnitWord {
  enum State : uint64_t { kFree = 0, kSlab = 1, kRange = 2, kWarm = 3 };
  static constexpr uint64_t slab(uint32_t sizeClass) { return kSlab | uint64_t{sizeClass} << 2; }
  static constexpr uint64_t range(uint32_t head, uint32_t reference, uint32_t generation) {
    return kRange | uint64_t{head} << 2 | uint64_t{reference} << 22 | uint64_t{generation & 0xfffff} << 44;
  }
  static constexpr State state(uint64_t w) { return static_cast<State>(w & 3); }
  static constexpr uint32_t sizeClass(uint64_t w) { return static_cast<uint32_t>(w >> 2); }
  static constexpr uint32_t head(uint64_t w) { return w >> 2 & 0xfffff; }
  static constexpr uint32_t reference(uint64_t w) { return w >> 22 & 0x3fffff; }
  static constexpr uint32_t generation(uint64_t w) { return static_cast<uint32_t>(w >> 44); }
};

// A cell's word: how many references there are, and which reference changed it last (its number and the low bits of its
// version). References 0: the cell is free. The generation moves on with each freeing: handles to the last use are stale.
struct CellWord {
  static constexpr uint64_t kMaxReferences = (1 << 20) - 1;
  // Cells may have no more, as queues have for what is in their messages: who takes one out needs one more for a moment.
  static constexpr uint64_t kMaxReferencesForCells = kMaxReferences - (1 << 16);
  static constexpr uint32_t kGenerations = 1 << 16;
  static constexpr uint64_t pack(uint32_t generation, uint64_t references, uint32_t last, uint32_t version) {
    return uint64_t{generation & (kGenerations - 1)} << 48 | references << 28 | uint64_t{last} << 6 | (version & 63);
  }
  static constexpr uint32_t generation(uint64_t w) { return static_cast<uint32_t>(w >> 48); }
  static constexpr uint64_t references(uint64_t w) { return w >> 28 & kMaxReferences; }
  static constexpr uint32_t last(uint64_t w) { return w >> 6 & 0x3fffff; }  // 0: none yet
  static constexpr bool changedBy(uint64_t w, uint32_t reference, uint32_t version) {
    return last(w) == reference && (w & 63) == (version & 63);
  }
};

// A chunk's word: whose references lie there. The epoch moves on with each taking of the chunk, so that who was stopped
// in the midst of sweeping it finds that it is not the same chunk any more.
//
// | state   | bits                    | moved on by                                                                  |
// |---------|-------------------------|------------------------------------------------------------------------------|
// | Free    | epoch                   | whoever needs references for an owner: Owned                                 |
// | Owned   | epoch, owner + 1        | a sweeper of the owner: Closing                                              |
// | Closing | epoch, owner + 1, bit 16| whoever finds all its references Empty: Free                                 |
struct ChunkWord {
  static constexpr uint32_t kOwnerBits = 0xffff, kClosing = 1 << 16, kEpoch = 1 << 17;
  static constexpr uint32_t owner(uint32_t w) { return (w & kOwnerBits) - 1; }  // kNoSlot: free
  static constexpr bool isClosing(uint32_t w) { return w & kClosing; }
  static constexpr bool isOpenFor(uint32_t w, uint32_t owner) { return (w & (kEpoch - 1)) == owner + 1; }
  static constexpr uint32_t taken(uint32_t w, uint32_t owner) { return (w & ~(kEpoch - 1)) + kEpoch + owner + 1; }
  static constexpr uint32_t freed(uint32_t w) { return w & ~(kEpoch - 1); }
};

struct SlabShape {
  uint32_t count;  // cells
  uint32_t start;  // offset of the first
};
constexpr SlabShape slabShape(uint32_t sizeClass) {
  uint32_t size = 32u << sizeClass, align = size < 4096 ? size : 4096;
  uint32_t count = kUnitSize / (size + sizeof(CellRecord));
  for (;; count--) {
    uint32_t start = (count * static_cast<uint32_t>(sizeof(CellRecord)) + align - 1) / align * align;
    if (start + count * size <= kUnitSize) return {count, start};
  }
}
extern const SlabShape kSlabShapes[kClassCount];

inline Hints& hints() { return *reinterpret_cast<Hints*>(header().allocator); }
inline std::atomic<uint64_t>& unitWord(uint32_t unit) {
  return reinterpret_cast<std::atomic<uint64_t>*>(realmBase + kUnitWordsOffset)[unit];
}
inline RangeRecord& rangeRecord(uint32_t unit) {
  return reinterpret_cast<RangeRecord*>(realmBase + kRangeRecordsOffset)[unit];
}
inline CellRecord& slabRecord(uint32_t unit, uint32_t index) {
  return reinterpret_cast<CellRecord*>(realmBase + unit * kUnitSize)[index];
}
inline std::atomic<uint64_t>& referenceWord(uint32_t reference) {
  return reinterpret_cast<std::atomic<uint64_t>*>(realmBase + kReferencesOffset)[reference];
}
inline std::atomic<uint32_t>& chunkWord(uint32_t chunk) {
  return reinterpret_cast<std::atomic<uint32_t>*>(realmBase + kChunkWordsOffset)[chunk];
}
inline std::atomic<uint32_t>& slotFlags(uint32_t index) {
  return reinterpret_cast<std::atomic<uint32_t>*>(realmBase + kSlotFlagsOffset)[index];
}

inline std::atomic<uint64_t>& ownerWord(uint32_t index) {
  return reinterpret_cast<std::atomic<uint64_t>*>(realmBase + kOwnerWordsOffset)[index];
}

inline void raise(std::atomic<uint32_t>& hint, uint32_t to) {
  uint32_t now = hint.load();
  while (now < to && !hint.compare_exchange_weak(now, to)) {}
}
inline void lower(std::atomic<uint32_t>& hint, uint32_t to) {
  uint32_t now = hint.load();
  while (now > to && !hint.compare_exchange_weak(now, to)) {}
}

// A cell and its record; `record` is null where no cell begins at the offset.
struct Cell {
  uint64_t offset = 0;
  CellRecord* record = nullptr;
  uint64_t capacity = 0;
  bool isRange = false;
};
Cell cellAt(uint64_t offset);

// The same for an offset that a reference holds: a cell is or was there.
Cell knownCell(uint64_t offset);

}  // namespace mp
