// The segment functions that JavaScript calls.
#include "segment/exports.h"

#include <errno.h>
#include <sys/mman.h>
#include <unistd.h>

#include "segment/end.h"
#include "segment/keeper.h"
#include "segment/segment.h"

namespace mp {
namespace {

struct Mapping {
  void* base;
  size_t size;

  void unmap() {
    if (base) munmap(base, size);
    base = nullptr;
  }
};

// When the buffer is collected, some time after it was detached, or when its thread ends.
void forget(napi_env, void*, void* hint) {
  auto* mapping = static_cast<Mapping*>(hint);
  mapping->unmap();
  delete mapping;
}

// The ArrayBuffer over a segment; takes its descriptor. The buffer knows its mapping, for segmentUnmap.
napi_value map(napi_env env, const OpenSegment& segment) {
  if (segment.error) return throwErrno(env, segment.error, segment.syscall);
  void* base = mmap(nullptr, segment.size, PROT_READ | PROT_WRITE, MAP_SHARED, segment.fd, 0);
  int error = errno;
  close(segment.fd);
  if (base == MAP_FAILED) return throwErrno(env, error, "mmap");
  auto* mapping = new Mapping{base, segment.size};
  napi_value buffer = nullptr;
  if (!ok(env, napi_create_external_arraybuffer(env, base, segment.size, forget, mapping, &buffer))) {
    forget(env, nullptr, mapping);
    return nullptr;
  }
  return ok(env, napi_wrap(env, buffer, mapping, nullptr, nullptr, nullptr)) ? buffer : nullptr;
}

// segmentCreate(name, size, keeper): the buffer of a new segment.
napi_value SegmentCreate(napi_env env, napi_callback_info info) {
  Args<3> args(env, info);
  std::string name = args.string(0);
  OpenSegment segment = createSegment(name.c_str(), args.offset(1), static_cast<uint32_t>(args.int32(2)));
  napi_value buffer = map(env, segment);
  if (!buffer && !segment.error) unlinkSegment(name.c_str());
  return buffer;
}

// segmentOpen(name): the buffer of an existing segment.
napi_value SegmentOpen(napi_env env, napi_callback_info info) {
  return map(env, openSegment(Args<1>(env, info).string(0).c_str()));
}

// segmentUnmap(buffer): detaches the buffer, and with it every view of it, then gives the address space back.
napi_value SegmentUnmap(napi_env env, napi_callback_info info) {
  Args<1> args(env, info);
  void* mapping = nullptr;
  if (!ok(env, napi_detach_arraybuffer(env, args.value[0]))) return nullptr;
  if (!ok(env, napi_remove_wrap(env, args.value[0], &mapping))) return nullptr;
  static_cast<Mapping*>(mapping)->unmap();
  return undefined(env);
}

// segmentUnlink(name): takes the name away.
napi_value SegmentUnlink(napi_env env, napi_callback_info info) {
  int error = unlinkSegment(Args<1>(env, info).string(0).c_str());
  return error ? throwErrno(env, error, "unlink") : undefined(env);
}

// fileKeep(path, keeper): puts a file, or a folder for a socket, on the list of this keeper.
napi_value FileKeep(napi_env env, napi_callback_info info) {
  Args<2> args(env, info);
  std::string path = args.string(0);
  struct stat file{};
  if (lstat(path.c_str(), &file) < 0) return throwErrno(env, errno, "lstat");
  if (keepFile(path.c_str(), file, static_cast<uint32_t>(args.int32(1))) == 0) return throwErrno(env, ENOMEM, "realm");
  return undefined(env);
}

// fileRemove(path): removes what fileKeep has been told.
napi_value FileRemove(napi_env env, napi_callback_info info) {
  std::string path = Args<1>(env, info).string(0);
  struct stat file{};
  if (lstat(path.c_str(), &file) < 0) return throwErrno(env, errno, "lstat");
  int error = removeFile(path.c_str(), file);
  if (error) return throwErrno(env, error, "unlink");
  forgetFile(file);
  return undefined(env);
}

// keeperStart(path, slot): the program at `path` keeps the files that the slot's records name.
napi_value KeeperStart(napi_env env, napi_callback_info info) {
  Args<2> args(env, info);
  int error = startKeeper(args.string(0), static_cast<uint32_t>(args.int32(1)));
  return error ? throwErrno(env, error, "posix_spawn") : undefined(env);
}

}  // namespace

const Export kSegmentExports[] = {
    {"fileKeep", FileKeep},           {"fileRemove", FileRemove},   {"keeperStart", KeeperStart},
    {"segmentCreate", SegmentCreate}, {"segmentOpen", SegmentOpen}, {"segmentUnlink", SegmentUnlink},
    {"segmentUnmap", SegmentUnmap},
};

}  // namespace mp
