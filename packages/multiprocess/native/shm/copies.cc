// Copies of large messages. What costs in them is the memory management unit: a fresh buffer of 10 MB takes 2,560 page faults
// of 4 KiB, three times the copy itself; of huge pages it takes five.
#include <sys/mman.h>

#include <cstring>

#include "shm/shm.h"
#if defined(__x86_64__)
#include <emmintrin.h>
#endif

namespace mp {
namespace {

constexpr size_t kPage = 4096, kHugePage = 2 << 20;
// Less is copied through the caches: who reads it next finds it there.
constexpr size_t kStreamed = 1 << 20;

uint8_t* roundUp(uint8_t* address, size_t unit) {
  return reinterpret_cast<uint8_t*>((reinterpret_cast<uintptr_t>(address) + unit - 1) & -unit);
}

// Whole pages within, of that size.
void advise(uint8_t* data, size_t size, size_t page, int advice) {
  uint8_t *first = roundUp(data, page), *end = roundUp(data + size - page + 1, page);
  if (end > first) madvise(first, static_cast<size_t>(end - first), advice);
}

// Has memory that may be fresh ready at once: a fault for each page takes several times as long. Only advice.
void populate(uint8_t* data, size_t size) {
#ifdef MADV_POPULATE_WRITE
  advise(data, size, kPage, MADV_POPULATE_WRITE);
#endif
}

// Past the caches: neither side has use for the other's megabytes in its own, and the lines written need not be read first.
void copy(uint8_t* to, const uint8_t* from, size_t size) {
#if defined(__x86_64__)
  if (size >= kStreamed) {
    size_t head = -reinterpret_cast<uintptr_t>(to) & 63;
    memcpy(to, from, head);
    size_t i = head;
    for (; i + 64 <= size; i += 64) {
      auto* source = reinterpret_cast<const __m128i*>(from + i);
      auto* target = reinterpret_cast<__m128i*>(to + i);
      __m128i a = _mm_loadu_si128(source), b = _mm_loadu_si128(source + 1);
      __m128i c = _mm_loadu_si128(source + 2), d = _mm_loadu_si128(source + 3);
      _mm_stream_si128(target, a);
      _mm_stream_si128(target + 1, b);
      _mm_stream_si128(target + 2, c);
      _mm_stream_si128(target + 3, d);
    }
    _mm_sfence();
    memcpy(to + i, from + i, size - i);
    return;
  }
#endif
  memcpy(to, from, size);
}

bool isInRealm(napi_env env, uint64_t offset, uint64_t size) {
  if (realmBase && offset <= kRealmSize && size <= kRealmSize - offset) return true;
  napi_throw_range_error(env, nullptr, "outside of the realm");
  return false;
}

// The bytes of a Uint8Array; false: something was thrown.
bool bytesOf(napi_env env, napi_value array, uint8_t** data, size_t* size) {
  return ok(env, napi_get_typedarray_info(env, array, nullptr, size, reinterpret_cast<void**>(data), nullptr, nullptr));
}

// copyOut(offset, bytes): fills a Uint8Array whose memory is fresh.
napi_value CopyOut(napi_env env, napi_callback_info info) {
  Args<2> args(env, info);
  uint64_t offset = args.offset(0);
  uint8_t* data = nullptr;
  size_t size = 0;
  if (!bytesOf(env, args.value[1], &data, &size) || !isInRealm(env, offset, size)) return nullptr;
  advise(data, size, kHugePage, MADV_HUGEPAGE);  // where the kernel gives them (THP 'madvise' or 'always')
  populate(data, size);
  copy(data, realmBase + offset, size);
  return nullptr;
}

// copyIn(offset, bytes): writes the bytes of a Uint8Array there.
napi_value CopyIn(napi_env env, napi_callback_info info) {
  Args<2> args(env, info);
  uint64_t offset = args.offset(0);
  uint8_t* data = nullptr;
  size_t size = 0;
  if (!bytesOf(env, args.value[1], &data, &size) || !isInRealm(env, offset, size)) return nullptr;
  populate(realmBase + offset, size);
  copy(realmBase + offset, data, size);
  return nullptr;
}

}  // namespace

const Export kCopyExports[] = {{"copyOut", CopyOut}, {"copyIn", CopyIn}};

}  // namespace mp
