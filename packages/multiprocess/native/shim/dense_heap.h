// Keeps the pages of V8's heap together.
//
// V8 asks for each of them at a random address. A fork copies the page tables, and pages that lie far apart need page
// tables of their own, three each: with 80 of them, that is more work than copying what the tables say. Side by side
// they also become one mapping.
#pragma once

#include <stdint.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <atomic>

namespace mp::shim {

constexpr uintptr_t kHeapPage = 256 << 10;
constexpr size_t kLargest = 16 << 20;  // what is larger has reasons for its place (near the code, say)
constexpr int kTries = 16;

inline std::atomic<uintptr_t> heap_end_{0};  // 0: V8's first choice, which stays as random as it is

inline void* map(void* at, size_t size, int protection, int flags, int fd, off_t offset) {
  return reinterpret_cast<void*>(syscall(SYS_mmap, at, size, protection, flags, fd, offset));
}

// A mapping that V8 wants to have anywhere.
inline bool is_heap_page(const void* hint, size_t size, int flags) {
  return hint != nullptr && size < kLargest && (flags & ~MAP_NORESERVE) == (MAP_PRIVATE | MAP_ANONYMOUS);
}

// To have its pages aligned, V8 asks for almost one more than it needs, and gives back what is too much.
inline void* map_heap_page(void* hint, size_t size, int protection, int flags) {
  const size_t excess = kHeapPage - static_cast<size_t>(getpagesize());
  const size_t kept = size > excess ? size - excess : size;
  uintptr_t at = heap_end_.load() != 0 ? heap_end_.load() : reinterpret_cast<uintptr_t>(hint);
  for (int i = 0; i < kTries && at % kHeapPage == 0; i++, at += kHeapPage) {
    void* mapped = map(reinterpret_cast<void*>(at), size, protection, flags | MAP_FIXED_NOREPLACE, -1, 0);
    if (mapped == MAP_FAILED) continue;
    madvise(mapped, size, MADV_NOHUGEPAGE);  // children write to single pages
    heap_end_ = reinterpret_cast<uintptr_t>(mapped) + (kept + kHeapPage - 1) / kHeapPage * kHeapPage;
    return mapped;
  }
  return map(hint, size, protection, flags, -1, 0);
}

}  // namespace mp::shim
