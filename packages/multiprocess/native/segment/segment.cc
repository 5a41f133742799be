#include "segment/segment.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include <string>

#include "segment/end.h"
#include "shm/allocator.h"

namespace mp {
namespace {

std::string pathOf(const char* name) { return std::string(kSegmentFolder) + name; }

OpenSegment failed(int fd, int error, const char* syscall) {
  if (fd >= 0) close(fd);
  return {-1, 0, error, syscall};
}

// ftruncate beyond RLIMIT_FSIZE would not only fail: it sends SIGXFSZ, which kills.
bool exceedsFileSizeLimit(uint64_t size) {
  rlimit limit{};
  return getrlimit(RLIMIT_FSIZE, &limit) == 0 && limit.rlim_cur != RLIM_INFINITY && limit.rlim_cur < size;
}

// Pages exist once they are touched, so a size that can never be had would be found out later, and by SIGBUS.
bool exceedsFolder(int fd, uint64_t size) {
  struct statvfs folder{};
  return fstatvfs(fd, &folder) == 0 && folder.f_blocks > 0 && folder.f_blocks * uint64_t{folder.f_frsize} < size;
}

// The cell of a new record; 0: the realm is full.
uint64_t record(const char* name, const struct stat& file, uint32_t keeper) {
  uint64_t cell = allocateCell(sizeof(SegmentRecord), keeper);
  if (cell == 0) return 0;
  auto& entry = *reinterpret_cast<SegmentRecord*>(realmBase + cell);
  strncpy(entry.name, name, kLongestSegmentName);
  entry.device = file.st_dev;
  entry.inode.store(file.st_ino);
  return cell;
}

}  // namespace

// The file gets its name last, so that there is no moment at which our death would leave it behind: until then it goes
// with the descriptor, from then on the keeper knows which file it is.
OpenSegment createSegment(const char* name, uint64_t size, uint32_t keeper) {
  if (exceedsFileSizeLimit(size)) return failed(-1, EFBIG, "ftruncate");
  int fd = open(kSegmentFolder, O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);
  if (fd < 0) return failed(fd, errno, "open");
  if (exceedsFolder(fd, size)) return failed(fd, ENOSPC, "ftruncate");
  if (ftruncate(fd, static_cast<off_t>(size)) < 0) return failed(fd, errno, "ftruncate");
  struct stat file{};
  if (fstat(fd, &file) < 0) return failed(fd, errno, "fstat");
  uint64_t cell = record(name, file, keeper);
  if (cell == 0) return failed(fd, ENOMEM, "realm");
  std::string own = "/proc/self/fd/" + std::to_string(fd);
  if (linkat(AT_FDCWD, own.c_str(), AT_FDCWD, pathOf(name).c_str(), AT_SYMLINK_FOLLOW) < 0) {
    int error = errno;
    freeCell(cell);
    return failed(fd, error, "linkat");
  }
  unlinkSegmentsAtExit();
  return {fd, size, 0, nullptr};
}

OpenSegment openSegment(const char* name) {
  int fd = open(pathOf(name).c_str(), O_RDWR | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK);
  if (fd < 0) return failed(fd, errno, "open");
  struct stat file{};
  if (fstat(fd, &file) < 0) return failed(fd, errno, "fstat");
  if (!S_ISREG(file.st_mode) || file.st_size == 0) return failed(fd, EINVAL, "mmap");
  return {fd, static_cast<uint64_t>(file.st_size), 0, nullptr};
}

int unlinkSegment(const char* name) {
  std::string path = pathOf(name);
  struct stat file{};
  if (lstat(path.c_str(), &file) < 0 || unlink(path.c_str()) < 0) return errno;
  uint32_t keeper = realmBase ? header().keeper.load() : 0;
  if (keeper == 0) return 0;
  forEachSegment(keeper - 1, [&](SegmentRecord& entry, uint32_t reference, uint64_t word) {
    if (entry.names(file.st_dev, file.st_ino)) dropHeld(reference, word, selfSlot());
  });
  return 0;
}

}  // namespace mp
