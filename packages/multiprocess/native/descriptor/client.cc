// The descriptor functions that JavaScript calls: the sender's and the receiver's side of descriptor.h. They block, for some
// tens of microseconds; a broker that does not answer within the limit is as good as dead.
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/random.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include "descriptor/descriptor.h"
#include "descriptor/exports.h"
#include "descriptor/message.h"
#include "shm/realm.h"

namespace mp {
namespace {

constexpr timeval kLimit{10, 0};

// A connection to a broker; closed at the end of the exchange.
class Exchange {
 public:
  explicit Exchange(uint64_t broker) { error = open(broker); }
  ~Exchange() {
    if (fd_ >= 0) close(fd_);
  }
  Exchange(const Exchange&) = delete;
  Exchange& operator=(const Exchange&) = delete;

  // Sends a request, with a descriptor unless that is -1; the descriptor that is answered, or -1.
  int ask(const DescriptorRequest& request, int descriptor) {
    if (error) return -1;
    syscall = "sendmsg";
    error = sendWithDescriptor(fd_, &request, sizeof request, descriptor, 0);
    if (error) return -1;
    syscall = "recvmsg";
    int answer = 0, answered = -1;
    error = receiveWithDescriptor(fd_, &answer, sizeof answer, answered, 0);
    if (!error) error = answer;
    if (!error) return answered;
    if (answered >= 0) close(answered);
    return -1;
  }

  const char* syscall = "connect";
  int error = 0;

 private:
  int open(uint64_t broker) {
    fd_ = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0);
    if (fd_ < 0) return errno;
    setsockopt(fd_, SOL_SOCKET, SO_SNDTIMEO, &kLimit, sizeof kLimit);
    setsockopt(fd_, SOL_SOCKET, SO_RCVTIMEO, &kLimit, sizeof kLimit);
    AbstractAddress address = brokerAddress(header().realmId, broker);
    while (connect(fd_, address.any(), address.size) < 0) {
      if (errno != EINTR) return errno;
    }
    return isOurs() ? 0 : EACCES;
  }

  // Somebody else may have taken the address of a broker that was killed.
  bool isOurs() const {
    ucred peer{};
    socklen_t size = sizeof peer;
    if (getsockopt(fd_, SOL_SOCKET, SO_PEERCRED, &peer, &size) < 0) return false;
    return peer.uid == geteuid() || peer.uid == 0;
  }

  int fd_ = -1;
};

bool readTicket(napi_env env, napi_value value, Ticket& ticket) {
  void* bytes = nullptr;
  size_t length = 0;
  if (napi_get_typedarray_info(env, value, nullptr, &length, &bytes, nullptr, nullptr) != napi_ok || length != sizeof ticket) {
    throwErrno(env, EINVAL, "ticket");
    return false;
  }
  memcpy(&ticket, bytes, sizeof ticket);
  return true;
}

napi_value writeTicket(napi_env env, const Ticket& ticket) {
  void* bytes = nullptr;
  napi_value buffer, array = nullptr;
  if (!ok(env, napi_create_arraybuffer(env, sizeof ticket, &bytes, &buffer))) return nullptr;
  memcpy(bytes, &ticket, sizeof ticket);
  ok(env, napi_create_typedarray(env, napi_uint8_array, sizeof ticket, buffer, 0, &array));
  return array;
}

// descriptorKeep(fd, receiver, generation): leaves a copy with the broker; its ticket. ECONNREFUSED: there is no broker.
napi_value DescriptorKeep(napi_env env, napi_callback_info info) {
  Args<3> args(env, info);
  DescriptorRequest request{};
  request.command = kKeep;
  request.receiver = static_cast<uint32_t>(args.number(1));
  request.generation = static_cast<uint32_t>(args.number(2));
  request.ticket.broker = header().broker.load();
  if (request.ticket.broker == 0) return throwErrno(env, ECONNREFUSED, "connect");
  // From the kernel: what a forked child has cached, its brothers have, too.
  if (getrandom(request.ticket.secret, sizeof request.ticket.secret, 0) != sizeof request.ticket.secret) {
    return throwErrno(env, errno, "getrandom");
  }
  Exchange exchange(request.ticket.broker);
  exchange.ask(request, args.int32(0));
  return exchange.error ? throwErrno(env, exchange.error, exchange.syscall) : writeTicket(env, request.ticket);
}

napi_value redeem(napi_env env, napi_callback_info info, DescriptorCommand command) {
  Args<1> args(env, info);
  DescriptorRequest request{};
  request.command = command;
  if (!readTicket(env, args.value[0], request.ticket)) return nullptr;
  Exchange exchange(request.ticket.broker);
  int fd = exchange.ask(request, -1);
  if (exchange.error) return throwErrno(env, exchange.error, exchange.syscall);
  return toNumber(env, fd);
}

// descriptorTake(ticket): the descriptor, once. ENOENT: it has been taken; ECONNREFUSED: its broker is dead.
napi_value DescriptorTake(napi_env env, napi_callback_info info) { return redeem(env, info, kTake); }

// descriptorDrop(ticket): has the broker close its copy.
napi_value DescriptorDrop(napi_env env, napi_callback_info info) { return redeem(env, info, kDrop); }

// descriptorCopy(fd): another descriptor of the same, close-on-exec.
napi_value DescriptorCopy(napi_env env, napi_callback_info info) {
  int copy = fcntl(Args<1>(env, info).int32(0), F_DUPFD_CLOEXEC, 3);
  return copy < 0 ? throwErrno(env, errno, "fcntl") : toNumber(env, copy);
}

// descriptorPair(): two connected Unix sockets, [fd, fd].
napi_value DescriptorPair(napi_env env, napi_callback_info) {
  int ends[2];
  if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0, ends) < 0) return throwErrno(env, errno, "socketpair");
  napi_value pair;
  napi_create_array_with_length(env, 2, &pair);
  for (uint32_t i = 0; i < 2; i++) napi_set_element(env, pair, i, toNumber(env, ends[i]));
  return pair;
}

}  // namespace

const Export kDescriptorExports[] = {
    {"descriptorCopy", DescriptorCopy},
    {"descriptorDrop", DescriptorDrop},
    {"descriptorKeep", DescriptorKeep},
    {"descriptorPair", DescriptorPair},
    {"descriptorTake", DescriptorTake},
};

}  // namespace mp
