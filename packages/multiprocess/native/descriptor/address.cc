#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>

#include "descriptor/descriptor.h"

namespace mp {

BrokerAddress::BrokerAddress(uint32_t realmId, uint64_t number) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  // A name that begins with NUL is abstract.
  int length = snprintf(address.sun_path + 1, sizeof address.sun_path - 1, "multiprocess-%08x-%016llx", realmId,
                        static_cast<unsigned long long>(number));
  size = static_cast<uint32_t>(offsetof(sockaddr_un, sun_path) + 1 + static_cast<size_t>(length));
  memcpy(bytes, &address, sizeof address);
}

}  // namespace mp
