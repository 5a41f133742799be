#include <string.h>

#include "segment/end.h"
#include "segment/records.h"
#include "shm/allocator.h"

namespace mp {

uint64_t keepFile(const char* path, const struct stat& file, uint32_t keeper) {
  uint64_t cell = allocateCell(sizeof(KeptFile), keeper);
  if (cell == 0) return 0;
  auto& entry = *reinterpret_cast<KeptFile*>(realmBase + cell);
  strncpy(entry.path, path, kLongestPath);
  entry.path[kLongestPath] = 0;
  entry.device = file.st_dev;
  entry.inode.store(file.st_ino);
  removeKeptFilesAtExit();
  return cell;
}

void forgetFile(const struct stat& file) {
  uint32_t keeper = realmBase ? header().keeper.load() : 0;
  if (keeper == 0) return;
  forEachKeptFile(keeper - 1, [&](KeptFile& entry, uint32_t reference, uint64_t word) {
    if (entry.names(file)) dropHeld(reference, word, selfSlot());
  });
}

}  // namespace mp
