#include "socket/address.h"

#include <cstddef>
#include <cstring>

namespace mp {

AbstractAddress::AbstractAddress(const char* name) {
  address.sun_family = AF_UNIX;
  size_t length = strlen(name);
  memcpy(address.sun_path + 1, name, length);  // a name that begins with NUL is abstract
  size = static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + 1 + length);
}

}  // namespace mp
