// The realm's shared memory, as a wire format. Twin of src/memory/layout.ts: a test compares the two field by field.
#pragma once
#include <atomic>
#include <cstddef>
#include <cstdint>

namespace mp {

constexpr uint32_t kMagic = 0x4d505231;  // "MPR1"
constexpr uint32_t kLayoutVersion = 1;
constexpr uint64_t kRealmSize = 64ull << 30;  // sparse: a page exists once it is touched
constexpr uint32_t kSlotCount = 4096;
constexpr uint64_t kSlotsOffset = 4096;       // the header's page comes first
constexpr uint64_t kHeapOffset = 2ull << 20;  // the allocator owns everything from here on

// Life of a process slot; who moves it on is named in src/memory/layout.ts.
enum SlotState : uint32_t {
  kFree = 0,
  kClaimed = 1,
  kRequested = 2,
  kBootstrapping = 3,
  kRunning = 4,
  kEnded = 5,
  kFailed = 6,
};

enum SlotKind : uint32_t {
  kMain = 1,
  kProcess = 2,
  kThread = 3,
  kZygote = 4,
  kKeeper = 5,
};

constexpr uint32_t kNoSlot = 0xffffffff;  // where nobody is meant: the parent of main, of an orphan

enum SlotFlag : uint32_t {
  kTerminateWithParent = 1,  // daemons, pool workers, `orphan: 'kill'`
  kSpawned = 2,              // not a child of the zygote: its starter reaps it
};

struct Slot {
  std::atomic<uint32_t> state;
  std::atomic<int32_t> pid;
  std::atomic<uint64_t> startTime;  // clock ticks after boot: with the pid it names a process for ever
  uint32_t parent;                  // slot of the logical parent
  std::atomic<uint32_t> generation;
  uint32_t kind;
  std::atomic<uint32_t> flags;
  std::atomic<uint32_t> doorbell;         // counts rings
  std::atomic<uint32_t> doorbellSleeper;  // what a ring has to do: see wait/bell.h
  std::atomic<int32_t> exitStatus;        // exit code, or minus the signal
  uint32_t nextRequest;                   // slot + 1 of the next start request
  uint64_t payload;                       // offset of what the child is to run
  uint64_t payloadSize;
  uint64_t waitsFor;
  uint64_t holds;
  std::atomic<int32_t> error;       // errno of a start that failed
  std::atomic<uint32_t> leaveCode;  // exit code + 1, written by a process that leaves by its own door
  std::atomic<uint32_t> sentSignal; // last signal sent through the library
  std::atomic<uint32_t> nativeId;   // of a thread: the kernel's id of it
  char name[64];
  std::atomic<uint64_t> doorbellName;  // random: see wait/bell.h
  uint32_t forZygote;                  // identity of the zygote that may fork it; 0: any
  uint8_t spare[84];
};
static_assert(sizeof(Slot) == 256);
static_assert(offsetof(Slot, name) == 96);

struct Header {
  uint32_t magic;
  uint32_t layoutVersion;
  uint64_t size;
  uint32_t slotCount;
  std::atomic<uint32_t> slotHighWater;  // slots ever used: scans stop here
  std::atomic<uint32_t> forkVerdict;
  std::atomic<uint32_t> zygote;  // slot + 1, or 0
  std::atomic<uint32_t> requests;  // stack of start requests: slot + 1, linked by nextRequest
  uint32_t mainSlot;
  uint32_t realmId;  // random: a handle of another realm is refused
  std::atomic<uint32_t> keeper;  // slot + 1, or 0: see segment/keeper.h
  std::atomic<uint64_t> broker;  // random: who to ask for descriptors in flight, see descriptor/descriptor.h; 0: nobody
  std::atomic<uint32_t> spinners[64];  // identities: see src/memory/spin.ts
  uint8_t spare[712];
  uint8_t allocator[3072];  // laid out in shm/allocator
};
static_assert(sizeof(Header) == 4096);
static_assert(offsetof(Header, allocator) == 1024);

}  // namespace mp
