#include "descriptor/message.h"

#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

namespace mp {
namespace {

// Room for more than the one descriptor that was agreed on: the rest is closed, not lost.
constexpr size_t kControlSize = CMSG_SPACE(4 * sizeof(int));

}  // namespace

int sendWithDescriptor(int socket, const void* data, size_t size, int descriptor, int flags) {
  alignas(cmsghdr) char control[kControlSize]{};
  iovec part{const_cast<void*>(data), size};
  msghdr message{};
  message.msg_iov = &part;
  message.msg_iovlen = 1;
  if (descriptor >= 0) {
    message.msg_control = control;
    message.msg_controllen = CMSG_SPACE(sizeof descriptor);
    cmsghdr* rights = CMSG_FIRSTHDR(&message);
    rights->cmsg_level = SOL_SOCKET;
    rights->cmsg_type = SCM_RIGHTS;
    rights->cmsg_len = CMSG_LEN(sizeof descriptor);
    memcpy(CMSG_DATA(rights), &descriptor, sizeof descriptor);
  }
  while (sendmsg(socket, &message, MSG_NOSIGNAL | flags) < 0) {
    if (errno != EINTR) return errno;
  }
  return 0;
}

int receiveWithDescriptor(int socket, void* data, size_t size, int& descriptor, int flags) {
  alignas(cmsghdr) char control[kControlSize];
  iovec part{data, size};
  msghdr message{};
  message.msg_iov = &part;
  message.msg_iovlen = 1;
  message.msg_control = control;
  message.msg_controllen = sizeof control;
  descriptor = -1;
  ssize_t received;
  while ((received = recvmsg(socket, &message, MSG_CMSG_CLOEXEC | flags)) < 0) {
    if (errno != EINTR) return errno;
  }
  for (cmsghdr* rights = CMSG_FIRSTHDR(&message); rights; rights = CMSG_NXTHDR(&message, rights)) {
    if (rights->cmsg_level != SOL_SOCKET || rights->cmsg_type != SCM_RIGHTS) continue;
    for (size_t at = CMSG_LEN(0); at + sizeof(int) <= rights->cmsg_len; at += sizeof(int)) {
      if (descriptor >= 0) close(descriptor);
      memcpy(&descriptor, CMSG_DATA(rights) + (at - CMSG_LEN(0)), sizeof descriptor);
    }
  }
  if (message.msg_flags & MSG_CTRUNC) return EMFILE;
  if (received == 0) return ECONNRESET;
  return received == static_cast<ssize_t>(size) ? 0 : EPROTO;
}

}  // namespace mp
