// Shared memory: the realm, its allocator, and what JavaScript calls of them.
#pragma once
#include "napi.h"
#include "shm/allocator.h"
#include "shm/realm.h"

namespace mp {

extern const Export kRealmExports[12];
extern const Export kCellExports[14];
extern const Export kCopyExports[2];
extern const Export kLendExports[2];

}  // namespace mp
