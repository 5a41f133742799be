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

// System calls made in this process to wake somebody: tests prove with it that a wake-up of nobody is free.
extern std::atomic<uint64_t> wakeCalls;

}  // namespace mp
