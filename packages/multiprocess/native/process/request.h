// Start requests: how a process asks the zygote for a child, and what it learns.
//
// The header's `requests` is a stack of slots, linked by `nextRequest`: starters push, the zygote takes, all at once, and keeps
// what it cannot do yet. A zygote that takes over also finds what the one before had taken, by the states of the slots. The
// answer is the slot's `pid`, on which the starter waits, and the child, too.
//
//   pid   state           error   means
//   ----  -------------   -----   ---------------------------------------------------------------------------------
//   0     Requested               to be done, by this zygote or the next
//   0     Bootstrapping           being forked; should the zygote die now, the next one refuses with ESTALE
//   > 0   Bootstrapping           the child
//   -1    Failed          errno   no child. ESTALE: ask again, in full (`forZygote` was another one, or that zygote is dead)
#pragma once
#include <sys/types.h>

#include <cstdint>
#include <vector>

#include "layout.h"

namespace mp {

void pushRequest(uint32_t index);

// All there are, oldest first. Some may be fulfilled already.
std::vector<uint32_t> takeRequests();

// The slots in state Requested, in or out of the stack.
std::vector<uint32_t> allRequested();

// Whether the zygote in slot `zygote` is one that may fulfil it.
bool mayFulfil(const Slot& request, uint32_t zygote);

void fulfil(Slot& request, pid_t child);
void refuse(Slot& request, int error);

// In the child, which runs only once its pid is public: had the zygote died in between, nobody would know of it.
void awaitFulfilment(Slot& request);

}  // namespace mp
