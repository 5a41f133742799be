// Kills a process after each single change that an operation of the allocator makes to shared memory, sweeps, and counts:
// what it had begun must be as if it had happened or as if it had not, and nothing may be left. With `help`, a living
// process uses the same cells between the death and the sweep.
//
// The victim is single-stepped (ptrace). Between two changes it makes no difference where it dies: its private memory dies
// with it.
//
//   allocator_steps
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ptrace.h>
#include <sys/wait.h>
#include <unistd.h>

#include "shm/references.h"
#include "shm/allocator.h"

using namespace mp;

namespace {

constexpr uint32_t kVictim = 1, kOther = 2, kDead = 3;
constexpr uint64_t kRange = 200000;

struct Scene {
  uint64_t shared, ownSmall, ownRange, ownScratch;  // the first is ours, the others are the victim's
  uint32_t generation, reference;       // the reference is the victim's, to the shared cell
};

// Nobody has needed a scratch cell for long.
bool trimNow() {
  hints().lastScratch.store(0);
  return trimScratch();
}

using Operation = void (*)(const Scene&);
struct Case {
  const char* name;
  Operation run;
};
const Case kCases[] = {
    {"allocate a small cell", [](const Scene&) { allocateCell(32, kVictim); }},
    {"allocate a range", [](const Scene&) { allocateCell(kRange, kVictim); }},
    {"allocate for another slot", [](const Scene&) { allocateCell(32, kOther); }},
    {"allocate a scratch cell", [](const Scene&) { allocateScratch(2 * kRange, kVictim); }},
    {"free a scratch cell", [](const Scene& s) { freeCell(s.ownScratch); }},
    {"give pages back", [](const Scene&) { trimNow(); }},
    {"free a small cell", [](const Scene& s) { freeCell(s.ownSmall); }},
    {"free a range", [](const Scene& s) { freeCell(s.ownRange); }},
    {"retain", [](const Scene& s) { retainCell(s.shared, s.generation, kVictim); }},
    {"retain for another slot", [](const Scene& s) { retainCell(s.shared, s.generation, kOther); }},
    {"release", [](const Scene& s) { releaseCell(s.reference, s.shared); }},
    {"sweep another slot", [](const Scene&) { sweepCells(kDead); }},
};

[[noreturn]] void fail(const char* name, int changes, bool help, const char* what) {
  HeapStats s = heapStats();
  fprintf(stderr, "%s, killed after %d changes%s: %s (%llu cells, %llu references, %llu pending, %llu inconsistent, %llu ranges)\n",
          name, changes, help ? " (help)" : "", what, static_cast<unsigned long long>(s.cells),
          static_cast<unsigned long long>(s.references), static_cast<unsigned long long>(s.pendingReferences),
          static_cast<unsigned long long>(s.inconsistent), static_cast<unsigned long long>(s.ranges));
  exit(1);
}

uint64_t sum(const void* start, size_t bytes) {
  uint64_t result = 0;
  auto* words = static_cast<const uint64_t*>(start);
  for (size_t i = 0; i < bytes / 8; i++) result = result * 31 + words[i];
  return result;
}

// Changes whenever the operation changes a word of the allocator's.
uint64_t fingerprint() {
  uint64_t result = sum(&hints(), sizeof(Hints)) + 3 * sum(&slotFlags(0), 64) + 5 * sum(&chunkWord(0), 256) +
                    7 * sum(&referenceWord(0), 32 * kChunkSize * 8) + 11 * sum(&unitWord(kFirstUnit), 64 * 8) +
                    13 * sum(&rangeRecord(kFirstUnit), 64 * sizeof(RangeRecord));
  for (uint32_t unit = kFirstUnit; unit < kFirstUnit + 4; unit++) {
    uint64_t word = unitWord(unit).load();
    if (UnitWord::state(word) != UnitWord::kSlab) continue;
    result += 17 * unit * sum(&slabRecord(unit, 0), kSlabShapes[UnitWord::sizeClass(word)].count * sizeof(CellRecord));
  }
  return result;
}

// Runs the operation in a child that dies after so many changes. True: it came to its end before.
bool runAndKill(const Case& test, const Scene& scene, int changes) {
  pid_t pid = fork();
  if (pid == 0) {
    processSlot = kVictim;
    if (ptrace(PTRACE_TRACEME, 0, nullptr, nullptr) < 0) _exit(77);
    raise(SIGSTOP);
    test.run(scene);
    _exit(0);
  }
  int status = 0;
  waitpid(pid, &status, 0);
  if (WIFEXITED(status)) {
    printf("allocator_steps: skipped, ptrace is not allowed here\n");
    exit(0);
  }
  uint64_t seen = fingerprint();
  for (int i = 0; i < changes;) {
    ptrace(PTRACE_SINGLESTEP, pid, nullptr, nullptr);
    waitpid(pid, &status, 0);
    if (WIFEXITED(status)) return true;
    uint64_t now = fingerprint();
    i += now != seen;
    seen = now;
  }
  kill(pid, SIGKILL);
  waitpid(pid, &status, 0);
  return false;
}

void dirty(uint64_t offset) { memset(realmBase + offset, 1, kRange); }

bool isZero(uint64_t offset) {
  const uint8_t* first = realmBase + offset;
  return *first == 0 && memcmp(first, first + 1, kRange - 1) == 0;
}

bool once(const Case& test, int changes, bool help) {
  HeapStats before = heapStats();
  Scene scene{};
  scene.shared = allocateCell(32, 0);
  scene.generation = cellInfo(scene.shared).generation;
  scene.ownSmall = allocateCell(32, kVictim);
  scene.ownRange = allocateCell(kRange, kVictim);
  scene.ownScratch = allocateScratch(kRange, kVictim);
  uint64_t warm = allocateScratch(kRange, 0);
  dirty(scene.ownScratch);
  dirty(warm);
  freeCell(warm);
  scene.reference = retainCell(scene.shared, scene.generation, kVictim);
  allocateCell(64, kDead);
  retainCell(scene.shared, scene.generation, kDead);
  bool ended = runAndKill(test, scene, changes);
  if (help) {
    uint32_t own = retainCell(scene.shared, scene.generation, 0);
    uint64_t small = allocateCell(32, 0), range = allocateCell(kRange, 0);
    if (!own || !small || !range) fail(test.name, changes, help, "a living process cannot go on");
    if (!isZero(range)) fail(test.name, changes, help, "not zeroed");
    if (!releaseCell(own, scene.shared) || !freeCell(small) || !freeCell(range)) fail(test.name, changes, help, "lost");
  }
  sweepCells(kVictim);
  sweepCells(kOther);
  sweepCells(kDead);
  CellInfo info = cellInfo(scene.shared);
  if (!info.live || info.references != 1) fail(test.name, changes, help, "wrong count of the shared cell");
  if (!freeCell(scene.shared)) fail(test.name, changes, help, "the shared cell was lost");
  if (!trimNow()) fail(test.name, changes, help, "pages were kept");
  HeapStats after = heapStats();
  if (after.warmBytes || after.reservedBytes != after.slabs * kUnitSize) fail(test.name, changes, help, "units were lost");
  uint64_t range = allocateCell(3 * kRange, 0);
  if (!isZero(range) || !isZero(range + kRange) || !freeCell(range)) fail(test.name, changes, help, "not zeroed at last");
  if (after.inconsistent || after.pendingReferences) fail(test.name, changes, help, "inconsistent");
  if (after.cells != before.cells || after.references != before.references || after.ranges != before.ranges) {
    fail(test.name, changes, help, "something was left");
  }
  return ended;
}

}  // namespace

int main() {
  if (RealmError error = createRealm()) {
    fprintf(stderr, "%s: %s\n", error.syscall, strerror(error.error));
    return 1;
  }
  once(kCases[0], 0, true);  // makes the slabs, so that all runs begin alike
  for (const Case& test : kCases) {
    int kills = 0;
    for (bool help : {false, true}) {
      int changes = 0;
      while (!once(test, changes, help)) changes++, kills++;
    }
    printf("%-28s %6d kills: ok\n", test.name, kills);
    fflush(stdout);
  }
  return 0;
}
