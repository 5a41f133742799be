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

// A place in the realm, and the bytes of a Uint8Array, as many as there are.
struct Places {
  uint8_t* realm = nullptr;
  uint8_t* bytes = nullptr;
  size_t size = 0;
};

// Of the arguments (offset, bytes); false: something was thrown.
bool placesOf(napi_env env, napi_callback_info info, Places* places) {
  Args<2> args(env, info);
  uint64_t offset = args.offset(0);
  void** data = reinterpret_cast<void**>(&places->bytes);
  if (!ok(env, napi_get_typedarray_info(env, args.value[1], nullptr, &places->size, data, nullptr, nullptr))) return false;
  if (realmBase && offset <= kRealmSize && places->size <= kRealmSize - offset) {
    places->realm = realmBase + offset;
    return true;
  }
  napi_throw_range_error(env, nullptr, "outside of the realm");
  return false;
}

// copyOut(offset, bytes): fills a Uint8Array whose memory is fresh.
napi_value CopyOut(napi_env env, napi_callback_info info) {
  Places places;
  if (!placesOf(env, info, &places)) return nullptr;
  advise(places.bytes, places.size, kHugePage, MADV_HUGEPAGE);  // where the kernel gives them (THP 'madvise' or 'always')
  populate(places.bytes, places.size);
  copy(places.bytes, places.realm, places.size);
  return nullptr;
}

// copyIn(offset, bytes): writes the bytes of a Uint8Array there.
napi_value CopyIn(napi_env env, napi_callback_info info) {
  Places places;
  if (!placesOf(env, info, &places)) return nullptr;
  populate(places.realm, places.size);
  copy(places.realm, places.bytes, places.size);
  return nullptr;
}

}  // namespace

const Export kCopyExports[] = {{"copyOut", CopyOut}, {"copyIn", CopyIn}};

}  // namespace mp
