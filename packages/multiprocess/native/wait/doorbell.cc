// The doorbell: wakes an event loop from any process of the realm.
//
// One native thread per JavaScript environment sleeps on the `doorbell` word of a slot and signals the loop through
// uv_async_send. `doorbellSleeper` says whether a ring needs a system call:
//
//   sleeper 1  armed     the loop has not been told yet: a ring wakes the thread, which takes sleeper to 0 and signals
//   sleeper 0  signalled the loop will run `onRing`, or runs it: rings only count
//
//      loop                        thread                        ringer
//      sleeper = 1                 sleeps on doorbell
//      onRing()                                                  (publishes its change)
//                                                                doorbell++; sleeper? -> wake
//                                  sleeper = 0; uv_async_send
//      sleeper = 1; onRing()       sleeps again
//
// The loop arms before it calls onRing, so a ringer that saw sleeper 0 has published its change before onRing looks.
// However many rings come while the loop is busy: one signal, one call of onRing. A ringer only reads `sleeper`: were it
// to take it to 0 itself, its death before the wake-up would leave the loop asleep for ever.
#include <pthread.h>
#include <signal.h>
#include <unistd.h>
#include <uv.h>

#include <climits>
#include <new>

#include "shm/realm.h"
#include "wait/wait.h"

namespace mp {
namespace {

struct Doorbell {
  napi_env env = nullptr;
  uint32_t index = 0;
  napi_ref onRing = nullptr;
  napi_async_context context = nullptr;
  napi_async_cleanup_hook_handle hook = nullptr;
  uv_async_t async{};
  pthread_t thread{};
  bool running = false;  // the thread exists
  pid_t pid = getpid();  // in this process: fork(2) has copied what we know of it, but not the thread
  std::atomic<bool> stop{false};
};

thread_local Doorbell* current = nullptr;  // a thread has one environment

void* sleepAndSignal(void* data) {
  auto* bell = static_cast<Doorbell*>(data);
  Slot& s = slot(bell->index);
  uint32_t last = s.doorbell.load() - 1;  // a ring before the start counts
  while (!bell->stop.load()) {
    uint32_t now = s.doorbell.load();
    if (now != last) {
      last = now;
      if (s.doorbellSleeper.exchange(0)) uv_async_send(&bell->async);
    }
    futexWait(&s.doorbell, now, -1);
  }
  return nullptr;
}

// Runs on the loop. Through napi_make_callback, so that microtasks and ticks follow.
void ringLoop(uv_async_t* async) {
  auto* bell = static_cast<Doorbell*>(async->data);
  napi_env env = bell->env;
  slot(bell->index).doorbellSleeper.store(1);
  napi_handle_scope scope;
  if (napi_open_handle_scope(env, &scope) != napi_ok) return;
  napi_value onRing, global, result;
  if (napi_get_reference_value(env, bell->onRing, &onRing) == napi_ok && napi_get_global(env, &global) == napi_ok &&
      napi_make_callback(env, bell->context, global, onRing, 0, nullptr, &result) == napi_pending_exception) {
    napi_value error;
    if (napi_get_and_clear_last_exception(env, &error) == napi_ok) napi_fatal_exception(env, error);
  }
  napi_close_handle_scope(env, scope);
}

void joinThread(Doorbell* bell) {
  if (!bell->running || bell->pid != getpid()) return;
  bell->running = false;
  bell->stop.store(true);
  Slot& s = slot(bell->index);
  s.doorbell.fetch_add(1);
  futexWake(&s.doorbell, INT_MAX);
  pthread_join(bell->thread, nullptr);
  s.doorbellSleeper.store(0);
}

// Everything but the handle ends at once; the handle is freed when the loop has closed it.
void close(Doorbell* bell) {
  if (current == bell) current = nullptr;
  joinThread(bell);
  if (bell->onRing) napi_delete_reference(bell->env, bell->onRing);
  if (bell->context) napi_async_destroy(bell->env, bell->context);
  uv_close(reinterpret_cast<uv_handle_t*>(&bell->async), [](uv_handle_t* handle) {
    auto* closed = static_cast<Doorbell*>(handle->data);
    if (closed->hook) napi_remove_async_cleanup_hook(closed->hook);
    delete closed;
  });
}

// All signals are blocked in it: they are for the threads that know what to do with them.
int startThread(Doorbell* bell) {
  sigset_t all, before;
  sigfillset(&all);
  pthread_sigmask(SIG_SETMASK, &all, &before);
  pthread_attr_t attributes;
  pthread_attr_init(&attributes);
  pthread_attr_setstacksize(&attributes, 256 << 10);
  int error = pthread_create(&bell->thread, &attributes, sleepAndSignal, bell);
  pthread_attr_destroy(&attributes);
  pthread_sigmask(SIG_SETMASK, &before, nullptr);
  bell->running = error == 0;
  return error;
}

}  // namespace

// doorbellStart(slot, onRing): onRing may run at once; look at the state you wait for after the start.
napi_value DoorbellStart(napi_env env, napi_callback_info info) {
  Args<2> args(env, info);
  uint32_t index = static_cast<uint32_t>(args.int32(0));
  doorbellAfterFork();
  if (current || !realmBase || index >= kSlotCount) {
    napi_throw_error(env, nullptr, current ? "this thread has a doorbell already" : "no such slot");
    return nullptr;
  }
  uv_loop_t* loop = nullptr;
  if (!ok(env, napi_get_uv_event_loop(env, &loop))) return nullptr;
  auto* bell = new Doorbell;
  bell->env = env;
  bell->index = index;
  bell->async.data = bell;
  if (int error = uv_async_init(loop, &bell->async, ringLoop)) {
    delete bell;
    return throwErrno(env, -error, "uv_async_init");
  }
  uv_unref(reinterpret_cast<uv_handle_t*>(&bell->async));
  current = bell;
  napi_value name;
  auto onTeardown = [](napi_async_cleanup_hook_handle, void* data) { close(static_cast<Doorbell*>(data)); };
  if (!ok(env, napi_create_reference(env, args.value[1], 1, &bell->onRing)) ||
      !ok(env, napi_create_string_utf8(env, "multiprocess.doorbell", NAPI_AUTO_LENGTH, &name)) ||
      !ok(env, napi_async_init(env, nullptr, name, &bell->context)) ||
      !ok(env, napi_add_async_cleanup_hook(env, onTeardown, bell, &bell->hook))) {
    close(bell);
    return nullptr;
  }
  slot(index).doorbellSleeper.store(1);
  if (int error = startThread(bell)) {
    slot(index).doorbellSleeper.store(0);
    close(bell);
    return throwErrno(env, error, "pthread_create");
  }
  return undefined(env);
}

// doorbellRef(keepAlive): whether the doorbell keeps the event loop alive.
napi_value DoorbellRef(napi_env env, napi_callback_info info) {
  bool keepAlive = Args<1>(env, info).boolean(0);
  if (!current) return undefined(env);
  auto* handle = reinterpret_cast<uv_handle_t*>(&current->async);
  keepAlive ? uv_ref(handle) : uv_unref(handle);
  return undefined(env);
}

// doorbellStop(): ends the thread; does nothing when there is none.
napi_value DoorbellStop(napi_env env, napi_callback_info) {
  if (current) close(current);
  return undefined(env);
}

void doorbellAfterFork() {
  if (!current || current->pid == getpid()) return;
  close(current);
}

}  // namespace mp
