#include "shm/realm.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/mman.h>
#include <sys/random.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <mutex>
#include <utility>

#include "shm/allocator.h"

namespace mp {

uint8_t* realmBase = nullptr;
int realmFd = -1;
std::atomic<uint32_t> processSlot{kNoSlot};
thread_local uint32_t threadSlot = kNoSlot;

namespace {

std::mutex creation;  // two threads may ask for the realm at once

struct Descriptor {
  int fd;
  explicit Descriptor(int f) : fd(f) {}
  ~Descriptor() {
    if (fd >= 0) close(fd);
  }
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  int release() { return std::exchange(fd, -1); }
};

RealmError failed(const char* syscall) { return {errno, syscall}; }

// NORESERVE: only touched pages count. Nothing is marked DONTFORK: children of fork(2) keep the mapping.
RealmError mapRealm(int fd) {
  void* base = mmap(nullptr, kRealmSize, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_NORESERVE, fd, 0);
  if (base == MAP_FAILED) return failed("mmap");
  realmBase = static_cast<uint8_t*>(base);
  return {};
}

// ftruncate beyond RLIMIT_FSIZE would not only fail: it sends SIGXFSZ, which kills.
bool exceedsFileSizeLimit() {
  rlimit limit{};
  return getrlimit(RLIMIT_FSIZE, &limit) == 0 && limit.rlim_cur != RLIM_INFINITY && limit.rlim_cur < kRealmSize;
}

bool sameFile(int a, int b) {
  struct stat x{}, y{};
  return fstat(a, &x) == 0 && fstat(b, &y) == 0 && x.st_dev == y.st_dev && x.st_ino == y.st_ino;
}

void claimMainSlot(Header& h) {
  Slot& s = slot(0);
  s.pid = getpid();
  s.parent = kNoSlot;
  s.kind = kMain;
  s.state = kRunning;
  h.mainSlot = 0;
  h.slotHighWater = 1;
  processSlot = 0;
}

}  // namespace

RealmError createRealm() {
  std::lock_guard<std::mutex> guard(creation);
  if (realmBase) return {};
  if (exceedsFileSizeLimit()) return {EFBIG, "ftruncate"};
  Descriptor memory(memfd_create("mp-realm", MFD_CLOEXEC));
  if (memory.fd < 0) return failed("memfd_create");
  if (ftruncate(memory.fd, static_cast<off_t>(kRealmSize)) < 0) return failed("ftruncate");
  if (RealmError error = mapRealm(memory.fd)) return error;
  Header& h = header();
  h.layoutVersion = kLayoutVersion;
  h.size = kRealmSize;
  h.slotCount = kSlotCount;
  if (getrandom(&h.realmId, sizeof h.realmId, 0) < 0) h.realmId = static_cast<uint32_t>(getpid());
  claimMainSlot(h);
  h.magic = kMagic;
  realmFd = memory.release();
  return {};
}

RealmError attachRealm(int fd) {
  std::lock_guard<std::mutex> guard(creation);
  if (realmBase) return sameFile(fd, realmFd) ? RealmError{} : RealmError{EBUSY, "realm"};
  struct stat info{};
  if (fstat(fd, &info) < 0) return failed("fstat");
  if (info.st_size != static_cast<off_t>(kRealmSize)) return {EINVAL, "realm"};
  // Inherited across an exec, so it is open for the next one: the user's own children must not get it by accident.
  if (fcntl(fd, F_SETFD, FD_CLOEXEC) < 0) return failed("fcntl");
  if (RealmError error = mapRealm(fd)) return error;
  const Header& h = header();
  if (h.magic != kMagic || h.layoutVersion != kLayoutVersion || h.size != kRealmSize || h.slotCount != kSlotCount) {
    munmap(realmBase, kRealmSize);
    realmBase = nullptr;
    return {EINVAL, "realm"};
  }
  realmFd = fd;
  return {};
}

bool overlayRealm(void* address, size_t length, uint64_t offset) {
  if (realmFd < 0 || offset > kRealmSize || length > kRealmSize - offset) return false;
  void* at = mmap(address, length, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_NORESERVE | MAP_FIXED, realmFd,
                  static_cast<off_t>(offset));
  return at == address;
}

uint64_t residentBytes() {
  struct stat info{};
  return fstat(realmFd, &info) == 0 ? static_cast<uint64_t>(info.st_blocks) * 512 : 0;
}

void freeSlot(uint32_t index) {
  sweepCells(index);
  Slot& s = slot(index);
  s.doorbellSleeper.store(0);
  s.pid.store(0);
  s.generation.fetch_add(1);
  s.state.store(kFree);
}

void freeSlotsOfThreads(uint32_t processIndex) {
  uint32_t used = header().slotHighWater.load();
  for (uint32_t i = 0; i < used; i++) {
    Slot& s = slot(i);
    if (s.kind == kThread && s.parent == processIndex && s.state.load() != kFree) freeSlot(i);
  }
}

}  // namespace mp
