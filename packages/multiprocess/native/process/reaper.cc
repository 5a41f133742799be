// The reaper: one thread per process that has children of its own (spawned ones, the zygote). It reaps them as they end,
// whether or not JavaScript runs, so there are no zombies and a blocked main thread still learns of an end.
//
// A second use of the same thread: a spawned child that must not outlive its parent watches that parent.
#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <sys/eventfd.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <mutex>
#include <vector>

#include "process/process.h"
#include "shm/realm.h"

namespace mp {
namespace {

constexpr int kGraceMs = 500;  // between SIGTERM and SIGKILL to ourselves, once the parent is dead

struct Watched {
  int pidfd;
  uint32_t slot;  // kNoSlot: the parent
};

std::mutex mutex;
std::vector<Watched> added;
int wakeUp = -1;

void parentDied() {
  kill(getpid(), SIGTERM);
  timespec grace{0, kGraceMs * 1000000};
  nanosleep(&grace, nullptr);
  kill(getpid(), SIGKILL);
}

void ended(const Watched& watched) {
  if (watched.slot == kNoSlot) return parentDied();
  siginfo_t info{};
  // Reaped first: whoever sees the end finds no zombie.
  while (waitid(static_cast<idtype_t>(3 /* P_PIDFD */), watched.pidfd, &info, WEXITED) < 0 && errno == EINTR) continue;
  close(watched.pidfd);
  publishEnd(watched.slot, info.si_code == CLD_EXITED ? info.si_status : -info.si_status);
}

void* run(void*) {
  std::vector<Watched> watched;
  for (;;) {
    {
      std::lock_guard lock(mutex);
      watched.insert(watched.end(), added.begin(), added.end());
      added.clear();
    }
    std::vector<pollfd> fds{{wakeUp, POLLIN, 0}};
    for (auto& w : watched) fds.push_back({w.pidfd, POLLIN, 0});
    if (poll(fds.data(), fds.size(), -1) < 0) continue;
    uint64_t count;
    if (fds[0].revents && read(wakeUp, &count, sizeof count) < 0) count = 0;
    std::vector<Watched> alive;
    for (size_t i = 0; i < watched.size(); i++) {
      if (fds[i + 1].revents) ended(watched[i]);
      else alive.push_back(watched[i]);
    }
    watched.swap(alive);
  }
  return nullptr;
}

// 0, or an errno.
int watch(Watched entry) {
  std::lock_guard lock(mutex);
  if (wakeUp < 0) {
    wakeUp = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    if (wakeUp < 0) return errno;
    sigset_t all, old;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &old);  // signals are for the threads of Node
    pthread_t thread;
    int error = pthread_create(&thread, nullptr, run, nullptr);
    pthread_sigmask(SIG_SETMASK, &old, nullptr);
    if (error) {
      close(wakeUp);
      wakeUp = -1;
      return error;
    }
    pthread_detach(thread);
  }
  added.push_back(entry);
  uint64_t one = 1;
  return write(wakeUp, &one, sizeof one) == sizeof one ? 0 : errno;
}

}  // namespace

// processReap(pid, slot): reap this child of ours when it ends, and publish its end.
napi_value ProcessReap(napi_env env, napi_callback_info info) {
  Args<2> args(env, info);
  int fd = static_cast<int>(syscall(SYS_pidfd_open, args.int32(0), 0));
  int error = fd < 0 ? errno : watch({fd, static_cast<uint32_t>(args.int32(1))});
  return error ? throwErrno(env, error, "pidfd_open") : undefined(env);
}

// processWatchParent(pid, startTime): end this process soon after that one. At once if it is dead already.
napi_value ProcessWatchParent(napi_env env, napi_callback_info info) {
  Args<2> args(env, info);
  int fd = openProcess(args.int32(0), args.offset(1));
  if (fd < 0) {
    kill(getpid(), SIGTERM);
    return undefined(env);
  }
  int error = watch({fd, kNoSlot});
  return error ? throwErrno(env, error, "eventfd") : undefined(env);
}

}  // namespace mp
