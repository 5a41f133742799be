// Cells that own others, as a queue owns its messages: an owner has a number beyond those of the slots, and references are
// made for it as for a slot. They are dropped when the cell's own last reference is.
//
// | state    | bits                                          | moved on by                                             |
// |----------|-----------------------------------------------|---------------------------------------------------------|
// | Free     | all 0                                         | who makes a cell an owner: Open                         |
// | Open     | offset and generation of the cell             | who drops the cell's last reference, or later finds its |
// |          |                                               | generation gone: Sweeping (exactly one can)             |
// | Sweeping | the same, and the slot of the sweeper         | the sweeper: Free. Who sweeps the sweeper's slot, when  |
// |          |                                               | that one is dead: Sweeping by itself                    |
//
// Death between the drop and Sweeping leaves an Open word whose cell is gone: the sweep of that slot finds it.
// References are only made for an owner by those who hold one to its cell, so none are made while it is swept.
#pragma once
#include "shm/heap.h"

namespace mp {

// Makes the live cell at `offset` an owner, once; its number, for allocateCell and retainCell. 0: there are no more.
uint32_t makeOwner(uint64_t offset);

// The cell's last reference is gone: drops what it owned.
void endOwner(uint64_t offset, uint32_t generation);

// Ends the owners whose cells are gone, and those whose sweeper was `dead`.
void endForgottenOwners(uint32_t dead, uint32_t executor);

}  // namespace mp
