// The end of a realm, as far as segments are concerned: who is left, and what is to be freed.
#pragma once
#include <stdint.h>

#include "layout.h"

namespace mp {

// Whether the slot is that of a process that may use segments; it need not live any more.
bool isMember(const Slot& slot);

// Unlinks what is on the list of this keeper's slot, where the name still means the same file.
void unlinkSegments(uint32_t keeper);

// From now on, when this process leaves by exit(3) as the last member, its segments are gone before it is: whoever starts
// the program again at once finds the names free. In all other cases the keeper comes a few milliseconds later.
void unlinkSegmentsAtExit();

}  // namespace mp
