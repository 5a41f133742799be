// Chunks: where a slot's references lie. What a thread remembers here are hints of its own; the words decide.
#pragma once
#include "shm/heap.h"

namespace mp {

// An empty reference of `owner`'s, from a new chunk if need be; 0 when the realm has no more.
uint32_t findEmptyReference(uint32_t owner, uint32_t executor);

// Tells that a reference has become empty.
void rememberEmpty(uint32_t reference);

}  // namespace mp
