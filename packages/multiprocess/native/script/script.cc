// Scripts, and the functions that are from them. JavaScript can ask the inspector, but that looks at all scripts that there are, first.
// About calling V8's own functions see shm/external.cc. The layout of what GetScriptOrigin returns is checked.
#include "script/exports.h"

// Members of V8's classes as functions of C, whose addresses can be compared.
#define V8_FUNCTION(name) __asm__(name) __attribute__((weak, visibility("default")))

namespace v8 {

// As in v8-message.h.
struct ScriptOrigin {
  napi_value name;
  int line, column, options, script;
  void *sourceMap, *hostDefined;
};
constexpr int kIsModule = 1 << 3;

struct Isolate;
struct StackTrace;
struct StackFrame;

ScriptOrigin originOf(napi_value function) V8_FUNCTION("_ZNK2v88Function15GetScriptOriginEv");
int functionScript(napi_value function) V8_FUNCTION("_ZNK2v88Function8ScriptIdEv");
Isolate* currentIsolate() V8_FUNCTION("_ZN2v87Isolate10GetCurrentEv");
StackTrace* currentStack(Isolate*, int limit, int options) V8_FUNCTION("_ZN2v810StackTrace17CurrentStackTraceEPNS_7IsolateEiNS0_17StackTraceOptionsE");
int countOf(StackTrace*) V8_FUNCTION("_ZNK2v810StackTrace13GetFrameCountEv");
StackFrame* frameOf(StackTrace*, Isolate*, uint32_t index) V8_FUNCTION("_ZNK2v810StackTrace8GetFrameEPNS_7IsolateEj");
int frameScript(StackFrame*) V8_FUNCTION("_ZNK2v810StackFrame11GetScriptIdEv");
napi_value sourceOf(StackFrame*) V8_FUNCTION("_ZNK2v810StackFrame15GetScriptSourceEv");

}  // namespace v8

namespace mp {
namespace {

// scriptOf(function): { id, name, isModule }; undefined: it has none, or this V8 does not say it.
napi_value ScriptOf(napi_env env, napi_callback_info info) {
  Args<1> args(env, info);
  napi_valuetype type = napi_undefined;
  if (!ok(env, napi_typeof(env, args.value[0], &type)) || type != napi_function) return undefined(env);
  if (!v8::originOf || !v8::functionScript) return undefined(env);
  int id = v8::functionScript(args.value[0]);
  v8::ScriptOrigin origin = v8::originOf(args.value[0]);
  if (id <= 0 || origin.script != id || !origin.name) return undefined(env);
  napi_value script, isModule;
  bool made = ok(env, napi_create_object(env, &script)) &&
              ok(env, napi_get_boolean(env, origin.options & v8::kIsModule, &isModule)) &&
              ok(env, napi_set_named_property(env, script, "id", toNumber(env, id))) &&
              ok(env, napi_set_named_property(env, script, "name", origin.name)) &&
              ok(env, napi_set_named_property(env, script, "isModule", isModule));
  return made ? script : nullptr;
}

constexpr int kMostFrames = 100;

// scriptOnStack(id): the source of a script one of whose functions is being called; undefined: there is none.
napi_value ScriptOnStack(napi_env env, napi_callback_info info) {
  Args<1> args(env, info);
  if (!v8::currentIsolate || !v8::currentStack || !v8::countOf || !v8::frameOf || !v8::frameScript || !v8::sourceOf) return undefined(env);
  v8::Isolate* isolate = v8::currentIsolate();
  v8::StackTrace* stack = v8::currentStack(isolate, kMostFrames, 0);  // options say nothing, says V8
  for (int i = 0; stack && i < v8::countOf(stack); i++) {
    v8::StackFrame* frame = v8::frameOf(stack, isolate, i);
    if (v8::frameScript(frame) != args.int32(0)) continue;
    napi_value source = v8::sourceOf(frame);
    return source ? source : undefined(env);
  }
  return undefined(env);
}

}  // namespace

const Export kScriptExports[] = {{"scriptOf", ScriptOf}, {"scriptOnStack", ScriptOnStack}};

}  // namespace mp
