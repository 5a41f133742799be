// mpshim.so: gives V8's platform threads back to the children of a fork(2).
//
// Why. Node starts its platform (a few V8 workers and one delayed-task scheduler) before any JavaScript runs. fork(2)
// copies only the calling thread, so a child inherits the platform's queue without the threads that serve it. A posted
// task then never runs, and whoever drains the queue waits for ever: on Node 26 each scavenge posts one, even with
// --single-threaded, and the end of a Worker drains. Besides, the dead threads still count as waiters of the queue's
// condition variable, which can block a later signal inside glibc. And a fork that falls into the middle of a task
// leaves the queue's mutex locked by a thread that is gone.
//
// What. The zygote alone is started with LD_PRELOAD=mpshim.so. The shim
//   1. records how the platform's threads were started, and counts those that are parked in their condition variable;
//   2. forks (mp_shim_fork) only while all of them are parked, holding the queue's mutex, so that the child's copy is
//      consistent; in the child it renews the mutex and the condition variables;
//   3. starts the threads again when the child first needs them: one more per signal, until all are back.
// And, because every fork has to copy them, it keeps the pages of V8's heap together (dense_heap.cc), and libuv from io_uring.
//
// The platform, seen from the child:
//
//   alive_  | meaning                                            | a signal on the queue  | leaves this state
//   --------+----------------------------------------------------+------------------------+------------------------
//   0       | just forked; no thread, none needed yet            | starts one             | first post or drain
//   1..n-1  | as many threads as there were posts                | starts one more        | each further post
//   n       | whole again; the shim is a relaxed load and a jump | -                      | mp_shim_fork (child: 0)
//
// What if. Not preloaded, or the layout not recognised: mp_shim_status() says 0 and nothing is changed.
// A thread that cannot be started (EAGAIN): the task stays queued, the next signal tries again.
// Still busy after five seconds: mp_shim_fork fails with EAGAIN instead of copying a task half done.
// The zygote dies: its children have threads and memory of their own; nothing here is shared.
// A child leaves: by _exit. Node's own teardown would join the original threads, which the child never had.
// Delayed tasks that wait in the scheduler at the fork stay with the zygote; later ones run in the child.
//
// Two facts about Node 22, 24 and 26 are relied upon, and checked when the threads start: see node_platform.h.
//
// LD_PRELOAD is cut back to the user's own entries as soon as the shim is loaded: programs that the zygote or a child
// executes do not inherit it. A path with a space or a colon cannot be named there: pass an inherited descriptor
// instead (/proc/self/fd/N).

#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdarg.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include <atomic>

#include "environment.h"
#include "node_platform.h"
#include "real.h"

#define EXPORT extern "C" __attribute__((visibility("default")))

using namespace mp::shim;

