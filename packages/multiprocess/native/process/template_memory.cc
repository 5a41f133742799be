// The zygote's memory, made cheap to fork.
//
// A fork copies the page tables of anonymous memory, and an exit takes every page out of them again: with the 30 MB of
// a zygote, that is most of what a small child costs. Tables of files are not copied. So the two heaps, V8's and
// malloc's, are moved into a file in memory that is mapped privately in their place: a child finds the same bytes at
// the same addresses, but its page tables hold only what it touches.
//
// What gives memory back with MADV_DONTNEED finds the old bytes there, not zeros. V8 and glibc do not rely on zeros
// in memory that they use again; other allocators may, which is why only these two heaps are moved.
#include "process/template_memory.h"

#include <errno.h>
#include <malloc.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include <vector>

#include "process/shim.h"

namespace mp {
namespace {

struct Mapping {
  uintptr_t from, to;
  bool isWritable;  // private, too
  bool isAnonymous;
  bool isBreak;  // malloc's first heap
};

std::vector<Mapping> mappings() {
  std::vector<Mapping> all;
  FILE* maps = fopen("/proc/self/maps", "re");
  if (!maps) return all;
  char line[512];
  while (fgets(line, sizeof line, maps)) {
    unsigned long from, to, inode;
    char mode[8], name[256] = "";
    if (sscanf(line, "%lx-%lx %7s %*s %*s %lu %255s", &from, &to, mode, &inode, name) < 4) continue;
    all.push_back({from, to, strcmp(mode, "rw-p") == 0, inode == 0 && *name == 0, strcmp(name, "[heap]") == 0});
  }
  fclose(maps);
  return all;
}

// Takes what is free between the zygote's own objects, and never gives it back: what children allocate lies together
// behind them then, not in a page here and a page there that each has to be copied.
void fillHolesOfMalloc() {
#ifdef __GLIBC__
  constexpr size_t kLargest = 64 << 10;
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wdeprecated-declarations"
  const struct mallinfo info = mallinfo();  // mallinfo2 came with glibc 2.33
#pragma GCC diagnostic pop
  const auto end = reinterpret_cast<uintptr_t>(sbrk(0));
  const auto bottom = end - static_cast<unsigned>(info.arena);
  const auto top = end - static_cast<unsigned>(info.keepcost);
  for (size_t size = kLargest; size >= 16; size = size > 1024 ? size / 2 : size - 16) {
    void* p;
    do p = malloc(size);
    while (reinterpret_cast<uintptr_t>(p) >= bottom && reinterpret_cast<uintptr_t>(p) < top);
    free(p);
  }
#endif
}

bool writeAll(int fd, const Mapping& memory, off_t at) {
  for (uintptr_t next = memory.from; next < memory.to;) {
    ssize_t n = pwrite(fd, reinterpret_cast<void*>(next), memory.to - next, at + static_cast<off_t>(next - memory.from));
    if (n < 0 && errno == EINTR) continue;
    if (n <= 0) return false;
    next += static_cast<uintptr_t>(n);
  }
  return true;
}

// What does not fit stays where it is.
void moveHeapsToFile() {
  uintptr_t from = 0, to = 0;
  findHeapOfV8(&from, &to);
  int fd = memfd_create("mp-template", MFD_CLOEXEC);
  if (fd < 0) return;
  off_t at = 0;
  for (const Mapping& m : mappings()) {
    const bool isOfV8 = m.isAnonymous && m.from >= from && m.to <= to;
    if (!m.isWritable || !(isOfV8 || m.isBreak)) continue;
    if (!writeAll(fd, m, at)) break;
    void* place = reinterpret_cast<void*>(m.from);
    if (mmap(place, m.to - m.from, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_FIXED, fd, at) == MAP_FAILED) abort();
    at += static_cast<off_t>(m.to - m.from);
  }
  close(fd);
}

}  // namespace

// V8 marks its heap MADV_DONTFORK: undo that for every mapping, or the child has no heap.
void allowMemoryInForks() {
  for (const Mapping& m : mappings()) madvise(reinterpret_cast<void*>(m.from), m.to - m.from, MADV_DOFORK);
}

void prepareMemoryForForks() {
  static bool done = false;
  if (done) return;
  done = true;
  fillHolesOfMalloc();
  moveHeapsToFile();
  allowMemoryInForks();
}

}  // namespace mp
