// The realm: one anonymous memfd, mapped at the same size into every member. Plain C++: no Node-API here.
//
// The mapping is made once per process and lives as long as it: worker threads share it, children of fork(2) inherit it.
#pragma once
#include <sys/types.h>

#include "layout.h"

namespace mp {

extern uint8_t* realmBase;  // null until the process has a realm
extern int realmFd;         // its memfd, for handing on; -1 until then

inline Header& header() { return *reinterpret_cast<Header*>(realmBase); }
inline Slot& slot(uint32_t index) { return reinterpret_cast<Slot*>(realmBase + kSlotsOffset)[index]; }
inline std::atomic<uint32_t>* word(uint64_t offset) {
  return reinterpret_cast<std::atomic<uint32_t>*>(realmBase + offset);
}

// Who acts: the slot of the process, and that of a worker thread which has one of its own.
extern std::atomic<uint32_t> processSlot;  // kNoSlot until known
extern thread_local uint32_t threadSlot;   // kNoSlot: the thread acts as its process
inline uint32_t selfSlot() { return threadSlot != kNoSlot ? threadSlot : processSlot.load(std::memory_order_relaxed); }

// Frees the slot of a process or thread that has ended, with all it held. Its generation moves on: references to it are
// stale.
void freeSlot(uint32_t index);

// Frees the slots of the threads of a process that has ended.
void freeSlotsOfThreads(uint32_t processIndex);

// Why a realm could not be made or joined.
struct RealmError {
  int error = 0;                  // errno; 0: it went well
  const char* syscall = nullptr;  // the call that failed; "realm" where the segment's contents are wrong
  explicit operator bool() const { return error != 0; }
};

// Creates the process's realm, whose slot 0 is the process itself (kMain); does nothing in a process that has one.
RealmError createRealm();

// Maps an inherited realm. EINVAL: not a realm, or one of another layout; EBUSY: this process has another one already.
RealmError attachRealm(int fd);

// Maps a part of the realm once more, in place of what is mapped at `address`; whole pages. False when the kernel refuses.
bool overlayRealm(void* address, size_t length, uint64_t offset);

// Memory that the realm really takes: pages that have been touched and not given back.
uint64_t residentBytes();

}  // namespace mp