namespace {

struct Thread {
  Start start;
  void* arg;
  size_t stack_size;
};

constexpr int kMaxWorkers = 64;
constexpr int kQuiesceTries = 50'000;  // times 100 us
constexpr timespec kQuiescePause = {0, 100'000};

Thread workers_[kMaxWorkers];
int worker_count_ = 0;
Thread scheduler_ = {};            // start == nullptr: not recognised
Thread last_ = {};                 // the thread started before the one at hand
std::atomic<bool> sealed_{false};  // the platform stands; no further thread belongs to it
uintptr_t stack_top_ = 0;          // the environment lies above every frame of the main thread

std::atomic<pthread_mutex_t*> queue_{nullptr};
std::atomic<pthread_cond_t*> available_{nullptr};  // where workers wait for tasks
std::atomic<pthread_cond_t*> drained_{nullptr};    // where others wait for the workers
std::atomic<int> alive_{0};
int parked_ = 0;  // guarded by *queue_
std::atomic<bool> scheduler_alive_{true};
std::atomic<bool> armed_{false};  // in a child: some thread is still to be started
constinit thread_local bool is_worker_ = false;

// Where a revived worker reports that it is ready: to nobody.
struct {
  pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
  pthread_cond_t cond = PTHREAD_COND_INITIALIZER;
  int pending = 0;
} nobody_;

// --- Recognising the platform (main thread of the zygote, before JavaScript)

bool on_main_thread() { return syscall(SYS_gettid) == getpid(); }

// Returns the record of a platform worker that is about to start, nullptr for any other thread.
Thread* record(const Thread& thread, const void* frame) {
  auto* queue = worker_count_ > 0 ? queue_.load() : nullptr;
  if (!is_worker_arg(thread.arg, worker_count_, frame, stack_top_) ||
      (queue != nullptr && static_cast<WorkerArg*>(thread.arg)->queue != queue)) {
    sealed_ = worker_count_ > 0;
    last_ = thread;
    return nullptr;
  }
  if (worker_count_ == kMaxWorkers) {
    scheduler_ = {};  // more than the shim can bring back: not supported
    return nullptr;
  }
  if (worker_count_ == 0) {
    queue = static_cast<WorkerArg*>(thread.arg)->queue;
    queue_ = queue;
    if (last_.start != nullptr && is_scheduler(last_.arg, queue)) scheduler_ = last_;
  }
  alive_++;
  workers_[worker_count_] = thread;
  return &workers_[worker_count_++];
}

void* worker_main(void* p) {
  const auto* thread = static_cast<Thread*>(p);
  is_worker_ = true;
  return thread->start(thread->arg);
}

// --- Starting the threads again (child)

// No signal may choose such a thread, as none chooses Node's own; nobody will join it.
bool start(const Thread& thread, Start main, void* arg) {
  pthread_attr_t attr;
  pthread_attr_init(&attr);
  pthread_attr_setdetachstate(&attr, PTHREAD_CREATE_DETACHED);
  if (thread.stack_size > 0) pthread_attr_setstacksize(&attr, thread.stack_size);
  sigset_t all, before;
  sigfillset(&all);
  pthread_sigmask(SIG_SETMASK, &all, &before);
  pthread_t id;
  const int error = real_create(&id, &attr, main, arg);
  pthread_sigmask(SIG_SETMASK, &before, nullptr);
  pthread_attr_destroy(&attr);
  return error == 0;
}

bool complete() { return alive_ >= worker_count_ && (scheduler_.start == nullptr || scheduler_alive_); }

void revive_worker() {
  const int i = alive_.fetch_add(1);
  if (i >= worker_count_) {
    alive_--;
    return;
  }
  auto* arg = static_cast<WorkerArg*>(workers_[i].arg);
  arg->ready_mutex = &nobody_.mutex;
  arg->ready = &nobody_.cond;
  arg->pending = &nobody_.pending;
  if (!start(workers_[i], worker_main, &workers_[i])) {
    alive_--;
    return;
  }
  if (complete()) armed_ = false;
}

// The caller is about to wake the scheduler's loop, so that loop must exist when this returns.
void revive_scheduler() {
  if (scheduler_alive_.exchange(true)) return;
  auto* scheduler = static_cast<Scheduler*>(scheduler_.arg);
  sem_init(&scheduler->ready, 0, 0);
  if (!start(scheduler_, scheduler_.start, scheduler)) {
    scheduler_alive_ = false;
    return;
  }
  while (sem_wait(&scheduler->ready) != 0 && errno == EINTR) {
  }
  if (complete()) armed_ = false;
}

pthread_cond_t* scheduler_cond() {
  const auto distance = reinterpret_cast<char*>(available_.load()) - reinterpret_cast<char*>(queue_.load());
  return reinterpret_cast<pthread_cond_t*>(reinterpret_cast<char*>(&static_cast<Scheduler*>(scheduler_.arg)->tasks) +
                                           distance);
}

void before_signal(const pthread_cond_t* cond) {
  if (cond == available_)
    revive_worker();
  else if (scheduler_.start != nullptr && cond == scheduler_cond())
    revive_scheduler();
}

// --- Forking

// Waits until every worker is parked; returns with the queue locked.
bool quiesce() {
  for (int i = 0; i < kQuiesceTries; i++) {
    pthread_mutex_lock(queue_);
    if (parked_ == alive_ && available_ != nullptr) return true;
    pthread_mutex_unlock(queue_);
    nanosleep(&kQuiescePause, nullptr);
  }
  return false;
}

// As libuv initialises it.
void renew(pthread_cond_t* cond) {
  if (cond == nullptr) return;
  pthread_condattr_t attr;
  pthread_condattr_init(&attr);
  pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
  pthread_cond_init(cond, &attr);
  pthread_condattr_destroy(&attr);
}

void become_child(pthread_mutex_t* tasks) {
  pthread_mutex_init(queue_, nullptr);
  renew(available_);
  renew(drained_);
  if (tasks != nullptr) pthread_mutex_init(tasks, nullptr);
  parked_ = 0;
  alive_ = 0;
  scheduler_alive_ = false;
  armed_ = true;
}

__attribute__((constructor)) void loaded() {
  stack_top_ = reinterpret_cast<uintptr_t>(environ);
  leave_environment();
}

}  // namespace

// --- Interposed

EXPORT int pthread_create(pthread_t* id, const pthread_attr_t* attr, Start start, void* arg) {
  if (sealed_.load(std::memory_order_relaxed) || !on_main_thread()) return real_create(id, attr, start, arg);
  Thread thread = {start, arg, 0};
  if (attr != nullptr) pthread_attr_getstacksize(attr, &thread.stack_size);
  Thread* worker = record(thread, __builtin_frame_address(0));
  return worker == nullptr ? real_create(id, attr, start, arg) : real_create(id, attr, worker_main, worker);
}

EXPORT int pthread_cond_wait(pthread_cond_t* cond, pthread_mutex_t* mutex) {
  if (mutex != queue_.load(std::memory_order_relaxed)) return real_wait(cond, mutex);
  if (!is_worker_) {
    drained_.store(cond, std::memory_order_relaxed);
    if (armed_) revive_worker();  // tasks may have been queued before the fork
    return real_wait(cond, mutex);
  }
  available_.store(cond, std::memory_order_relaxed);
  parked_++;
  const int error = real_wait(cond, mutex);
  parked_--;
  return error;
}

EXPORT int pthread_cond_signal(pthread_cond_t* cond) {
  if (__builtin_expect(armed_.load(std::memory_order_relaxed), 0)) before_signal(cond);
  return real_signal(cond);
}

EXPORT int pthread_cond_broadcast(pthread_cond_t* cond) {
  if (__builtin_expect(armed_.load(std::memory_order_relaxed), 0)) before_signal(cond);
  return real_broadcast(cond);
}

// libuv asks for an io_uring, only to save a few calls of epoll_ctl. Each child would have one made, mapped and torn down again.
EXPORT long syscall(long number, ...) {
  va_list list;
  va_start(list, number);
  long a[6];
  for (long& argument : a) argument = va_arg(list, long);
  va_end(list);
  if (number == SYS_io_uring_setup) {
    errno = ENOSYS;
    return -1;
  }
  return real_syscall(number, a[0], a[1], a[2], a[3], a[4], a[5]);
}

// --- For the addon, found with dlsym(RTLD_DEFAULT, ...)

// How many platform workers a child will get back; 0 when they were not recognised.
EXPORT int mp_shim_status() { return scheduler_.start != nullptr ? worker_count_ : 0; }

// fork(2) with the platform at rest, from the main thread. `at_rest` runs just before it: what it does to V8's memory
// (MADV_DOFORK) misses no page that a worker maps meanwhile.
EXPORT pid_t mp_shim_fork(void (*at_rest)()) {
  sealed_ = true;
  if (mp_shim_status() == 0) {
    at_rest();
    return fork();
  }
  if (!quiesce()) {
    errno = EAGAIN;
    return -1;
  }
  auto* tasks = &static_cast<Scheduler*>(scheduler_.arg)->tasks;
  pthread_mutex_lock(tasks);
  at_rest();
  const pid_t pid = fork();
  if (pid == 0) {
    become_child(tasks);
    return 0;
  }
  const int error = errno;
  pthread_mutex_unlock(tasks);
  pthread_mutex_unlock(queue_);
  errno = error;
  return pid;
}
