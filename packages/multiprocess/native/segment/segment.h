// Segments: memory with a name, in /dev/shm, as POSIX shm_open makes it. Plain C++: no Node-API here.
#pragma once
#include <stdint.h>

#include "segment/records.h"

namespace mp {

// A descriptor and the size of its file; or an errno, and the call that failed.
struct OpenSegment {
  int fd = -1;
  uint64_t size = 0;
  int error = 0;
  const char* syscall = nullptr;
};

// Makes a segment of zeros, which other processes see at once in its full size, or not at all. The keeper of this slot
// unlinks it at the realm's end. EEXIST: the name is taken; EFBIG: RLIMIT_FSIZE; ENOSPC: /dev/shm is smaller than that.
OpenSegment createSegment(const char* name, uint64_t size, uint32_t keeper);

// EINVAL: the name is not a segment's, or its creator has not given it a size yet.
OpenSegment openSegment(const char* name);

// Takes a name away, and the segment off the list of the keeper. An errno; 0: it went well.
int unlinkSegment(const char* name);

}  // namespace mp
