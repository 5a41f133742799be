// What JavaScript calls of scripts.
#pragma once
#include "napi.h"

namespace mp {

extern const Export kScriptExports[2];

}  // namespace mp
