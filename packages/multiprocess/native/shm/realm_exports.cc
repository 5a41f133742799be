// The shared-memory functions that JavaScript calls.
#include <errno.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "shm/external.h"
#include "shm/shm.h"
#include "wait/wait.h"

namespace mp {
namespace {

napi_value fail(napi_env env, const RealmError& error) {
  if (error.error == EFBIG) return throwErrno(env, EFBIG, "ftruncate (RLIMIT_FSIZE, `ulimit -f`, is below the realm's size)");
  if (error.error == ENOMEM) return throwErrno(env, ENOMEM, "mmap (RLIMIT_AS, `ulimit -v`, or vm.overcommit_memory=2)");
  if (error.error == EINVAL) return throwErrno(env, EINVAL, "realm (not a realm, or one of another layout version)");
  if (error.error == EBUSY) return throwErrno(env, EBUSY, "realm (this process has another one)");
  return throwErrno(env, error.error, error.syscall);
}

// realmCreate(): creates the process's realm if it has none; its memfd.
napi_value RealmCreate(napi_env env, napi_callback_info) {
  if (RealmError error = createRealm()) return fail(env, error);
  return toNumber(env, realmFd);
}

// realmAttach(fd): maps an inherited realm.
napi_value RealmAttach(napi_env env, napi_callback_info info) {
  if (RealmError error = attachRealm(Args<1>(env, info).int32(0))) return fail(env, error);
  return undefined(env);
}

// realmFd(): the memfd of the process's realm; -1 when it has none.
napi_value RealmFd(napi_env env, napi_callback_info) { return toNumber(env, realmFd); }

// The part of the realm that the arguments (offset, length) name; null: something was thrown.
uint8_t* partOf(napi_env env, uint64_t offset, uint64_t length) {
  if (realmBase && offset <= kRealmSize && length <= kRealmSize - offset) return realmBase + offset;
  napi_throw_range_error(env, nullptr, "outside of the realm");
  return nullptr;
}

// realmBuffer(offset, length): an ArrayBuffer over a part of the realm. It frees nothing: the mapping outlives it.
napi_value RealmBuffer(napi_env env, napi_callback_info info) {
  Args<2> args(env, info);
  uint64_t length = args.offset(1);
  uint8_t* part = partOf(env, args.offset(0), length);
  napi_value buffer = nullptr;
  if (part) ok(env, napi_create_external_arraybuffer(env, part, length, nullptr, nullptr, &buffer));
  return buffer;
}

// realmWindow(offset, length): the same, but V8 does not count it as memory of the program where that can be had.
napi_value RealmWindow(napi_env env, napi_callback_info info) {
  Args<2> args(env, info);
  uint64_t length = args.offset(1);
  uint8_t* part = partOf(env, args.offset(0), length);
  napi_value buffer = part ? externalBuffer(part, length) : nullptr;
  return buffer || !part ? buffer : RealmBuffer(env, info);
}

// threadRename(name): what `ps -L` and debuggers call the calling thread; 15 bytes of it.
napi_value ThreadRename(napi_env env, napi_callback_info info) {
  Args<1> args(env, info);
  char name[16];
  size_t length = 0;
  if (!ok(env, napi_get_value_string_utf8(env, args.value[0], name, sizeof name, &length))) return nullptr;
  prctl(PR_SET_NAME, name);
  return undefined(env);
}

// threadNativeId(): the kernel's id of the calling thread.
napi_value ThreadNativeId(napi_env env, napi_callback_info) {
  return toNumber(env, static_cast<double>(syscall(SYS_gettid)));
}

// realmOverlay(bytes, offset): has these bytes of a WebAssembly memory be those of the realm from `offset` on. False when the
// kernel refuses.
napi_value RealmOverlay(napi_env env, napi_callback_info info) {
  Args<2> args(env, info);
  napi_typedarray_type type;
  size_t length = 0;
  void* bytes = nullptr;
  if (!ok(env, napi_get_typedarray_info(env, args.value[0], &type, &length, &bytes, nullptr, nullptr))) return nullptr;
  napi_value done = nullptr;
  ok(env, napi_get_boolean(env, overlayRealm(bytes, length, args.offset(1)), &done));
  return done;
}

void leaveSlot() {
  uint32_t index = threadSlot;
  if (index == kNoSlot) return;
  freeSlot(index);
  threadSlot = kNoSlot;
  futexWake(&slot(index).state, INT32_MAX);  // for joinSync
}

// slotSelf(slot): the slot of the calling thread, which it frees when its environment ends, unless it has by then; of the whole
// process when `isProcess`.
napi_value SlotSelf(napi_env env, napi_callback_info info) {
  Args<2> args(env, info);
  uint32_t index = static_cast<uint32_t>(args.int32(0));
  bool isProcess = args.boolean(1);
  if (index >= kSlotCount) {
    napi_throw_range_error(env, nullptr, "no such slot");
    return nullptr;
  }
  if (isProcess) {
    processSlot = index;
    return undefined(env);
  }
  threadSlot = index;
  static thread_local bool isHooked = false;  // a thread has one environment
  if (!isHooked) ok(env, napi_add_env_cleanup_hook(env, [](void*) { leaveSlot(); }, nullptr));
  isHooked = true;
  return undefined(env);
}

// slotLeave(): frees the slot of the calling thread, which goes on, and may take another one.
napi_value SlotLeave(napi_env env, napi_callback_info) {
  leaveSlot();
  return undefined(env);
}

// slotOfProcess(): the slot of this process; -1 when it has none yet.
napi_value SlotOfProcess(napi_env env, napi_callback_info) { return toNumber(env, static_cast<int32_t>(processSlot.load())); }

// realmLayout(): the offsets of layout.h, for the test that compares them with src/memory/layout.ts.
napi_value RealmLayout(napi_env env, napi_callback_info) {
  struct Field {
    const char* name;
    uint64_t value;
  };
#define MP_HEADER(field) {"HEADER." #field, offsetof(Header, field)}
#define MP_SLOT(field) {"SLOT." #field, offsetof(Slot, field)}
  static const Field fields[] = {
      {"MAGIC", kMagic}, {"LAYOUT_VERSION", kLayoutVersion}, {"REALM_SIZE", kRealmSize}, {"SLOT_COUNT", kSlotCount},
      {"SLOTS_OFFSET", kSlotsOffset}, {"SLOT_SIZE", sizeof(Slot)}, {"HEAP_OFFSET", kHeapOffset},
      {"SLOT_NAME_SIZE", sizeof(Slot::name)},
      MP_HEADER(magic), MP_HEADER(layoutVersion), MP_HEADER(size), MP_HEADER(slotCount), MP_HEADER(slotHighWater),
      MP_HEADER(forkVerdict), MP_HEADER(zygote), MP_HEADER(requests), MP_HEADER(mainSlot), MP_HEADER(realmId), MP_HEADER(keeper), MP_HEADER(broker), MP_HEADER(spinners), MP_HEADER(allocator),
      MP_SLOT(state), MP_SLOT(pid), MP_SLOT(startTime), MP_SLOT(parent), MP_SLOT(generation), MP_SLOT(kind),
      MP_SLOT(flags), MP_SLOT(doorbell), MP_SLOT(doorbellSleeper), MP_SLOT(exitStatus), MP_SLOT(nextRequest),
      MP_SLOT(payload), MP_SLOT(payloadSize), MP_SLOT(waitsFor), MP_SLOT(holds), MP_SLOT(error), MP_SLOT(leaveCode),
      MP_SLOT(sentSignal), MP_SLOT(nativeId), MP_SLOT(name), MP_SLOT(doorbellName), MP_SLOT(forZygote),
  };
#undef MP_HEADER
#undef MP_SLOT
  napi_value result = nullptr;
  if (!ok(env, napi_create_object(env, &result))) return nullptr;
  for (const Field& field : fields) {
    if (!ok(env, napi_set_named_property(env, result, field.name, toNumber(env, static_cast<double>(field.value))))) return nullptr;
  }
  return result;
}

}  // namespace

const Export kRealmExports[] = {
    {"realmCreate", RealmCreate}, {"realmAttach", RealmAttach}, {"realmFd", RealmFd},
    {"realmBuffer", RealmBuffer}, {"realmWindow", RealmWindow}, {"realmLayout", RealmLayout}, {"realmOverlay", RealmOverlay},
    {"threadNativeId", ThreadNativeId}, {"threadRename", ThreadRename}, {"slotSelf", SlotSelf}, {"slotLeave", SlotLeave}, {"slotOfProcess", SlotOfProcess},
};

}  // namespace mp
