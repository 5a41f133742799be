// spawn: a new Node by posix_spawn, with the realm and the zygote's bell among its file descriptors.
#include "process/spawn.h"

#include <errno.h>

#include "process/process.h"

namespace mp {
namespace {

std::vector<std::string> stringArray(napi_env env, napi_value array) {
  uint32_t length = 0;
  if (!ok(env, napi_get_array_length(env, array, &length))) return {};
  std::vector<std::string> out(length);
  for (uint32_t i = 0; i < length; i++) {
    napi_value item;
    size_t size = 0;
    if (!ok(env, napi_get_element(env, array, i, &item))) return {};
    if (!ok(env, napi_get_value_string_utf8(env, item, nullptr, 0, &size))) return {};
    out[i].resize(size);
    napi_get_value_string_utf8(env, item, out[i].data(), size + 1, &size);
  }
  return out;
}

std::vector<char*> pointers(std::vector<std::string>& strings) {
  std::vector<char*> out;
  for (auto& s : strings) out.push_back(s.data());
  out.push_back(nullptr);
  return out;
}

}  // namespace

// processSpawn(file, argv, env, cwd, realmFd, bell): pid. stdin is /dev/null, 1 and 2 are inherited, 3 is the realm, 4 the bell.
napi_value ProcessSpawn(napi_env env, napi_callback_info info) {
  Args<6> args(env, info);
  std::string file = args.string(0), cwd = args.string(3);
  std::vector<std::string> argv = stringArray(env, args.value[1]), environment = stringArray(env, args.value[2]);
  HighCopy realm(args.int32(4)), bell(args.int32(5));
  if (realm.fd < 0 || bell.fd < 0) return throwErrno(env, errno, "fcntl");
  FileActions actions;
  posix_spawn_file_actions_addopen(&actions.value, 0, "/dev/null", O_RDONLY, 0);
  // Node marks its own standard streams close-on-exec; dup2 of a descriptor to itself clears that.
  posix_spawn_file_actions_adddup2(&actions.value, 1, 1);
  posix_spawn_file_actions_adddup2(&actions.value, 2, 2);
  posix_spawn_file_actions_adddup2(&actions.value, realm.fd, 3);
  posix_spawn_file_actions_adddup2(&actions.value, bell.fd, 4);
  if (!cwd.empty()) posix_spawn_file_actions_addchdir_np(&actions.value, cwd.c_str());
  Attributes attributes;
  pid_t pid = 0;
  int error = posix_spawn(&pid, file.c_str(), &actions.value, &attributes.value, pointers(argv).data(), pointers(environment).data());
  if (error) return throwErrno(env, error, "posix_spawn");
  return toNumber(env, pid);
}

}  // namespace mp
