// A connected stream socket that JavaScript reads and writes without waiting, and waits for in two ways: on its event loop,
// and by blocking the thread. Node's own sockets cannot do the second.
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <unistd.h>
#include <uv.h>

#include <algorithm>
#include <cmath>

#include "socket/exports.h"

namespace mp {
namespace {

// Events, as JavaScript knows them: uv's own numbers.
static_assert(UV_READABLE == 1 && UV_WRITABLE == 2);

struct Socket {
  uv_poll_t poll;
  int fd;  // its own copy: an event loop takes each descriptor only once
  int watched = 0;
  napi_env env;
  napi_ref callback;
  napi_async_context context;
  napi_async_cleanup_hook_handle cleanup;  // a worker thread may end while a socket is open
  bool closed = false;
  int owners = 2;  // the event loop, until the handle is closed, and the JavaScript object
};

void disown(Socket* socket) {
  if (--socket->owners == 0) delete socket;
}

void shut(Socket* socket) {
  if (socket->closed) return;
  socket->closed = true;
  napi_delete_reference(socket->env, socket->callback);
  napi_async_destroy(socket->env, socket->context);
  uv_close(reinterpret_cast<uv_handle_t*>(&socket->poll), [](uv_handle_t* handle) {
    auto* closed = static_cast<Socket*>(handle->data);
    napi_remove_async_cleanup_hook(closed->cleanup);
    disown(closed);
  });
  close(socket->fd);  // at once: the other end sees it although this thread may block from now on
}

// When the JavaScript object is collected, or its thread ends.
void forget(napi_env, void* data, void*) {
  shut(static_cast<Socket*>(data));
  disown(static_cast<Socket*>(data));
}

void onEvent(uv_poll_t* poll, int status, int events) {
  auto* socket = static_cast<Socket*>(poll->data);
  if (status < 0) {  // libuv has stopped watching; reading or writing will say why
    socket->watched = 0;
    events = UV_READABLE | UV_WRITABLE;
  }
  napi_env env = socket->env;
  napi_handle_scope scope;
  napi_open_handle_scope(env, &scope);
  napi_value callback, global, argument = toNumber(env, events);
  napi_get_global(env, &global);
  napi_get_reference_value(env, socket->callback, &callback);
  if (napi_make_callback(env, socket->context, global, callback, 1, &argument, nullptr) == napi_pending_exception) {
    napi_value error;
    napi_get_and_clear_last_exception(env, &error);
    napi_fatal_exception(env, error);
  }
  napi_close_handle_scope(env, scope);
}

// The socket of the first argument; nullptr, and an exception, when it is closed.
Socket* socketOf(napi_env env, napi_value external) {
  void* socket = nullptr;
  if (!ok(env, napi_get_value_external(env, external, &socket))) return nullptr;
  if (!static_cast<Socket*>(socket)->closed) return static_cast<Socket*>(socket);
  throwErrno(env, EBADF, "socket");
  return nullptr;
}

struct Span {
  uint8_t* data = nullptr;
  size_t length = 0;
};

bool spanOf(napi_env env, napi_value array, Span& span) {
  void* data = nullptr;
  bool isArray = ok(env, napi_get_typedarray_info(env, array, nullptr, &span.length, &data, nullptr, nullptr));
  span.data = static_cast<uint8_t*>(data);
  return isArray;
}

// socketOpen(fd, onEvent): a socket over a copy of `fd`, which stays the caller's. onEvent(events) is called as socketWatch says.
napi_value SocketOpen(napi_env env, napi_callback_info info) {
  Args<2> args(env, info);
  uv_loop_t* loop = nullptr;
  if (!ok(env, napi_get_uv_event_loop(env, &loop))) return nullptr;
  int copy = fcntl(args.int32(0), F_DUPFD_CLOEXEC, 16);
  if (copy < 0) return throwErrno(env, errno, "fcntl");
  auto* socket = new Socket{};
  socket->env = env;
  socket->fd = copy;
  socket->poll.data = socket;
  if (int error = uv_poll_init(loop, &socket->poll, copy)) {
    close(copy);
    delete socket;
    return throwErrno(env, -error, "uv_poll_init");
  }
  napi_value name, external;
  napi_create_string_utf8(env, "multiprocess:socket", NAPI_AUTO_LENGTH, &name);
  napi_async_init(env, nullptr, name, &socket->context);
  napi_create_reference(env, args.value[1], 1, &socket->callback);
  napi_add_async_cleanup_hook(env, [](napi_async_cleanup_hook_handle, void* data) { shut(static_cast<Socket*>(data)); }, socket, &socket->cleanup);
  ok(env, napi_create_external(env, socket, forget, nullptr, &external));
  return external;
}

// socketWatch(socket, events): from now on onEvent is called while one of these events can be acted upon; 0: no more. Keeps
// the event loop alive as long as it watches for something.
napi_value SocketWatch(napi_env env, napi_callback_info info) {
  Args<2> args(env, info);
  Socket* socket = socketOf(env, args.value[0]);
  int events = args.int32(1);
  if (!socket || events == socket->watched) return undefined(env);
  int error = events ? uv_poll_start(&socket->poll, events, onEvent) : uv_poll_stop(&socket->poll);
  if (error) return throwErrno(env, -error, "uv_poll_start");
  socket->watched = events;
  return undefined(env);
}

// socketRead(socket, buffer, offset): reads into the rest of `buffer` what has come; how many bytes, 0 at the end, -1 for nothing yet.
napi_value SocketRead(napi_env env, napi_callback_info info) {
  Args<3> args(env, info);
  Socket* socket = socketOf(env, args.value[0]);
  Span buffer;
  if (!socket || !spanOf(env, args.value[1], buffer)) return nullptr;
  size_t offset = std::min<size_t>(args.offset(2), buffer.length);
  for (;;) {
    ssize_t count = recv(socket->fd, buffer.data + offset, buffer.length - offset, MSG_DONTWAIT);
    if (count >= 0) return toNumber(env, static_cast<double>(count));
    if (errno == EAGAIN) return toNumber(env, -1);
    if (errno != EINTR) return throwErrno(env, errno, "recv");
  }
}

// socketWrite(socket, header, payload, done): writes both, as if they were one, from byte `done` on; how many bytes were taken.
napi_value SocketWrite(napi_env env, napi_callback_info info) {
  Args<4> args(env, info);
  Socket* socket = socketOf(env, args.value[0]);
  Span header, payload;
  if (!socket || !spanOf(env, args.value[1], header) || !spanOf(env, args.value[2], payload)) return nullptr;
  size_t done = args.offset(3), skipped = std::min(done, header.length);
  done = std::min(done - skipped, payload.length);
  iovec parts[2] = {{header.data + skipped, header.length - skipped}, {payload.data + done, payload.length - done}};
  msghdr message{};
  message.msg_iov = parts;
  message.msg_iovlen = 2;
  for (;;) {
    ssize_t count = sendmsg(socket->fd, &message, MSG_DONTWAIT | MSG_NOSIGNAL);
    if (count >= 0) return toNumber(env, static_cast<double>(count));
    if (errno == EAGAIN) return toNumber(env, 0);
    if (errno != EINTR) return throwErrno(env, errno, "sendmsg");
  }
}

// socketPoll(socket, events, timeout): blocks the thread until one of the events can be acted upon, for up to `timeout` ms, -1
// for ever. False when the time passed first, or a signal cut the wait short.
napi_value SocketPoll(napi_env env, napi_callback_info info) {
  Args<3> args(env, info);
  Socket* socket = socketOf(env, args.value[0]);
  if (!socket) return nullptr;
  int events = args.int32(1);
  double timeout = args.number(2);
  pollfd entry{socket->fd, static_cast<short>((events & UV_READABLE ? POLLIN : 0) | (events & UV_WRITABLE ? POLLOUT : 0)), 0};
  int limit = timeout < 0 ? -1 : static_cast<int>(std::min(std::ceil(timeout), 1e9));
  if (poll(&entry, 1, limit) < 0 && errno != EINTR) return throwErrno(env, errno, "poll");
  napi_value result;
  napi_get_boolean(env, entry.revents != 0, &result);
  return result;
}

// socketClose(socket): any number of times.
napi_value SocketClose(napi_env env, napi_callback_info info) {
  Args<1> args(env, info);
  void* socket = nullptr;
  if (ok(env, napi_get_value_external(env, args.value[0], &socket))) shut(static_cast<Socket*>(socket));
  return undefined(env);
}

}  // namespace

const Export kSocketExports[6] = {
    {"socketClose", SocketClose},
    {"socketOpen", SocketOpen},
    {"socketPoll", SocketPoll},
    {"socketRead", SocketRead},
    {"socketWatch", SocketWatch},
    {"socketWrite", SocketWrite},
};

}  // namespace mp
