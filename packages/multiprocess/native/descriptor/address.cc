#include <cstdio>

#include "descriptor/descriptor.h"

namespace mp {

AbstractAddress brokerAddress(uint32_t realmId, uint64_t number) {
  char name[64];
  snprintf(name, sizeof name, "multiprocess-%08x-%016llx", realmId, static_cast<unsigned long long>(number));
  return AbstractAddress(name);
}

}  // namespace mp
