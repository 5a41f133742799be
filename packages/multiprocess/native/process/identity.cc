// Which process is meant: pid and start time, pidfds, and how a process ended.
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "process/process.h"

namespace mp {
namespace {

// linux/pidfd.h of 6.15, which distributions do not ship yet.
struct PidfdInfo {
  uint64_t mask;
  uint64_t cgroupid;
  uint32_t pid, tgid, ppid, ruid, rgid, euid, egid, suid, sgid, fsuid, fsgid;
  int32_t exitCode;
};
static_assert(sizeof(PidfdInfo) == 64);
constexpr uint64_t kPidfdInfoExit = 1u << 3;
#define MP_PIDFD_GET_INFO _IOWR(0xFF, 11, PidfdInfo)

}  // namespace

uint64_t startTimeOf(pid_t pid) {
  char path[32], text[1024];
  snprintf(path, sizeof path, "/proc/%d/stat", pid);
  int fd = open(path, O_RDONLY | O_CLOEXEC);
  if (fd < 0) return 0;
  ssize_t n = read(fd, text, sizeof text - 1);
  close(fd);
  if (n <= 0) return 0;
  text[n] = 0;
  // The name in field 2 may hold spaces and parentheses: count from its end.
  const char* p = strrchr(text, ')');
  if (!p || p[1] != ' ' || p[2] == 'Z' || p[2] == 'X') return 0;
  for (int field = 2; field < 22 && p; field++) p = strchr(p + 1, ' ');
  return p ? strtoull(p + 1, nullptr, 10) : 0;
}

int openProcess(pid_t pid, uint64_t startTime) {
  int fd = static_cast<int>(syscall(SYS_pidfd_open, pid, 0));
  if (fd < 0) return -1;
  // The pidfd pins the process; only now does its start time prove that it is the one we mean.
  if (startTimeOf(pid) != startTime) {
    close(fd);
    errno = ESRCH;
    return -1;
  }
  return fd;
}

int exitStatusOf(int waitStatus) {
  return WIFSIGNALED(waitStatus) ? -WTERMSIG(waitStatus) : WEXITSTATUS(waitStatus);
}

int exitStatusOfStranger(int pidfd, const Slot& slot) {
  PidfdInfo info{};
  info.mask = kPidfdInfoExit;
  if (pidfd >= 0 && ioctl(pidfd, MP_PIDFD_GET_INFO, &info) == 0 && (info.mask & kPidfdInfoExit)) {
    return exitStatusOf(info.exitCode);
  }
  if (uint32_t code = slot.leaveCode.load()) return static_cast<int>(code - 1);
  if (uint32_t signal = slot.sentSignal.load()) return -static_cast<int>(signal);
  return 255;
}

}  // namespace mp
