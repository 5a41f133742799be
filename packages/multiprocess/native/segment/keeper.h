// The keeper: a small program of its own (keeper.cc) that keeps what must outlive whoever made it.
//
// Files: segments, and sockets of listeners. It removes them when the realm has ended, however it has ended. They have
// names, so nothing else would: all members may have been killed by SIGKILL. Descriptors in flight: it is their broker
// (descriptor/descriptor.h).
//
//   the first file is made,    -> a member starts the keeper, and waits until it keeps
//   or descriptor sent
//   a segment is made          -> its record is in realm memory before it has its name; whoever finds the keeper dead
//                                 starts the next one, which finds the same records
//   a socket is made           -> it is recorded next: a death between the two calls leaves it behind
//   the keeper                 -> holds the pidfd of one living member; when that ends, of another one
//   no member lives            -> removes what is recorded (end.h), and goes; descriptors that nobody took are closed
//
// Members are found in the process table. One whose pid is not public yet will not run: see awaitFulfilment (request.h)
// and becomeSpawnedChild (bootstrap.ts).
#pragma once
#include <string>

namespace mp {

// Starts the program at `path` as the keeper of this slot; returns when it keeps, with pid and start time in the slot. An
// errno; 0: it went well.
int startKeeper(const std::string& path, uint32_t slot);

}  // namespace mp
