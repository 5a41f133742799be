// Copies of large messages. What costs in them is the memory management unit: a fresh buffer of 10 MB takes 2,560 page faults
// of 4 KiB, three times the copy itself; of huge pages it takes five.
#include <sys/mman.h>
#ifdef __SSE2__
#include <emmintrin.h>
#endif

#include <cstring>

#include "shm/shm.h"

namespace mp {
namespace {

constexpr size_t kPage = 4096, kHugePage = 2 << 20, kCacheLine = 64;
constexpr size_t kBeyondCaches = 1 << 20;  // smaller messages are likely to be found in a cache by who reads them

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

// Copies to a place that is not in the caches, and that another processor reads: past them, so that it need not be read first.
// `to` begins a cache line.
void copyPastCaches(uint8_t* to, const uint8_t* from, size_t size) {
  size_t done = 0;
#ifdef __SSE2__
  for (; done + kCacheLine <= size; done += kCacheLine) {
    for (size_t i = done; i < done + kCacheLine; i += sizeof(__m128i)) {
      _mm_stream_si128(reinterpret_cast<__m128i*>(to + i), _mm_loadu_si128(reinterpret_cast<const __m128i*>(from + i)));
    }
  }
  _mm_sfence();
#endif
  memcpy(to + done, from + done, size - done);
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
  memcpy(places.bytes, places.realm, places.size);
  return nullptr;
}

// copyIn(offset, bytes): writes the bytes of a Uint8Array there.
napi_value CopyIn(napi_env env, napi_callback_info info) {
  Places places;
  if (!placesOf(env, info, &places)) return nullptr;
  populate(places.realm, places.size);
  size_t head = places.size < kBeyondCaches ? places.size : static_cast<size_t>(roundUp(places.realm, kCacheLine) - places.realm);
  memcpy(places.realm, places.bytes, head);
  copyPastCaches(places.realm + head, places.bytes + head, places.size - head);
  return nullptr;
}

}  // namespace

const Export kCopyExports[] = {{"copyOut", CopyOut}, {"copyIn", CopyIn}};

}  // namespace mp
