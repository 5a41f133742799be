// Addresses of Unix sockets that have no file, and go with their process: abstract ones. Plain C++: no Node-API here.
#pragma once
#include <sys/socket.h>
#include <sys/un.h>

namespace mp {

struct AbstractAddress {
  sockaddr_un address{};
  socklen_t size;
  // Of at most 107 characters.
  explicit AbstractAddress(const char* name);
  const sockaddr* any() const { return reinterpret_cast<const sockaddr*>(&address); }
};

}  // namespace mp
