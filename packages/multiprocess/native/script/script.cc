// The script of a function. JavaScript can ask the inspector for it, but that looks at all scripts that there are, first. Of V8's own
// functions, see shm/external.cc; and the layout of what this one returns is checked.
#include "script/exports.h"

#define V8_FUNCTION __attribute__((weak, visibility("default")))

namespace v8 {

// As in v8-message.h.
struct ScriptOrigin {
  napi_value name;
  int line, column, options, script;
  void *sourceMap, *hostDefined;
};
constexpr int kIsModule = 1 << 3;

class Function {
 public:
  V8_FUNCTION ScriptOrigin GetScriptOrigin() const;
  V8_FUNCTION int ScriptId() const;
};

}  // namespace v8

namespace mp {
namespace {

// scriptOf(function): { id, name, isModule }; undefined: it has none, or this V8 does not say it.
napi_value ScriptOf(napi_env env, napi_callback_info info) {
  Args<1> args(env, info);
  napi_valuetype type = napi_undefined;
  if (!ok(env, napi_typeof(env, args.value[0], &type)) || type != napi_function) return undefined(env);
  if (!&v8::Function::GetScriptOrigin || !&v8::Function::ScriptId) return undefined(env);
  auto function = reinterpret_cast<const v8::Function*>(args.value[0]);
  int id = function->ScriptId();
  v8::ScriptOrigin origin = function->GetScriptOrigin();
  if (id <= 0 || origin.script != id || !origin.name) return undefined(env);
  napi_value script, isModule;
  bool made = ok(env, napi_create_object(env, &script)) &&
              ok(env, napi_get_boolean(env, origin.options & v8::kIsModule, &isModule)) &&
              ok(env, napi_set_named_property(env, script, "id", toNumber(env, id))) &&
              ok(env, napi_set_named_property(env, script, "name", origin.name)) &&
              ok(env, napi_set_named_property(env, script, "isModule", isModule));
  return made ? script : nullptr;
}

}  // namespace

const Export kScriptExports[] = {{"scriptOf", ScriptOf}};

}  // namespace mp
