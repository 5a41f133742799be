// A program: mpkeeper SLOT, with the realm as descriptor 3. See keeper.h.
//
// All signals are blocked from its birth on. It keeps no descriptor of its starter's, has a session of its own, and is
// nobody's child: its starter waits only for the process that forks it.
#include <errno.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include "descriptor/broker.h"
#include "process/process.h"
#include "segment/end.h"
#include "shm/realm.h"

namespace mp {

uint8_t* realmBase = nullptr;

namespace {

constexpr int kRealm = 3;
constexpr timespec kPause{0, 2'000'000};
constexpr int kNobody = -1, kSomebody = -2, kLookAgainMs = 100;

bool mapRealm() {
  void* base = mmap(nullptr, kRealmSize, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_NORESERVE, kRealm, 0);
  if (base == MAP_FAILED) return false;
  realmBase = static_cast<uint8_t*>(base);
  if (header().magic == kMagic && header().layoutVersion == kLayoutVersion) return true;
  errno = EINVAL;
  return false;
}

void closeFrom(unsigned first) {
#ifdef SYS_close_range
  if (syscall(SYS_close_range, first, ~0u, 0) == 0) return;
#endif
  for (long fd = first, end = sysconf(_SC_OPEN_MAX); fd < end; fd++) close(static_cast<int>(fd));
}

// A pidfd of some member; kNobody; or kSomebody, where one lives but pidfd_open fails.
int openMember() {
  for (uint32_t i = 0, used = header().slotHighWater.load(); i < used; i++) {
    const Slot& s = slot(i);
    if (!isMember(s)) continue;
    int fd = openProcess(s.pid.load(), s.startTime.load());
    if (fd >= 0) return fd;
    bool lives = errno != ESRCH && s.startTime.load() != 0 && startTimeOf(s.pid.load()) == s.startTime.load();
    if (lives) return kSomebody;
  }
  return kNobody;
}

// Twice: while one looks at a slot, a member may start another one in a slot that was looked at before, and end.
int findMember() {
  int fd = openMember();
  if (fd != kNobody) return fd;
  nanosleep(&kPause, nullptr);
  return openMember();
}

void outliveMembers(Broker& broker) {
  for (int fd; (fd = findMember()) != kNobody;) {
    broker.serve(fd, fd == kSomebody ? kLookAgainMs : -1);
    if (fd >= 0) close(fd);
  }
}

int keep(uint32_t own, Broker& broker) {
  outliveMembers(broker);
  removeKeptFiles(own);
  return 0;
}

}  // namespace
}  // namespace mp

// The exit code of the first process is an errno; 0: the keeper keeps.
int main(int argc, char** argv) {
  using namespace mp;
  if (argc != 2 || !mapRealm()) return argc != 2 ? EINVAL : errno;
  uint32_t own = static_cast<uint32_t>(atoi(argv[1])) % kSlotCount;
  closeFrom(kRealm);
  Broker broker;
  broker.open();  // where that fails, it still keeps files
  // Before the member goes on, which may be killed with its whole group at once.
  setsid();
  if (chdir("/") < 0) return errno;
  pid_t pid = fork();
  if (pid < 0) return errno;
  if (pid == 0) return keep(own, broker);
  slot(own).startTime.store(startTimeOf(pid));
  slot(own).pid.store(pid);
  return 0;
}
