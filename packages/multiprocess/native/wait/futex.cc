#include "wait/futex.h"

#include <errno.h>
#include <linux/futex.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include <cmath>

namespace mp {

std::atomic<uint64_t> wakeCalls{0};

namespace {

// An absolute deadline needs no new calculation after EINTR.
timespec deadlineAfter(double ms) {
  timespec t{};
  clock_gettime(CLOCK_MONOTONIC, &t);
  double seconds = std::floor(ms / 1000);
  if (seconds > 1e9) seconds = 1e9;  // 31 years: stays within time_t
  t.tv_sec += static_cast<time_t>(seconds);
  t.tv_nsec += static_cast<long>((ms - std::floor(ms / 1000) * 1000) * 1e6);
  if (t.tv_nsec >= 1000000000) {
    t.tv_nsec -= 1000000000;
    t.tv_sec++;
  }
  return t;
}

}  // namespace

// Not FUTEX_PRIVATE: the kernel then finds waiters by the page of the memfd, whichever process they are in.
Wait futexWait(std::atomic<uint32_t>* word, uint32_t expected, double timeoutMs) {
  bool timed = timeoutMs >= 0 && !std::isinf(timeoutMs);
  timespec deadline{};
  if (timed) deadline = deadlineAfter(timeoutMs);
  for (;;) {
    long result = syscall(SYS_futex, word, FUTEX_WAIT_BITSET, expected, timed ? &deadline : nullptr, nullptr,
                          FUTEX_BITSET_MATCH_ANY);
    if (result == 0) return Wait::kOk;
    if (errno == EAGAIN) return Wait::kNotEqual;
    if (errno == ETIMEDOUT) return Wait::kTimedOut;
    if (errno != EINTR) return Wait::kOk;  // cannot happen on a mapped word; the caller looks again
  }
}

int futexWake(std::atomic<uint32_t>* word, int count) {
  wakeCalls.fetch_add(1, std::memory_order_relaxed);
  return static_cast<int>(syscall(SYS_futex, word, FUTEX_WAKE, count, nullptr, nullptr, 0));
}

}  // namespace mp
