// The doorbell: calls JavaScript on an event loop when its slot was rung, from any process of the realm (bell.h).
//
// Three handles of libuv's do that, in each turn of the loop. None of them keeps it alive, unless JavaScript asks for that.
//
//   prepare   Asleep; if the count has moved: do not sleep (an idle handle, the fourth, has libuv poll without waiting)
//   poll      takes the datagrams that have ended the sleep
//   check     Awake; if the count has moved: onRing()
//
// However many rings come while the loop is busy: no system call, and one call of onRing.
#include <unistd.h>
#include <uv.h>

#include <new>

#include "shm/realm.h"
#include "wait/bell.h"
#include "wait/wait.h"

namespace mp {
namespace {

struct Doorbell {
  napi_env env = nullptr;
  uint32_t index = 0;
  napi_ref onRing = nullptr;
  napi_async_context context = nullptr;
  napi_async_cleanup_hook_handle hook = nullptr;
  int fd = -1;
  uint32_t heard = 0;  // rings that onRing has been called for
  uint32_t sleeps = 0;
  pid_t pid = getpid();  // in a forked child, this is the parent's
  int open = 0;          // handles
  uv_poll_t poll{};
  uv_prepare_t prepare{};
  uv_check_t check{};
  uv_idle_t idle{};
};

thread_local Doorbell* current = nullptr;  // a thread has one environment

template <typename Handle>
Doorbell* bellOf(Handle* handle) {
  return static_cast<Doorbell*>(handle->data);
}

// Through napi_make_callback, so that microtasks and ticks follow.
void callOnRing(Doorbell* bell) {
  napi_env env = bell->env;
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

void beforePoll(uv_prepare_t* handle) {
  Doorbell* bell = bellOf(handle);
  Slot& s = slot(bell->index);
  bell->sleeps += kOneSleep;
  s.doorbellSleeper.store(bell->sleeps | kAsleep);
  if (s.doorbell.load() != bell->heard) uv_idle_start(&bell->idle, [](uv_idle_t*) {});
}

void afterPoll(uv_check_t* handle) {
  Doorbell* bell = bellOf(handle);
  Slot& s = slot(bell->index);
  s.doorbellSleeper.store(kAwake);
  uv_idle_stop(&bell->idle);
  uint32_t rings = s.doorbell.load();
  if (rings == bell->heard) return;
  bell->heard = rings;
  callOnRing(bell);
}

template <typename Handle>
void closeHandle(Handle* handle) {
  uv_close(reinterpret_cast<uv_handle_t*>(handle), [](uv_handle_t* closed) {
    Doorbell* bell = bellOf(closed);
    if (--bell->open > 0) return;
    if (bell->hook) napi_remove_async_cleanup_hook(bell->hook);
    delete bell;
  });
}

// Everything but the handles ends at once; they are freed when the loop has closed them.
void closeBell(Doorbell* bell) {
  if (current == bell) current = nullptr;
  if (bell->onRing) napi_delete_reference(bell->env, bell->onRing);
  if (bell->context) napi_async_destroy(bell->env, bell->context);
  if (bell->pid == getpid()) slot(bell->index).doorbellSleeper.store(kAwake);
  closeHandle(&bell->poll);
  closeHandle(&bell->prepare);
  closeHandle(&bell->check);
  closeHandle(&bell->idle);
  close(bell->fd);
}

template <typename Handle>
void adopt(Doorbell* bell, Handle* handle) {
  handle->data = bell;
  bell->open++;
  uv_unref(reinterpret_cast<uv_handle_t*>(handle));
}

// 0, or an error of libuv's, after which there is nothing to be closed. Only the first call can fail.
int openHandles(Doorbell* bell, uv_loop_t* loop) {
  if (int error = uv_poll_init(loop, &bell->poll, bell->fd)) return error;
  uv_prepare_init(loop, &bell->prepare);
  uv_check_init(loop, &bell->check);
  uv_idle_init(loop, &bell->idle);
  uv_poll_start(&bell->poll, UV_READABLE, [](uv_poll_t* handle, int, int) { hearBell(bellOf(handle)->fd); });
  uv_prepare_start(&bell->prepare, beforePoll);
  uv_check_start(&bell->check, afterPoll);
  adopt(bell, &bell->poll);
  adopt(bell, &bell->prepare);
  adopt(bell, &bell->check);
  adopt(bell, &bell->idle);
  return 0;
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
  int fd = openBell(slot(index));
  if (fd < 0) return throwErrno(env, -fd, "socket");
  auto* bell = new Doorbell;
  bell->env = env;
  bell->index = index;
  bell->fd = fd;
  bell->heard = slot(index).doorbell.load() - 1;  // a ring before the start counts
  bell->sleeps = static_cast<uint32_t>(slot(index).doorbellName.load()) & ~kSleeperState;  // others than of the slot's last user
  if (int error = openHandles(bell, loop)) {
    close(fd);
    delete bell;
    return throwErrno(env, -error, "uv_poll_init");
  }
  current = bell;
  napi_value name;
  auto onTeardown = [](napi_async_cleanup_hook_handle, void* data) { closeBell(static_cast<Doorbell*>(data)); };
  if (!ok(env, napi_create_reference(env, args.value[1], 1, &bell->onRing)) ||
      !ok(env, napi_create_string_utf8(env, "multiprocess.doorbell", NAPI_AUTO_LENGTH, &name)) ||
      !ok(env, napi_async_init(env, nullptr, name, &bell->context)) ||
      !ok(env, napi_add_async_cleanup_hook(env, onTeardown, bell, &bell->hook))) {
    closeBell(bell);
    return nullptr;
  }
  return undefined(env);
}

// doorbellRef(keepAlive): whether the doorbell keeps the event loop alive.
napi_value DoorbellRef(napi_env env, napi_callback_info info) {
  bool keepAlive = Args<1>(env, info).boolean(0);
  if (!current) return undefined(env);
  auto* handle = reinterpret_cast<uv_handle_t*>(&current->poll);
  keepAlive ? uv_ref(handle) : uv_unref(handle);
  return undefined(env);
}

// doorbellStop(): does nothing when there is none.
napi_value DoorbellStop(napi_env env, napi_callback_info) {
  if (current) closeBell(current);
  return undefined(env);
}

void doorbellAfterFork() {
  if (current && current->pid != getpid()) closeBell(current);
}

bool belongsToDoorbell(const uv_handle_t* handle) { return current && handle->data == current; }

}  // namespace mp
