// Waiting on a word of shared memory. Plain C++: no Node-API here.
#pragma once
#include <atomic>
#include <cstdint>

namespace mp {

enum class Wait { kOk, kNotEqual, kTimedOut };

// Parks while `*word == expected`; at most `timeoutMs` (CLOCK_MONOTONIC), for ever when negative. kOk may be spurious:
// look at the word again. Signals are served meanwhile and do not end the wait. Works between processes.
Wait futexWait(std::atomic<uint32_t>* word, uint32_t expected, double timeoutMs);

// Wakes up to `count` waiters; returns how many.
int futexWake(std::atomic<uint32_t>* word, int count);

// Wakes the event loop that has a doorbell on this slot. A system call only when its thread sleeps.
void ringDoorbell(uint32_t slot);

// System calls made by futexWake in this process: tests prove with it that a wake-up of nobody is free.
extern std::atomic<uint64_t> futexWakes;

}  // namespace mp
