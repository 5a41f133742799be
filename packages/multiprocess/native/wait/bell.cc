#include "wait/bell.h"

#include <errno.h>
#include <sys/random.h>
#include <sys/socket.h>
#include <unistd.h>

#include <climits>
#include <cstdio>

#include "shm/realm.h"
#include "socket/address.h"
#include "wait/futex.h"

namespace mp {
namespace {

AbstractAddress addressOf(uint64_t number) {
  char name[64];
  snprintf(name, sizeof name, "multiprocess-bell-%016llx", static_cast<unsigned long long>(number));
  return AbstractAddress(name);
}

int openSocket() { return socket(AF_UNIX, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0); }

// The socket that this process sends from.
int sender() {
  static std::atomic<int> shared{-1};
  int known = shared.load();
  if (known >= 0) return known;
  int made = openSocket();
  if (made < 0 || shared.compare_exchange_strong(known, made)) return made;
  close(made);
  return known;
}

bool send(int fd, const AbstractAddress& to) {
  return sendto(fd, "", 1, MSG_DONTWAIT | MSG_NOSIGNAL, to.any(), to.size) == 1;
}

// EAGAIN: it has datagrams enough, and will wake. Or those that we have sent to others lie there unread, and the kernel lets this
// socket send no more: so another one tries.
void sendRing(uint64_t number) {
  wakeCalls.fetch_add(1, std::memory_order_relaxed);
  AbstractAddress to = addressOf(number);
  if (send(sender(), to) || errno != EAGAIN) return;
  int fresh = openSocket();
  if (fresh < 0) return;
  send(fresh, to);
  close(fresh);
}

}  // namespace

int openBell(Slot& slot) {
  uint64_t number = 0;
  if (getrandom(&number, sizeof number, 0) != sizeof number) return -errno;
  int fd = openSocket();
  if (fd < 0) return -errno;
  AbstractAddress address = addressOf(number);
  if (bind(fd, address.any(), address.size) < 0) {
    int error = errno;
    close(fd);
    return -error;
  }
  slot.doorbellName.store(number);
  sender();  // who is rung, rings: a process has all of its descriptors now
  return fd;
}

void hearBell(int fd) {
  constexpr unsigned kMost = 16;  // the kernel keeps 11 (net.unix.max_dgram_qlen)
  mmsghdr messages[kMost]{};
  recvmmsg(fd, messages, kMost, MSG_DONTWAIT, nullptr);
}

void wakeSleeper(uint32_t index) {
  Slot& s = slot(index);
  uint32_t sleeper = s.doorbellSleeper.load();
  uint32_t state = sleeper & kSleeperState;
  if (state == kBlocked) futexWake(&s.doorbell, INT_MAX);
  if (state != kAsleep) return;
  sendRing(s.doorbellName.load());
  s.doorbellSleeper.compare_exchange_strong(sleeper, sleeper - kAsleep + kRung);
}

// Sequentially consistent on both sides: either the ringer sees the sleeper, or the sleeper sees the ring.
void ringDoorbell(uint32_t index) {
  slot(index).doorbell.fetch_add(1);
  wakeSleeper(index);
}

}  // namespace mp
