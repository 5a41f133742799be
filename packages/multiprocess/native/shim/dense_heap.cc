// Keeps the pages of V8's heap together.
//
// V8 asks for each of them at a random address. A fork copies the page tables, and pages that lie far apart need page
// tables of their own, three each: with 80 of them, that is more work than copying what the tables say. Side by side
// they also become one mapping.
#include <stdint.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <atomic>

#define EXPORT extern "C" __attribute__((visibility("default")))

namespace {

constexpr uintptr_t kHeapPage = 256 << 10;
constexpr int kTries = 16;

// The first page lies where V8 wants it: at random.
std::atomic<uintptr_t> heap_begin_{0};
std::atomic<uintptr_t> heap_end_{0};

void* map(void* at, size_t size, int protection, int flags, int fd, off_t offset) {
  return reinterpret_cast<void*>(syscall(SYS_mmap, at, size, protection, flags, fd, offset));
}

// To have a page aligned, V8 asks for almost two, and gives back what is too much. Nobody else asks for this size.
bool is_heap_page(const void* hint, size_t size, int flags) {
  return hint != nullptr && size == 2 * kHeapPage - static_cast<size_t>(getpagesize()) &&
         (flags & ~MAP_NORESERVE) == (MAP_PRIVATE | MAP_ANONYMOUS);
}

void* map_heap_page(void* hint, size_t size, int protection, int flags) {
  uintptr_t at = heap_end_.load() != 0 ? heap_end_.load() : reinterpret_cast<uintptr_t>(hint);
  for (int i = 0; i < kTries && at % kHeapPage == 0; i++, at += kHeapPage) {
    void* mapped = map(reinterpret_cast<void*>(at), size, protection, flags | MAP_FIXED_NOREPLACE, -1, 0);
    if (mapped == MAP_FAILED) continue;
    madvise(mapped, size, MADV_NOHUGEPAGE);  // children write to single pages
    if (heap_begin_ == 0) heap_begin_ = at;
    heap_end_ = at + kHeapPage;
    return mapped;
  }
  return map(hint, size, protection, flags, -1, 0);
}

}  // namespace

// Under the name that Node calls: with node-gyp's _FILE_OFFSET_BITS=64, that is mmap64 to glibc.
EXPORT void* mmap(void* at, size_t size, int protection, int flags, int fd, off_t offset) {
  if (is_heap_page(at, size, flags)) return map_heap_page(at, size, protection, flags);
  return map(at, size, protection, flags, fd, offset);
}

// For the addon: where the pages lie; false when there are none.
EXPORT bool mp_shim_heap(uintptr_t* from, uintptr_t* to) {
  *from = heap_begin_;
  *to = heap_end_;
  return *from != 0;
}
