// How a ring reaches an event loop that sleeps: a datagram to a socket that the loop polls. Plain C++: no Node-API here.
//
// Rings count in a slot's `doorbell`. Its `doorbellSleeper` says what else a ring has to do:
//
// | bits 0-1 | means                                           | moved on by                                             |
// |----------|-------------------------------------------------|---------------------------------------------------------|
// | Awake    | the thread looks at the count before it sleeps: | the thread, before its loop polls: Asleep. Before it    |
// |          | nothing is to be done                           | blocks on the count: Blocked                            |
// | Asleep   | its loop polls, or is about to                  | a ringer, after it has sent a datagram: Rung. The       |
// |          |                                                 | thread, when its loop has polled: Awake                 |
// | Rung     | the same, and there is a datagram for it        | the thread, when its loop has polled: Awake             |
// | Blocked  | a futex waits on the count                      | the thread, when it goes on: Awake                      |
//
// The other bits count sleeps, so that a ringer who is late does not mark the next sleep as rung.
//
// A ringer that dies before it has marked Rung leaves a datagram too many, which wakes for nothing. There are never more than two
// for each ringer, so that a thread that is stopped does not fill what the kernel grants a sender. test/model/doorbell.pml.
//
// The socket is an abstract one. Its name is a random number, published in the slot: so nobody can take it before, and who guesses it can
// wake the loop for nothing. A process in another network namespace cannot reach it.
#pragma once
#include <cstdint>

#include "layout.h"

namespace mp {

enum Sleeper : uint32_t { kAwake = 0, kAsleep = 1, kRung = 2, kBlocked = 3 };
constexpr uint32_t kSleeperState = 3, kOneSleep = 4;

// A socket with a name of its own, which it publishes in the slot; -errno.
int openBell(Slot& slot);

// Takes the datagrams that have come.
void hearBell(int fd);

// Counts a ring, and wakes the thread of the slot if it sleeps.
void ringDoorbell(uint32_t slot);

// Wakes the thread of a slot in which a ring has been counted.
void wakeSleeper(uint32_t slot);

}  // namespace mp
