// Stress of the allocator without Node: threads and processes allocate, write, refer, drop and are killed at random
// moments; afterwards every count must be right and nothing may be left.
//
//   allocator_stress threads SECONDS          worker threads, each with a slot of its own, in one process
//   allocator_stress kills ROUNDS PROCESSES   processes that are SIGKILLed, and swept while the others go on
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <random>
#include <thread>
#include <vector>

#include "shm/allocator.h"
#include "shm/heap.h"
#include "shm/owners.h"

using namespace mp;

namespace {

struct Mine {
  uint64_t offset;
  uint32_t reference;  // 0: the first one, of freeCell
  uint64_t size;
};

// What everybody publishes and picks up: offset and generation of cells, as handles do.
constexpr uint32_t kBoardSize = 64;
std::atomic<uint64_t>* board = nullptr;

[[noreturn]] void fail(const char* what, uint64_t offset) {
  fprintf(stderr, "allocator_stress: %s (cell %llx, slot %u, pid %d)\n", what, static_cast<unsigned long long>(offset),
          selfSlot(), getpid());
  abort();
}

std::atomic<uint64_t>* contents(uint64_t offset) { return reinterpret_cast<std::atomic<uint64_t>*>(realmBase + offset); }

// Every cell carries its owner's mark in its first and last word while it is used: an overlap is seen at once.
void mark(const Mine& cell, uint64_t value) {
  contents(cell.offset)->store(value);
  contents(cell.offset + (cell.size & ~7ull) - 8)->store(value);
}

uint64_t randomSize(std::mt19937& random) {
  uint32_t kind = random() % 100;
  if (kind < 70) return 8 + random() % 120;
  if (kind < 95) return 8 + random() % 32000;
  return 40000 + random() % 400000;
}

class User {
 public:
  User(uint32_t self, uint32_t seed) : self_(self), random_(seed) {}

  void step(bool forOthers, uint32_t others) {
    switch (random_() % 8) {
      case 0:
      case 1:
      case 2: return allocate();
      case 3: return forOthers ? retainForOther(1 + random_() % others) : retain();
      case 4: return retain();
      default: return drop();
    }
  }

  void dropAll() {
    while (!mine_.empty()) drop();
  }

 private:
  void allocate() {
    if (mine_.size() > 200) return drop();
    if (random_() % 256 == 0) trim();
    Mine cell{0, 0, randomSize(random_)};
    bool isScratch = cell.size > 40000 && random_() % 2;
    cell.offset = isScratch ? allocateScratch(cell.size, self_) : allocateCell(cell.size, self_, 7);
    if (cell.offset == 0) fail("no memory", 0);
    if (!isScratch && contents(cell.offset)->load() != 0) fail("not zeroed", cell.offset);
    mark(cell, ++count_ << 16 | self_);
    CellInfo info = cellInfo(cell.offset);
    if (!info.live || info.capacity < cell.size || info.kind != (isScratch ? 0 : 7)) fail("wrong information", cell.offset);
    board[random_() % kBoardSize].store(cell.offset << 22 | info.generation);
    if (random_() % 16 == 0) fill(cell.offset);
    mine_.push_back(cell);
  }

  // As if no scratch cell had been needed for long.
  void trim() {
    hints().lastScratch.store(0);
    trimScratch();
  }

  // Cells that nobody drops: they go with the one that owns them.
  void fill(uint64_t offset) {
    uint32_t owner = makeOwner(offset);
    if (owner == 0) fail("no owner words", offset);
    for (int i = 0; i < 3; i++) {
      if (allocateCell(randomSize(random_), owner, 8) == 0) fail("no memory for what is owned", offset);
    }
  }

  void retain() {
    uint64_t entry = board[random_() % kBoardSize].load();
    if (entry == 0) return;
    uint64_t offset = entry >> 22;
    uint32_t reference = retainCell(offset, entry & 0x3fffff, self_);
    if (reference == 0) return;  // stale by now
    CellInfo info = cellInfo(offset);
    if (!info.live || info.generation != (entry & 0x3fffff)) fail("a retained cell went away", offset);
    mine_.push_back({offset, reference, 0});
  }

  void retainForOther(uint32_t other) {
    uint64_t entry = board[random_() % kBoardSize].load();
    if (entry == 0 || other == self_ || given_ == 500) return;  // nobody drops these but the sweep
    given_ += retainCell(entry >> 22, entry & 0x3fffff, other) != 0;
  }

  void drop() {
    if (mine_.empty()) return;
    size_t i = random_() % mine_.size();
    Mine cell = mine_[i];
    mine_[i] = mine_.back();
    mine_.pop_back();
    if (cell.reference != 0) {
      if (!releaseCell(cell.reference, cell.offset)) fail("a reference was lost", cell.offset);
      return;
    }
    uint64_t first = contents(cell.offset)->load(), last = contents(cell.offset + (cell.size & ~7ull) - 8)->load();
    if (first != last || (first & 0xffff) != self_) fail("two users of one cell", cell.offset);
    mark(cell, ~0ull);
    if (!freeCell(cell.offset)) fail("the first reference was lost", cell.offset);
  }

