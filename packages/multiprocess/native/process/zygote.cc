// The zygote's loop: it forks a child per request, reaps its children, and ends what must not outlive its parent.
//
// No JavaScript runs in the zygote between two forks, so its heap never changes: every child starts from the same pages. Only
// while it still warms up does it take turns with JavaScript, so that the first children need not wait for that.
//
//   a request arrives (eventfd `bell`)  -> fork; the child returns its slot to JavaScript and never comes back here
//   SIGCHLD (rings `bell`, too)         -> waitpid, publish the end in the child's slot
//   a watched process ends (pidfd)      -> its children are orphans now: terminate, adopt or free them
//   nobody is left                      -> exit
//
// Watched are the processes that are not our children: the main program, spawned members that start children here, and
// after a restart the children of the zygote before us.
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>
#include <uv.h>

#include <map>
#include <thread>
#include <utility>
#include <vector>

#include "process/process.h"
#include "process/request.h"
#include "process/shim.h"
#include "process/template_memory.h"
#include "shm/allocator.h"
#include "shm/realm.h"
#include "wait/wait.h"

namespace mp {
namespace {

constexpr int kMomentMs = 50;      // for those who wait until there is a zygote, or want more children
constexpr int64_t kGraceMs = 500;  // between SIGTERM and SIGKILL for a daemon without a parent

int64_t nowMs() {
  timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

// A signalfd would not do: Node's other threads do not block SIGCHLD, and the kernel may give it to any of them.
int bellOfHandler = -1;
void ringOnSigchld(int) {
  int saved = errno;
  uint64_t one = 1;
  if (write(bellOfHandler, &one, sizeof one) < 0) {
    // full: it rings already
  }
  errno = saved;
}

struct Condemned {
  int64_t deadline;
  pid_t pid;
  uint64_t startTime;
};

class Zygote {
 public:
  Zygote(uint32_t self, int bell) : self_(self), bell_(bell) {
    bellOfHandler = bell;
    struct sigaction action{};
    action.sa_handler = ringOnSigchld;
    action.sa_flags = SA_RESTART | SA_NOCLDSTOP;
    sigaction(SIGCHLD, &action, &oldAction_);
    takeOver();
    slot(self_).state.store(kRunning);
    futexWake(&slot(self_).state, INT32_MAX);
  }

  // Does what there is to do now. Whoever waits for the zygote has a moment to ask, and whoever got a child for the next one. No
  // more children than twice the processors: these are dear. Returns the slot in a child, and kNoSlot in the zygote.
  uint32_t turn() {
    int64_t until = std::exchange(isFirstTurn_, false) ? nowMs() + kMomentMs : 0;
    for (;;) {
      unsigned before = early_;
      look(static_cast<int>(std::max<int64_t>(0, until - nowMs())));
      uint32_t child = workOrLeave();
      if (child != kNoSlot) return child;
      if (early_ < before) until = early_ > 0 ? nowMs() + kMomentMs : 0;
      if (nowMs() >= until) return kNoSlot;
    }
  }

  // Returns the slot in a child; in the zygote it never returns.
  uint32_t serve() {
    isWarm_ = true;
    for (;;) {
      uint32_t child = workOrLeave();
      if (child != kNoSlot) return child;
      look(condemned_.empty() ? -1 : static_cast<int>(std::max<int64_t>(0, condemned_.front().deadline - nowMs())));
    }
  }

  // What a child must not keep of the zygote's.
  void becomeChild() {
    for (auto& [fd, index] : watched_) close(fd);
    sigaction(SIGCHLD, &oldAction_, nullptr);
    struct sigaction interrupt;
    sigaction(SIGINT, nullptr, &interrupt);
    if (interrupt.sa_handler == SIG_IGN) signal(SIGINT, SIG_DFL);
    holdInterrupt(false);
  }

 private:
  uint32_t workOrLeave() {
    uint32_t child = fulfilRequests();
    if (child != kNoSlot) return child;
    reap();
    endCondemned();
    if (children_.empty() && watched_.empty()) _exit(0);
    return kNoSlot;
  }

  static void holdInterrupt(bool hold) {
    sigset_t interrupt;
    sigemptyset(&interrupt);
    sigaddset(&interrupt, SIGINT);
    pthread_sigmask(hold ? SIG_BLOCK : SIG_UNBLOCK, &interrupt, nullptr);
  }

  // Fulfils the requests. Returns kNoSlot in the zygote.
  uint32_t fulfilRequests() {
    std::vector<uint32_t> requests = std::exchange(putOff_, {});
    for (uint32_t index : takeRequests()) requests.push_back(index);
    for (uint32_t index : requests) {
      if (!isWarm_ && early_ == 0) putOff_.push_back(index);
      else if (forkChild(index)) return index;
      else if (!isWarm_) early_--;
    }
    return kNoSlot;
  }

  // True in the child.
  bool forkChild(uint32_t index) {
    Slot& s = slot(index);
    if (s.state.load() != kRequested) return false;
    if (!isOrphan(s)) watch(s.parent);
    if (isOrphan(s)) {  // nobody waits for this child any more
      sweepCells(index);
      freeSlot(index);
      return false;
    }
    if (!mayFulfil(s, self_)) {
      refuse(s, ESTALE);
      return false;
    }
    s.state.store(kBootstrapping);
    // The zygote ignores SIGINT, its child does not: what arrives in between has to wait for becomeChild().
    holdInterrupt(true);
    pid_t pid = forkAtRest(isWarm_ ? prepareMemoryForForks : allowMemoryInForks);
    if (pid == 0) return true;
    holdInterrupt(false);
    if (pid < 0) {
      refuse(s, errno);
      return false;
    }
    children_[pid] = index;
    fulfil(s, pid);
    return false;
  }

  void reap() {
    int status;
    for (pid_t pid; (pid = waitpid(-1, &status, WNOHANG)) > 0;) {
      auto it = children_.find(pid);
      if (it == children_.end()) continue;  // started by a preloaded module
      uint32_t index = it->second;
      children_.erase(it);
      end(index, exitStatusOf(status));
    }
  }

  void end(uint32_t index, int status) {
    orphan(index);
    publishEnd(index, status);
  }

  // `parent` is dead. Its children stop pointing to its slot, which may be re-used at once.
  void orphan(uint32_t parent) {
    uint32_t used = header().slotHighWater.load();
    for (uint32_t i = 0; i < used; i++) {
      Slot& s = slot(i);
      if (i == parent || s.parent != parent) continue;
      uint32_t state = s.state.load();
      if (state == kFree) continue;
      s.parent = kNoSlot;
      bool unborn = state == kClaimed || (state == kBootstrapping && s.pid.load() == 0);
      if (unborn || state == kEnded || state == kFailed) {
        sweepCells(i);
        freeSlot(i);
      } else if (state != kRequested && i != self_) {
        if (s.flags.load() & kTerminateWithParent) condemn(s);
        if (s.flags.load() & kSpawned) watch(i);
      }
    }
  }

  void condemn(Slot& s) {
    s.sentSignal.store(SIGTERM);
    signalProcess(s.pid.load(), s.startTime.load(), SIGTERM);
    signalProcess(s.pid.load(), s.startTime.load(), SIGCONT);
    condemned_.push_back({nowMs() + kGraceMs, s.pid.load(), s.startTime.load()});
  }

  void endCondemned() {
    while (!condemned_.empty() && condemned_.front().deadline <= nowMs()) {
      signalProcess(condemned_.front().pid, condemned_.front().startTime, SIGKILL);
      condemned_.erase(condemned_.begin());
    }
  }

  static void signalProcess(pid_t pid, uint64_t startTime, int signal) {
    int fd = openProcess(pid, startTime);
    if (fd < 0) return;
    syscall(SYS_pidfd_send_signal, fd, signal, nullptr, 0);
    close(fd);
  }

  // Learns of the end of a process that is not our child.
  void watch(uint32_t index) {
    Slot& s = slot(index);
    if (children_.count(s.pid.load())) return;
    for (auto& entry : watched_) {
      if (entry.second == index) return;
    }
    int fd = openProcess(s.pid.load(), s.startTime.load());
    if (fd >= 0) watched_.emplace_back(fd, index);
    else strangerEnded(-1, index);
  }

  // A spawned process with a living parent is published by that parent, which reaps it; everybody else by us.
  void strangerEnded(int fd, uint32_t index) {
    Slot& s = slot(index);
    bool reapedByParent = (s.flags.load() & kSpawned) && !isOrphan(s);
    if (reapedByParent) orphan(index);
    else end(index, exitStatusOfStranger(fd, s));
  }

  // Members that a zygote before us left behind: watch them; what it had begun but not published is begun again.
  void takeOver() {
    takeRequests();
    putOff_ = allRequested();
    uint32_t used = header().slotHighWater.load();
    for (uint32_t i = 0; i < used; i++) {
      Slot& s = slot(i);
      if (i == self_) continue;
      uint32_t state = s.state.load();
      if (state == kBootstrapping && s.pid.load() == 0 && !(s.flags.load() & kSpawned)) {
        // The child of this request, if there is one, waits for its pid to be published and leaves on -1. The starter
        // tries again.
        refuse(s, ESTALE);
      } else if ((state == kBootstrapping || state == kRunning) && !(s.flags.load() & kSpawned)) {
        watch(i);
      }
    }
    if (!isOrphan(slot(self_))) watch(slot(self_).parent);
  }

  // Waits for the bell, and for ends of those that are watched, so many ms; -1: for ever.
  void look(int timeout) {
    std::vector<pollfd> fds{{bell_, POLLIN, 0}};
    for (auto& [fd, index] : watched_) fds.push_back({fd, POLLIN, 0});
    if (poll(fds.data(), fds.size(), timeout) <= 0) return;
    uint64_t count;
    if (fds[0].revents && read(bell_, &count, sizeof count) < 0) count = 0;
    std::vector<std::pair<int, uint32_t>> ended;
    for (size_t i = 1; i < fds.size(); i++) {
      if (fds[i].revents) ended.emplace_back(fds[i].fd, watched_[i - 1].second);
    }
    for (auto [fd, index] : ended) {
      std::erase_if(watched_, [fd = fd](auto& entry) { return entry.first == fd; });
      strangerEnded(fd, index);
      close(fd);
    }
  }

  uint32_t self_;
  int bell_;
  struct sigaction oldAction_;
  bool isFirstTurn_ = true, isWarm_ = false;
  unsigned early_ = 2 * std::thread::hardware_concurrency();  // children that may be forked before it is warm
  std::vector<uint32_t> putOff_;  // requests
  std::map<pid_t, uint32_t> children_;
  std::vector<std::pair<int, uint32_t>> watched_;  // pidfd, slot
  std::vector<Condemned> condemned_;
};

// Kept on the heap: children inherit it, and must not run its destructor's work.
Zygote& theZygote(napi_env env, napi_callback_info info) {
  static Zygote* only = nullptr;
  Args<2> args(env, info);
  if (!only) only = new Zygote(static_cast<uint32_t>(args.int32(0)), args.int32(1));
  return *only;
}

napi_value becomeChild(napi_env env, Zygote& zygote, uint32_t index) {
  zygote.becomeChild();
  uv_loop_t* loop = nullptr;
  if (!ok(env, napi_get_uv_event_loop(env, &loop))) return nullptr;
  if (int error = uv_loop_fork(loop)) return throwErrno(env, -error, "uv_loop_fork");
  doorbellAfterFork();
  awaitFulfilment(slot(index));
  return toNumber(env, index);
}

}  // namespace

// zygoteTurn(slot, bell): in every child, returns the child's slot; in the zygote -1.
napi_value ZygoteTurn(napi_env env, napi_callback_info info) {
  Zygote& zygote = theZygote(env, info);
  uint32_t index = zygote.turn();
  return index == kNoSlot ? toNumber(env, -1) : becomeChild(env, zygote, index);
}

// zygoteServe(slot, bell): in every child, returns the child's slot.
napi_value ZygoteServe(napi_env env, napi_callback_info info) {
  Zygote& zygote = theZygote(env, info);
  return becomeChild(env, zygote, zygote.serve());
}

}  // namespace mp
