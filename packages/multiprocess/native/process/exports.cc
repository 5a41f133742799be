// The process functions that JavaScript calls; the longer ones stand in files of their own.
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/eventfd.h>
#include <sys/random.h>
#include <sys/syscall.h>
#include <unistd.h>
#include <uv.h>

#include <atomic>
#include <cmath>

#include "process/process.h"
#include "process/request.h"
#include "process/shim.h"
#include "shm/realm.h"

namespace mp {

napi_value throwErrno(napi_env env, int error, const char* syscall) {
  napi_value message, code, instance, value;
  std::string text = std::string(syscall) + ": " + uv_strerror(-error);
  napi_create_string_utf8(env, text.c_str(), NAPI_AUTO_LENGTH, &message);
  napi_create_string_utf8(env, uv_err_name(-error), NAPI_AUTO_LENGTH, &code);
  napi_create_error(env, code, message, &instance);
  napi_create_int32(env, error, &value);
  napi_set_named_property(env, instance, "errno", value);
  napi_create_string_utf8(env, syscall, NAPI_AUTO_LENGTH, &value);
  napi_set_named_property(env, instance, "syscall", value);
  napi_throw(env, instance);
  return nullptr;
}

namespace {

// The eventfd that wakes the zygote: one for all threads of the process, and for all processes of the realm.
std::atomic<int> bellOfProcess{-1};

// zygoteBell(): made at the first call, unless it was inherited.
napi_value ZygoteBell(napi_env env, napi_callback_info) {
  int bell = bellOfProcess.load();
  if (bell >= 0) return toNumber(env, bell);
  int fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
  if (fd < 0) return throwErrno(env, errno, "eventfd");
  if (bellOfProcess.compare_exchange_strong(bell, fd)) return toNumber(env, fd);
  close(fd);  // another thread was faster
  return toNumber(env, bell);
}

// zygoteBellInherit(fd): in a child of the realm, before the first use.
napi_value ZygoteBellInherit(napi_env env, napi_callback_info info) {
  bellOfProcess.store(Args<1>(env, info).int32(0));
  return undefined(env);
}

// fdAdopt(fd): moves an inherited descriptor out of the low numbers and marks it close-on-exec; returns the new number.
napi_value FdAdopt(napi_env env, napi_callback_info info) {
  int fd = Args<1>(env, info).int32(0);
  int high = fcntl(fd, F_DUPFD_CLOEXEC, 16);
  if (high < 0) return throwErrno(env, errno, "fcntl");
  close(fd);
  return toNumber(env, high);
}

napi_value FdClose(napi_env env, napi_callback_info info) {
  close(Args<1>(env, info).int32(0));
  return undefined(env);
}

// randomBytes(size): a Buffer of what the kernel draws, up to 256 bytes. For what every program needs: see src/builtins.ts.
napi_value RandomBytes(napi_env env, napi_callback_info info) {
  void* bytes = nullptr;
  napi_value buffer;
  size_t size = Args<1>(env, info).offset(0);
  if (!ok(env, napi_create_buffer(env, size, &bytes, &buffer))) return nullptr;
  if (getrandom(bytes, size, 0) != static_cast<ssize_t>(size)) return throwErrno(env, errno, "getrandom");
  return buffer;
}

// requestFork(slot, bell): hands a filled-in slot (state Claimed) to the zygote.
napi_value RequestFork(napi_env env, napi_callback_info info) {
  Args<2> args(env, info);
  uint32_t index = static_cast<uint32_t>(args.int32(0));
  slot(index).state.store(kRequested);
  pushRequest(index);
  uint64_t one = 1;
  if (write(args.int32(1), &one, sizeof one) < 0 && errno != EAGAIN) return throwErrno(env, errno, "write");
  return undefined(env);
}

// processStartTime(pid): clock ticks after boot; 0 when there is no such process.
napi_value ProcessStartTime(napi_env env, napi_callback_info info) {
  return toNumber(env, static_cast<double>(startTimeOf(Args<1>(env, info).int32(0))));
}

// processSignal(pid, startTime, signal): false when the process has ended. Never hits another process with a re-used pid.
napi_value ProcessSignal(napi_env env, napi_callback_info info) {
  Args<3> args(env, info);
  int fd = openProcess(args.int32(0), args.offset(1));
  bool sent = fd >= 0 && syscall(SYS_pidfd_send_signal, fd, args.int32(2), nullptr, 0) == 0;
  int error = errno;
  if (fd >= 0) close(fd);
  if (!sent && error != ESRCH) return throwErrno(env, error, fd < 0 ? "pidfd_open" : "pidfd_send_signal");
  napi_value result;
  napi_get_boolean(env, sent, &result);
  return result;
}

// processOpen(pid, startTime): a pidfd, readable once the process has ended; one that is readable already if it has.
napi_value ProcessOpen(napi_env env, napi_callback_info info) {
  Args<2> args(env, info);
  int fd = openProcess(args.int32(0), args.offset(1));
  if (fd < 0 && errno == ESRCH) fd = eventfd(1, EFD_CLOEXEC | EFD_NONBLOCK);
  return fd < 0 ? throwErrno(env, errno, "pidfd_open") : toNumber(env, fd);
}

// processExit(slot, code): leaves at once, past Node's own teardown, which waits for threads that a forked child lacks.
napi_value ProcessExit(napi_env env, napi_callback_info info) {
  Args<2> args(env, info);
  int code = args.int32(1) & 0xff;
  slot(static_cast<uint32_t>(args.int32(0))).leaveCode.store(static_cast<uint32_t>(code) + 1);
  _exit(code);
}

// signalIgnore(signal, ignore): for SIGINT in the zygote and in pool workers, where their parent decides.
napi_value SignalIgnore(napi_env env, napi_callback_info info) {
  Args<2> args(env, info);
  signal(args.int32(0), args.boolean(1) ? SIG_IGN : SIG_DFL);
  return undefined(env);
}

// platformThreads(): how many of V8's platform threads a forked child gets back.
napi_value PlatformThreads(napi_env env, napi_callback_info) { return toNumber(env, platformThreads()); }

// fdPoll(fds, timeout): the descriptors that are readable; blocks up to `timeout` ms, -1 for ever.
napi_value FdPoll(napi_env env, napi_callback_info info) {
  Args<2> args(env, info);
  uint32_t length = 0;
  if (!ok(env, napi_get_array_length(env, args.value[0], &length))) return nullptr;
  std::vector<pollfd> fds(length);
  for (uint32_t i = 0; i < length; i++) {
    napi_value item;
    napi_get_element(env, args.value[0], i, &item);
    if (!ok(env, napi_get_value_int32(env, item, &fds[i].fd))) return nullptr;
    fds[i].events = POLLIN;
  }
  double timeout = args.number(1);
  if (poll(fds.data(), length, timeout < 0 ? -1 : static_cast<int>(std::ceil(timeout))) < 0 && errno != EINTR) {
    return throwErrno(env, errno, "poll");
  }
  napi_value ready;
  napi_create_array(env, &ready);
  uint32_t count = 0;
  for (auto& entry : fds) {
    if (entry.revents) napi_set_element(env, ready, count++, toNumber(env, entry.fd));
  }
  return ready;
}

}  // namespace

const Export kProcessExports[20] = {
    {"fdAdopt", FdAdopt},
    {"fdClose", FdClose},
    {"fdPoll", FdPoll},
    {"fdUnwatch", FdUnwatch},
    {"fdWatch", FdWatch},
    {"platformThreads", PlatformThreads},
    {"processExit", ProcessExit},
    {"processOpen", ProcessOpen},
    {"processReap", ProcessReap},
    {"processSignal", ProcessSignal},
    {"processSpawn", ProcessSpawn},
    {"processStartTime", ProcessStartTime},
    {"processWatchParent", ProcessWatchParent},
    {"randomBytes", RandomBytes},
    {"requestFork", RequestFork},
    {"signalIgnore", SignalIgnore},
    {"zygoteBell", ZygoteBell},
    {"zygoteBellInherit", ZygoteBellInherit},
    {"zygoteServe", ZygoteServe},
    {"zygoteTurn", ZygoteTurn},
};

}  // namespace mp
