#include "segment/end.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "segment/records.h"

namespace mp {

bool isMember(const Slot& s) {
  return (s.kind == kMain || s.kind == kProcess || s.kind == kZygote) && s.state.load() != kFree && s.pid.load() > 0;
}

void unlinkSegments(uint32_t keeper) {
  int folder = open(kSegmentFolder, O_PATH | O_DIRECTORY | O_CLOEXEC);
  if (folder < 0) return;
  forEachSegment(keeper, [folder](const SegmentRecord& record, uint32_t, uint64_t) {
    struct stat file{};
    bool found = fstatat(folder, record.name, &file, AT_SYMLINK_NOFOLLOW) == 0;
    if (found && record.names(file.st_dev, file.st_ino)) unlinkat(folder, record.name, 0);
  });
  close(folder);
}

}  // namespace mp
