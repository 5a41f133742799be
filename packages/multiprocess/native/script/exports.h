// What JavaScript calls of scripts.
#pragma once
#include "napi.h"

namespace mp {

extern const Export kScriptExports[1];

}  // namespace mp
