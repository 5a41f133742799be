// Messages that are used where they lie: an ArrayBuffer over the memory of a cell. The cell lives as long as that memory is
// needed, by whoever: ArrayBuffers can be transferred, to other threads, too, and then the first object is collected early.
#include <memory>

#include "shm/allocator.h"
#include "shm/external.h"
#include "shm/shm.h"

namespace mp {
namespace {

// What a thread has lent, in bytes.
struct Account {
  std::atomic<int64_t> lent{0};
  int64_t reported = 0;  // so much of it V8 knows of
};
thread_local const auto account = std::make_shared<Account>();

// The process holds the reference, not the thread: the memory may outlive that.
struct Loan {
  uint64_t cell, size;
  uint32_t reference, slot;
  std::shared_ptr<Account> of;

  void end() const {
    uint32_t self = processSlot.load();
    // A forked child has its parent's objects, but references of its own.
    releaseCell(self == slot ? reference : findReference(cell, self), cell);
    of->lent -= static_cast<int64_t>(size);
  }
};

// cellLend(offset, size): an ArrayBuffer over the first bytes of the live cell, which keeps it; undefined: it cannot be made.
napi_value CellLend(napi_env env, napi_callback_info info) {
  Args<2> args(env, info);
  uint64_t cell = args.offset(0), size = args.offset(1);
  uint32_t self = processSlot.load();
  CellInfo known = realmBase ? cellInfo(cell) : CellInfo{};
  if (self == kNoSlot || !known.live || size > known.capacity) return undefined(env);
  uint32_t reference = retainCell(cell, known.generation, self);
  if (reference == 0) return undefined(env);
  napi_value buffer = externalBuffer(realmBase + cell, size, [loan = Loan{cell, size, reference, self, account}] { loan.end(); });
  if (buffer) return account->lent += static_cast<int64_t>(size), buffer;
  releaseCell(reference, cell);
  return undefined(env);
}

// lendReport(): has V8 know how much is lent now.
napi_value LendReport(napi_env env, napi_callback_info) {
  int64_t lent = account->lent.load(), total;
  ok(env, napi_adjust_external_memory(env, lent - account->reported, &total));
  account->reported = lent;
  return undefined(env);
}

}  // namespace

const Export kLendExports[] = {{"cellLend", CellLend}, {"lendReport", LendReport}};

}  // namespace mp
