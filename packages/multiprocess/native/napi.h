// The few Node-API helpers that the addon needs. Every failed call ends in a JavaScript exception, never in silence.
#pragma once
#include <node_api.h>

#include <cstdint>
#include <string>
#include <vector>

namespace mp {

struct Export {
  const char* name;
  napi_callback callback;
};

// Throws the pending Node-API error, if any; true when the call went well.
inline bool ok(napi_env env, napi_status status) {
  if (status == napi_ok) return true;
  bool pending = false;
  napi_is_exception_pending(env, &pending);
  if (!pending) {
    const napi_extended_error_info* info = nullptr;
    napi_get_last_error_info(env, &info);
    napi_throw_error(env, nullptr, info && info->error_message ? info->error_message : "Node-API call failed");
  }
  return false;
}

// Throws an Error with errno's text, `code` (as 'EAGAIN'), `errno` and `syscall`.
napi_value throwErrno(napi_env env, int error, const char* syscall);

template <size_t N>
struct Args {
  napi_env env;
  napi_value value[N];
  size_t count = N;
  void* data = nullptr;
  Args(napi_env e, napi_callback_info info) : env(e) {
    for (auto& v : value) napi_get_undefined(e, &v);
    napi_get_cb_info(e, info, &count, value, nullptr, &data);
  }
  double number(size_t i) const {
    double v = 0;
    ok(env, napi_get_value_double(env, value[i], &v));
    return v;
  }
  int32_t int32(size_t i) const {
    int32_t v = 0;
    ok(env, napi_get_value_int32(env, value[i], &v));
    return v;
  }
  uint64_t offset(size_t i) const { return static_cast<uint64_t>(number(i)); }
  bool boolean(size_t i) const {
    bool v = false;
    ok(env, napi_get_value_bool(env, value[i], &v));
    return v;
  }
  std::string string(size_t i) const {
    size_t length = 0;
    if (!ok(env, napi_get_value_string_utf8(env, value[i], nullptr, 0, &length))) return {};
    std::string s(length, '\0');
    ok(env, napi_get_value_string_utf8(env, value[i], s.data(), length + 1, &length));
    return s;
  }
};

inline napi_value toNumber(napi_env env, double v) {
  napi_value r;
  napi_create_double(env, v, &r);
  return r;
}

inline napi_value undefined(napi_env env) {
  napi_value r;
  napi_get_undefined(env, &r);
  return r;
}

}  // namespace mp
