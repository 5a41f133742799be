// The two structures of Node's platform that the shim reads, the same in Node 22, 24 and 26, and how it makes sure.
#pragma once

#include <fcntl.h>
#include <pthread.h>
#include <semaphore.h>
#include <stdint.h>
#include <unistd.h>

namespace mp::shim {

// What Node hands to each worker. It belongs to the worker and lives as long as the queue; the three middle pointers
// lead into the frame of the platform's constructor, which has long returned when a child reads them again.
struct WorkerArg {
  pthread_mutex_t* queue;  // TaskQueue, which begins with its mutex
  pthread_mutex_t* ready_mutex;
  pthread_cond_t* ready;
  int* pending;
  int id;
};

// The beginning of Node's DelayedTaskScheduler: its thread posts `ready` once its loop accepts tasks.
struct Scheduler {
  sem_t ready;
  pthread_mutex_t* queue;
  pthread_mutex_t tasks;  // a TaskQueue too: its condition variable follows at the same distance
};

// Asks the kernel, because an argument need not be a pointer at all.
inline bool readable(const void* p, size_t size) {
  int fds[2];
  if (reinterpret_cast<uintptr_t>(p) % alignof(void*) != 0 || pipe2(fds, O_CLOEXEC) != 0) return false;
  const bool ok = write(fds[1], p, size) == static_cast<ssize_t>(size);
  close(fds[0]);
  close(fds[1]);
  return ok;
}

// Whether `p` belongs to the platform worker number `id`, created from `frame` by a thread whose stack ends at `top`.
inline bool is_worker_arg(const void* p, int id, const void* frame, uintptr_t top) {
  if (!readable(p, sizeof(WorkerArg))) return false;
  const auto* arg = static_cast<const WorkerArg*>(p);
  const auto on_stack = [&](const void* q) {
    const auto address = reinterpret_cast<uintptr_t>(q);
    return address > reinterpret_cast<uintptr_t>(frame) && address < top;
  };
  return !on_stack(arg->queue) && readable(arg->queue, sizeof(pthread_mutex_t)) && on_stack(arg->ready_mutex) &&
         on_stack(arg->ready) && on_stack(arg->pending) && arg->id == id;
}

inline bool is_scheduler(const void* p, const pthread_mutex_t* queue) {
  return readable(p, sizeof(Scheduler)) && static_cast<const Scheduler*>(p)->queue == queue;
}

}  // namespace mp::shim
