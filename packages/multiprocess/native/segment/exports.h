// What JavaScript calls of segments.
#pragma once
#include "napi.h"

namespace mp {

extern const Export kSegmentExports[7];

}  // namespace mp
