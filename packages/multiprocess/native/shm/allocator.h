// Cells of shared memory: made, referred to, freed. Plain C++: no Node-API here. How it works: heap.h, references.h.
//
// The executor of each call is selfSlot(), or the owner where a process has no slot yet.
#pragma once
#include "shm/realm.h"

namespace mp {

// A zeroed cell of at least `size` bytes, aligned to its size up to a page; `owner` holds its first reference. Its offset,
// or 0 when the realm is full or `owner` is being swept.
uint64_t allocateCell(uint64_t size, uint32_t owner, uint32_t kind = 0);

// The same, but anything may be in it: a cell for a message, of whole units. They keep their pages for a while after it.
uint64_t allocateScratch(uint64_t size, uint32_t owner);

// Gives the pages back if no scratch cell has been needed for a while. True: there are none left.
bool trimScratch();

// Drops the first reference of a cell. False: there is none any more.
bool freeCell(uint64_t offset);

// Another reference to a cell of this generation, for `owner`; 0: refused, because it is stale or no cell, or there is no room.
uint32_t retainCell(uint64_t offset, uint32_t generation, uint32_t owner);

// Drops a reference. False: it was not held on this cell. The last one frees the cell.
bool releaseCell(uint32_t reference, uint64_t offset);

// A reference that `owner` holds to the cell; 0: none. Searches all its references.
uint32_t findReference(uint64_t offset, uint32_t owner);

// Gives `heir` a reference of its own for each that `owner` holds; how many. For a forked child, which has its parent's
// objects.
uint64_t inheritReferences(uint32_t owner, uint32_t heir);

// Drops every reference of a slot whose user is dead, and finishes what it left half done. Cells that nobody else refers
// to are free then. Returns the number of dropped references. Several may sweep a slot at once, and a sweep that was cut
// short may be repeated; only when all have returned may the slot get a new user.
uint64_t sweepCells(uint32_t deadSlot);

// The same for the references alone, whether a slot or a cell owned them.
uint64_t sweepReferences(uint32_t owner, uint32_t executor);

// True while no other owner than `owner` refers to the live cell at `offset`.
bool isSoleOwner(uint64_t offset, uint32_t owner);

struct CellInfo {
  bool live = false;
  uint64_t capacity = 0;
  uint32_t generation = 0;
  uint32_t references = 0;
  uint32_t kind = 0;
  uint32_t owner = kNoSlot;  // of the first reference, while it is held
};
CellInfo cellInfo(uint64_t offset);

struct HeapStats {
  uint64_t cells = 0, cellBytes = 0, references = 0, pendingReferences = 0;
  uint64_t slabs = 0, ranges = 0, chunks = 0;
  uint64_t reservedBytes = 0, freeBytes = 0;  // in slabs and ranges; in units that are neither
  uint64_t warmBytes = 0;                     // of free ones, in units that have kept their pages
  uint64_t inconsistent = 0;  // cells whose count differs from their references; nonzero only while others work
};
// Looks at every cell: for tools and tests.
HeapStats heapStats();

}  // namespace mp
