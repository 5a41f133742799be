// The addon's export table. What each function does stands beside its definition.
#include "descriptor/exports.h"
#include "napi.h"
#include "process/process.h"
#include "script/exports.h"
#include "segment/exports.h"
#include "shm/shm.h"
#include "socket/exports.h"
#include "wait/wait.h"

namespace {

template <size_t N>
bool define(napi_env env, napi_value exports, const mp::Export (&table)[N]) {
  for (const auto& entry : table) {
    napi_value fn;
    if (!mp::ok(env, napi_create_function(env, entry.name, NAPI_AUTO_LENGTH, entry.callback, nullptr, &fn))) return false;
    if (!mp::ok(env, napi_set_named_property(env, exports, entry.name, fn))) return false;
  }
  return true;
}

}  // namespace

NAPI_MODULE_INIT() {
  define(env, exports, mp::kRealmExports) && define(env, exports, mp::kCellExports) && define(env, exports, mp::kCopyExports) &&
      define(env, exports, mp::kLendExports) &&
      define(env, exports, mp::kWaitExports) &&
      define(env, exports, mp::kProcessExports) && define(env, exports, mp::kSegmentExports) &&
      define(env, exports, mp::kSocketExports) && define(env, exports, mp::kDescriptorExports) &&
      define(env, exports, mp::kScriptExports);
  return exports;
}
