// The waiting functions that JavaScript calls.
#include "shm/realm.h"
#include "wait/wait.h"

namespace mp {
namespace {

// A word's address, or null after throwing.
std::atomic<uint32_t>* wordAt(napi_env env, uint64_t offset) {
  if (realmBase && offset % 4 == 0 && offset < kRealmSize) return word(offset);
  napi_throw_range_error(env, nullptr, "not a word of the realm");
  return nullptr;
}

const char* const kOutcomes[] = {"ok", "not-equal", "timed-out"};  // in the order of Wait

// futexWait(offset, expected, timeoutMs): 'ok', 'not-equal' or 'timed-out'.
napi_value FutexWait(napi_env env, napi_callback_info info) {
  Args<3> args(env, info);
  std::atomic<uint32_t>* at = wordAt(env, args.offset(0));
  if (!at) return nullptr;
  Wait outcome = futexWait(at, static_cast<uint32_t>(args.int32(1)), args.number(2));
  napi_value text = nullptr;
  ok(env, napi_create_string_latin1(env, kOutcomes[static_cast<int>(outcome)], NAPI_AUTO_LENGTH, &text));
  return text;
}

// futexWake(offset, count): how many were woken.
napi_value FutexWake(napi_env env, napi_callback_info info) {
  Args<2> args(env, info);
  std::atomic<uint32_t>* at = wordAt(env, args.offset(0));
  return at ? toNumber(env, futexWake(at, args.int32(1))) : nullptr;
}

// wakeCallCount(): system calls that this process has made to wake somebody.
napi_value WakeCallCount(napi_env env, napi_callback_info) {
  return toNumber(env, static_cast<double>(wakeCalls.load()));
}

// ringDoorbell(slot)
napi_value RingDoorbell(napi_env env, napi_callback_info info) {
  uint32_t index = static_cast<uint32_t>(Args<1>(env, info).int32(0));
  if (realmBase && index < kSlotCount) ringDoorbell(index);
  return undefined(env);
}

// doorbellWake(slot): what is left to do after JavaScript has counted a ring, and seen that somebody sleeps.
napi_value DoorbellWake(napi_env env, napi_callback_info info) {
  uint32_t index = static_cast<uint32_t>(Args<1>(env, info).int32(0));
  if (realmBase && index < kSlotCount) wakeSleeper(index);
  return undefined(env);
}

}  // namespace

const Export kWaitExports[] = {
    {"futexWait", FutexWait},         {"futexWake", FutexWake},     {"wakeCallCount", WakeCallCount},
    {"ringDoorbell", RingDoorbell}, {"doorbellWake", DoorbellWake},  {"doorbellStart", DoorbellStart}, {"doorbellRef", DoorbellRef},
    {"doorbellStop", DoorbellStop},   {"loopHandles", LoopHandles},   {"memoryTrim", MemoryTrim},
};

}  // namespace mp