  uint32_t self_;
  std::mt19937 random_;
  std::vector<Mine> mine_;
  uint64_t count_ = 0;
  uint32_t given_ = 0;
};

void makeRealm() {
  if (RealmError error = createRealm()) {
    fprintf(stderr, "%s: %s\n", error.syscall, strerror(error.error));
    exit(1);
  }
  board = contents(allocateCell(kBoardSize * 8, 0));
}

int report(const char* what, uint64_t rounds) {
  HeapStats s = heapStats();
  uint32_t owners = 0;
  for (uint32_t i = 0; i < kCellOwnerCount; i++) owners += ownerWord(i).load() != 0;
  if (owners) printf("%u owners left\n", owners);
  hints().lastScratch.store(0);
  bool trimmed = trimScratch() && heapStats().warmBytes == 0 && s.reservedBytes == s.slabs * kUnitSize;
  bool good = trimmed && owners == 0 && s.cells == 1 && s.references == 1 && s.pendingReferences == 0 && s.inconsistent == 0 && s.ranges == 0;
  printf("%s: %llu rounds, %llu cells, %llu references, %llu pending, %llu inconsistent, %llu slabs, %llu ranges: %s\n", what,
         static_cast<unsigned long long>(rounds), static_cast<unsigned long long>(s.cells),
         static_cast<unsigned long long>(s.references), static_cast<unsigned long long>(s.pendingReferences),
         static_cast<unsigned long long>(s.inconsistent), static_cast<unsigned long long>(s.slabs),
         static_cast<unsigned long long>(s.ranges), good ? "ok" : "NOT OK");
  return good ? 0 : 1;
}

int threads(int seconds) {
  makeRealm();
  std::atomic<bool> stop{false};
  std::atomic<uint64_t> steps{0};
  std::vector<std::thread> all;
  for (uint32_t i = 1; i <= 4; i++) {
    all.emplace_back([&, i] {
      threadSlot = i;
      User user(i, i);
      uint64_t n = 0;
      for (; !stop.load(); n++) user.step(false, 0);
      user.dropAll();
      steps.fetch_add(n);
    });
  }
  sleep(static_cast<unsigned>(seconds));
  stop.store(true);
  for (auto& thread : all) thread.join();
  return report("threads", steps.load());
}

pid_t startUser(uint32_t index, uint32_t seed, uint32_t others) {
  pid_t pid = fork();
  if (pid != 0) return pid;
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  processSlot = index;
  User user(index, seed);
  for (;;) user.step(true, others);
}

// Every second sweep is begun by another process as well. Half of those are killed in the midst of it, the others go on
// beside ours.
void sweepWithKills(uint32_t index, uint32_t sweeper, std::mt19937& random) {
  if (random() % 2 == 0) {
    pid_t pid = fork();
    if (pid == 0) {
      processSlot = sweeper;
      sweepCells(index);
      _exit(0);
    }
    bool beside = random() % 2 == 0;
    timespec pause{0, static_cast<long>(random() % 400000)};
    nanosleep(&pause, nullptr);
    if (beside) sweepCells(index);
    else kill(pid, SIGKILL);
    waitpid(pid, nullptr, 0);
    sweepCells(index);
    sweepCells(sweeper);
  }
  sweepCells(index);
}

int kills(int rounds, uint32_t processes) {
  makeRealm();
  std::mt19937 random(1);
  std::vector<pid_t> pids(processes + 1);
  for (uint32_t i = 1; i <= processes; i++) pids[i] = startUser(i, random(), processes);
  for (int round = 0; round < rounds; round++) {
    timespec pause{0, static_cast<long>(random() % 3000000)};
    nanosleep(&pause, nullptr);
    uint32_t i = 1 + random() % processes;
    kill(pids[i], SIGKILL);
    int status = 0;
    waitpid(pids[i], &status, 0);
    if (!WIFSIGNALED(status) || WTERMSIG(status) != SIGKILL) fail("a user failed", 0);
    sweepWithKills(i, processes + 1, random);
    pids[i] = startUser(i, random(), processes);
  }
  for (uint32_t i = 1; i <= processes; i++) {
    kill(pids[i], SIGKILL);
    int status = 0;
    waitpid(pids[i], &status, 0);
    if (!WIFSIGNALED(status) || WTERMSIG(status) != SIGKILL) fail("a user failed", 0);
  }
  for (uint32_t i = 1; i <= processes; i++) sweepCells(i);
  return report("kills", static_cast<uint64_t>(rounds));
}

}  // namespace

int main(int argc, char** argv) {
  if (argc == 3 && strcmp(argv[1], "threads") == 0) return threads(atoi(argv[2]));
  if (argc == 4 && strcmp(argv[1], "kills") == 0) return kills(atoi(argv[2]), static_cast<uint32_t>(atoi(argv[3])));
  fprintf(stderr, "usage: allocator_stress threads SECONDS | kills ROUNDS PROCESSES\n");
  return 2;
}
