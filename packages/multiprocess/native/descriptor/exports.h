// What JavaScript calls of descriptors in flight.
#pragma once
#include "napi.h"

namespace mp {

extern const Export kDescriptorExports[5];

}  // namespace mp
