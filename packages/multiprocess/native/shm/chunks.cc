#include "shm/chunks.h"

#include <iterator>
#include <unordered_map>
#include <vector>

#include "shm/references.h"

namespace mp {
namespace {

constexpr int kPatience = 4;         // chunks that are searched before a new one is taken
constexpr size_t kMostOthers = 64;  // owners whose chunks a thread remembers besides its own

// Chunks of an owner that a thread has found or taken. They are searched in turn: where references go in the order in which
// they came, as those of a queue, the next chunk is the one that has most room.
struct Known {
  uint32_t owner = kNoSlot;
  std::vector<uint32_t> chunks;
  size_t at = 0;
};
thread_local Known ours;  // of the executor's slot; a forked child begins anew
thread_local uint32_t emptied[64];  // references among ours
thread_local uint32_t emptiedCount = 0;
thread_local std::unordered_map<uint32_t, Known> others;

bool isOpenFor(uint32_t chunk, uint32_t owner) {
  return ChunkWord::isOpenFor(chunkWord(chunk).load(std::memory_order_relaxed), owner);
}

bool isEmpty(uint32_t reference) {
  return ReferenceWord::state(referenceWord(reference).load(std::memory_order_relaxed)) == ReferenceWord::kEmpty;
}

uint32_t findIn(uint32_t chunk) {
  for (uint32_t i = chunk * kChunkSize; i < (chunk + 1) * kChunkSize; i++) {
    if (isEmpty(i)) return i;
  }
  return 0;
}

uint32_t claimBetween(uint32_t from, uint32_t to, uint32_t owner) {
  for (uint32_t chunk = from; chunk < to; chunk++) {
    uint32_t word = chunkWord(chunk).load(std::memory_order_relaxed);
    if (ChunkWord::owner(word) != kNoSlot) continue;
    if (!chunkWord(chunk).compare_exchange_strong(word, ChunkWord::taken(word, owner))) continue;
    raise(hints().chunkHighWater, chunk + 1);
    raise(hints().freeChunk, chunk + 1);
    return chunk;
  }
  return 0;
}

// Chunk 0 is never used: reference 0 stands for none.
uint32_t claimChunk(uint32_t owner) {
  uint32_t hint = hints().freeChunk.load();
  uint32_t chunk = claimBetween(hint < 1 ? 1 : hint, kChunkCount, owner);
  return chunk ? chunk : claimBetween(1, kChunkCount, owner);
}

std::vector<uint32_t> chunksOf(uint32_t owner) {
  std::vector<uint32_t> chunks;
  uint32_t end = hints().chunkHighWater.load();
  for (uint32_t chunk = 1; chunk < end; chunk++) {
    if (isOpenFor(chunk, owner)) chunks.push_back(chunk);
  }
  return chunks;
}

uint32_t findAmong(Known& known) {
  for (int i = 0; i < kPatience && !known.chunks.empty(); i++) {
    if (known.at >= known.chunks.size()) known.at = 0;
    uint32_t chunk = known.chunks[known.at];
    if (!isOpenFor(chunk, known.owner)) {
      known.chunks.erase(known.chunks.begin() + static_cast<std::ptrdiff_t>(known.at));
      continue;
    }
    if (uint32_t found = findIn(chunk)) return found;
    known.at++;
  }
  return 0;
}

uint32_t find(Known& known, uint32_t owner) {
  if (known.owner != owner) known = {owner, chunksOf(owner)};
  if (uint32_t found = findAmong(known)) return found;
  while (uint32_t chunk = claimChunk(owner)) {
    known.at = known.chunks.size();
    known.chunks.push_back(chunk);
    if (uint32_t found = findIn(chunk)) return found;  // 0: others have filled it while we were stopped
  }
  for (uint32_t chunk : chunksOf(owner)) {  // with all patience
    if (uint32_t found = findIn(chunk)) return found;
  }
  return 0;
}

}  // namespace

uint32_t findEmptyReference(uint32_t owner, uint32_t executor) {
  if (owner != executor) {
    if (others.size() == kMostOthers && !others.contains(owner)) others.clear();
    return find(others[owner], owner);
  }
  if (ours.owner != owner) emptiedCount = 0;
  while (emptiedCount > 0) {
    uint32_t reference = emptied[--emptiedCount];
    if (isEmpty(reference) && isOpenFor(reference / kChunkSize, owner)) return reference;
  }
  return find(ours, owner);
}

void rememberEmpty(uint32_t reference) {
  if (emptiedCount == std::size(emptied) || !isOpenFor(reference / kChunkSize, ours.owner)) return;
  emptied[emptiedCount++] = reference;
}

void tryReleaseChunk(uint32_t chunk) {
  uint32_t word = chunkWord(chunk).load();
  if (!ChunkWord::isClosing(word)) return;
  for (uint32_t i = chunk * kChunkSize; i < (chunk + 1) * kChunkSize; i++) {
    if (ReferenceWord::state(referenceWord(i).load()) != ReferenceWord::kEmpty) return;
  }
  if (chunkWord(chunk).compare_exchange_strong(word, ChunkWord::freed(word))) lower(hints().freeChunk, chunk);
}

}  // namespace mp
