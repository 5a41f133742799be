#include "segment/end.h"

#include <errno.h>
#include <unistd.h>

#include <string>

#include "segment/records.h"

namespace mp {

bool isMember(const Slot& s) {
  return (s.kind == kMain || s.kind == kProcess || s.kind == kZygote) && s.state.load() != kFree && s.pid.load() > 0;
}

int removeFile(const char* path, const struct stat& file) {
  if (!S_ISDIR(file.st_mode)) return unlink(path) < 0 ? errno : 0;
  unlink((std::string(path) + "/socket").c_str());
  return rmdir(path) < 0 ? errno : 0;
}

void removeKeptFiles(uint32_t keeper) {
  forEachKeptFile(keeper, [](const KeptFile& record, uint32_t, uint64_t) {
    struct stat file{};
    if (lstat(record.path, &file) == 0 && record.names(file)) removeFile(record.path, file);
  });
}

}  // namespace mp
