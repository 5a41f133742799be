// What JavaScript calls of sockets.
#pragma once
#include "napi.h"

namespace mp {

extern const Export kSocketExports[6];

}  // namespace mp
