// What the realm remembers of the files that its members have made: segments, and sockets of listeners. One cell each, which
// the keeper's slot owns. So the list of files is the list of that slot's references, and no death of a member tears it.
#pragma once
#include <sys/stat.h>

#include "shm/references.h"

namespace mp {

constexpr size_t kLongestPath = 511;

// It names one file for ever: a path alone may have been given to another one. A folder stands for the socket in it, too.
struct KeptFile {
  uint64_t device;
  std::atomic<uint64_t> inode;  // written last; 0: not complete
  char path[kLongestPath + 1];

  bool names(const struct stat& file) const { return inode.load() == file.st_ino && device == file.st_dev; }
};

// Puts a file on the list of this keeper. The cell of its record; 0: the realm is full. In keep.cc, as the next one.
uint64_t keepFile(const char* path, const struct stat& file, uint32_t keeper);

// Takes a file off the list that has been removed.
void forgetFile(const struct stat& file);

// Calls back with (record, reference, its word) for each complete record.
template <typename Visit>
void forEachKeptFile(uint32_t keeper, Visit visit) {
  uint32_t chunks = hints().chunkHighWater.load();
  for (uint32_t chunk = 1; chunk < chunks; chunk++) {
    if (!ChunkWord::isOpenFor(chunkWord(chunk).load(), keeper)) continue;
    for (uint32_t i = chunk * kChunkSize; i < (chunk + 1) * kChunkSize; i++) {
      uint64_t word = referenceWord(i).load();
      if (ReferenceWord::state(word) != ReferenceWord::kHeld) continue;
      auto& record = *reinterpret_cast<KeptFile*>(realmBase + ReferenceWord::offset(word));
      if (record.inode.load() != 0) visit(record, i, word);
    }
  }
}

}  // namespace mp
