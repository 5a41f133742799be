// What the realm remembers of the segments that its members have made: one cell each, which the keeper's slot owns. So the
// list of segments is the list of that slot's references, and no death of a member tears it.
#pragma once
#include <sys/types.h>

#include "shm/references.h"

namespace mp {

constexpr const char* kSegmentFolder = "/dev/shm/";
constexpr size_t kLongestSegmentName = 255;

// Written before the segment gets its name. It names one file for ever: a name alone may have been given to another one.
struct SegmentRecord {
  uint64_t device;
  std::atomic<uint64_t> inode;  // written last; 0: not complete
  char name[kLongestSegmentName + 1];

  bool names(dev_t fileDevice, ino_t fileInode) const { return inode.load() == fileInode && device == fileDevice; }
};

// Calls back with (record, reference, its word) for each complete record.
template <typename Visit>
void forEachSegment(uint32_t keeper, Visit visit) {
  uint32_t chunks = hints().chunkHighWater.load();
  for (uint32_t chunk = 1; chunk < chunks; chunk++) {
    if (!ChunkWord::isOpenFor(chunkWord(chunk).load(), keeper)) continue;
    for (uint32_t i = chunk * kChunkSize; i < (chunk + 1) * kChunkSize; i++) {
      uint64_t word = referenceWord(i).load();
      if (ReferenceWord::state(word) != ReferenceWord::kHeld) continue;
      auto& record = *reinterpret_cast<SegmentRecord*>(realmBase + ReferenceWord::offset(word));
      if (record.inode.load() != 0) visit(record, i, word);
    }
  }
}

}  // namespace mp
