#include "segment/segment.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include <string>

#include "segment/records.h"
#include "shm/allocator.h"

namespace mp {
namespace {

constexpr const char* kFolder = "/dev/shm/";

std::string pathOf(const char* name) { return std::string(kFolder) + name; }

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

}  // namespace

// The file gets its name last, so that there is no moment at which our death would leave it behind: until then it goes
// with the descriptor, from then on the keeper knows which file it is.
OpenSegment createSegment(const char* name, uint64_t size, uint32_t keeper) {
  if (exceedsFileSizeLimit(size)) return failed(-1, EFBIG, "ftruncate");
  int fd = open(kFolder, O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);
  if (fd < 0) return failed(fd, errno, "open");
  if (exceedsFolder(fd, size)) return failed(fd, ENOSPC, "ftruncate");
  if (ftruncate(fd, static_cast<off_t>(size)) < 0) return failed(fd, errno, "ftruncate");
  struct stat file{};
  if (fstat(fd, &file) < 0) return failed(fd, errno, "fstat");
  uint64_t cell = keepFile(pathOf(name).c_str(), file, keeper);
  if (cell == 0) return failed(fd, ENOMEM, "realm");
  std::string own = "/proc/self/fd/" + std::to_string(fd);
  if (linkat(AT_FDCWD, own.c_str(), AT_FDCWD, pathOf(name).c_str(), AT_SYMLINK_FOLLOW) < 0) {
    int error = errno;
    freeCell(cell);
    return failed(fd, error, "linkat");
  }
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
  forgetFile(file);
  return 0;
}

}  // namespace mp
