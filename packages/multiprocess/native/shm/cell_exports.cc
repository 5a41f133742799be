// The allocator's functions that JavaScript calls. Offsets and slots are checked here; what they mean stands in allocator.h.
#include "shm/owners.h"
#include "shm/shm.h"

namespace mp {
namespace {

// Throws where there is no realm or no such slot.
bool isSlot(napi_env env, uint32_t index) {
  if (realmBase && index < kSlotCount) return true;
  napi_throw_range_error(env, nullptr, realmBase ? "no such slot" : "this process has no realm");
  return false;
}

// The same for a slot or a cell that owns others.
bool isOwner(napi_env env, uint32_t index) {
  return isSlot(env, index >= kFirstCellOwner && index < kOwnerCount ? 0 : index);
}

bool hasRealm(napi_env env) { return isSlot(env, 0); }

napi_value toBoolean(napi_env env, bool v) {
  napi_value r = nullptr;
  ok(env, napi_get_boolean(env, v, &r));
  return r;
}

napi_value toObject(napi_env env, std::initializer_list<std::pair<const char*, double>> fields) {
  napi_value object = nullptr;
  if (!ok(env, napi_create_object(env, &object))) return nullptr;
  for (auto [name, value] : fields) {
    if (!ok(env, napi_set_named_property(env, object, name, toNumber(env, value)))) return nullptr;
  }
  return object;
}

// cellAllocate(size, owner, kind): the offset of a zeroed cell that `owner` refers to; 0 when the realm is full.
napi_value CellAllocate(napi_env env, napi_callback_info info) {
  Args<3> args(env, info);
  uint32_t owner = static_cast<uint32_t>(args.int32(1));
  if (!isOwner(env, owner)) return nullptr;
  return toNumber(env, static_cast<double>(allocateCell(args.offset(0), owner, static_cast<uint32_t>(args.int32(2)))));
}

// cellAllocateScratch(size, owner): offset of a cell in which anything may be; 0: the realm is full.
napi_value CellAllocateScratch(napi_env env, napi_callback_info info) {
  Args<2> args(env, info);
  uint32_t owner = static_cast<uint32_t>(args.int32(1));
  if (!isOwner(env, owner)) return nullptr;
  return toNumber(env, static_cast<double>(allocateScratch(args.offset(0), owner)));
}

// cellTrim(): gives back the pages of scratch cells if none was needed for a while; whether there are none left.
napi_value CellTrim(napi_env env, napi_callback_info) {
  return hasRealm(env) ? toBoolean(env, trimScratch()) : nullptr;
}

// cellFree(offset): drops the first reference; whether it was held.
napi_value CellFree(napi_env env, napi_callback_info info) {
  return hasRealm(env) ? toBoolean(env, freeCell(Args<1>(env, info).offset(0))) : nullptr;
}

// cellRetain(offset, generation, owner): a reference for `owner`; 0 when the cell is not of this generation, or there is no room for it.
napi_value CellRetain(napi_env env, napi_callback_info info) {
  Args<3> args(env, info);
  uint32_t owner = static_cast<uint32_t>(args.int32(2));
  if (!isOwner(env, owner)) return nullptr;
  return toNumber(env, retainCell(args.offset(0), static_cast<uint32_t>(args.number(1)), owner));
}

// cellRelease(reference, offset): drops it; whether it was held.
napi_value CellRelease(napi_env env, napi_callback_info info) {
  Args<2> args(env, info);
  if (!hasRealm(env)) return nullptr;
  return toBoolean(env, releaseCell(static_cast<uint32_t>(args.number(0)), args.offset(1)));
}

// cellFind(offset, slot): a reference that `slot` holds; 0: none.
napi_value CellFind(napi_env env, napi_callback_info info) {
  Args<2> args(env, info);
  uint32_t owner = static_cast<uint32_t>(args.int32(1));
  return isSlot(env, owner) ? toNumber(env, findReference(args.offset(0), owner)) : nullptr;
}

// cellSweep(slot): drops every reference of a dead slot; their number.
napi_value CellSweep(napi_env env, napi_callback_info info) {
  uint32_t dead = static_cast<uint32_t>(Args<1>(env, info).int32(0));
  return isSlot(env, dead) ? toNumber(env, static_cast<double>(sweepCells(dead))) : nullptr;
}

// cellInherit(slot, heir): gives `heir` a reference for each that `slot` holds; how many.
napi_value CellInherit(napi_env env, napi_callback_info info) {
  Args<2> args(env, info);
  uint32_t owner = static_cast<uint32_t>(args.int32(0)), heir = static_cast<uint32_t>(args.int32(1));
  if (!isSlot(env, owner) || !isSlot(env, heir)) return nullptr;
  return toNumber(env, static_cast<double>(inheritReferences(owner, heir)));
}

// cellOwn(offset): makes the cell an owner; its number, to be used where a slot is asked for; 0: there are no more.
napi_value CellOwn(napi_env env, napi_callback_info info) {
  return hasRealm(env) ? toNumber(env, makeOwner(Args<1>(env, info).offset(0))) : nullptr;
}

// cellIsSole(offset, slot): whether nobody but `slot` refers to the live cell.
napi_value CellIsSole(napi_env env, napi_callback_info info) {
  Args<2> args(env, info);
  uint32_t owner = static_cast<uint32_t>(args.int32(1));
  return isSlot(env, owner) ? toBoolean(env, isSoleOwner(args.offset(0), owner)) : nullptr;
}

// cellGeneration(offset): of the live cell that begins there; -1: none does.
napi_value CellGeneration(napi_env env, napi_callback_info info) {
  if (!hasRealm(env)) return nullptr;
  CellInfo cell = cellInfo(Args<1>(env, info).offset(0));
  return toNumber(env, cell.live ? static_cast<double>(cell.generation) : -1);
}

// cellInfo(offset): undefined where no cell is live.
napi_value CellInfoOf(napi_env env, napi_callback_info info) {
  if (!hasRealm(env)) return nullptr;
  CellInfo cell = cellInfo(Args<1>(env, info).offset(0));
  if (!cell.live) return undefined(env);
  return toObject(env, {{"size", static_cast<double>(cell.capacity)},
                        {"generation", cell.generation},
                        {"references", cell.references},
                        {"kind", cell.kind},
                        {"owner", cell.owner == kNoSlot ? -1 : static_cast<double>(cell.owner)}});
}

// memoryStats(): looks at every cell.
napi_value MemoryStats(napi_env env, napi_callback_info) {
  if (!hasRealm(env)) return nullptr;
  HeapStats s = heapStats();
  auto number = [](uint64_t v) { return static_cast<double>(v); };
  return toObject(env, {{"cells", number(s.cells)},
                        {"cellBytes", number(s.cellBytes)},
                        {"references", number(s.references)},
                        {"pendingReferences", number(s.pendingReferences)},
                        {"slabs", number(s.slabs)},
                        {"ranges", number(s.ranges)},
                        {"chunks", number(s.chunks)},
                        {"reservedBytes", number(s.reservedBytes)},
                        {"freeBytes", number(s.freeBytes)},
                        {"warmBytes", number(s.warmBytes)},
                        {"residentBytes", number(residentBytes())},
                        {"inconsistent", number(s.inconsistent)}});
}

}  // namespace

const Export kCellExports[] = {
    {"cellAllocate", CellAllocate}, {"cellAllocateScratch", CellAllocateScratch}, {"cellTrim", CellTrim},
    {"cellFree", CellFree},         {"cellRetain", CellRetain},
    {"cellRelease", CellRelease},   {"cellFind", CellFind},   {"cellSweep", CellSweep},
    {"cellInherit", CellInherit},       {"cellOwn", CellOwn},         {"cellIsSole", CellIsSole},
    {"cellGeneration", CellGeneration}, {"cellInfo", CellInfoOf}, {"memoryStats", MemoryStats},
};

}  // namespace mp
