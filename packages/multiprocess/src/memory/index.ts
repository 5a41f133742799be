export { around, cellFor } from './arrival.ts';
export { allocate, free, memoryStats, sweep } from './cells.ts';
export { copyOf, takeOut, writeParts } from './copies.ts';
export * as doorbell from './doorbell.ts';
export { HANDLE_SIZE, type Handle, handleOf, packHandle, retain, unpackHandle } from './handle.ts';
export * as header from './header.ts';
export { IDENTITY_MASK, idOf, isLiving, selfId, slotOf } from './identity.ts';
export {
  addAt,
  addressOf,
  compareExchangeAt,
  compileForForks,
  Given,
  giveAt,
  giveLastAt,
  movePermitsAt,
  OWNER,
  PERMITS,
  storeAt,
  takeAt,
} from './instructions.ts';
export {
  ForkVerdict,
  NO_SLOT,
  RECORD_COUNT,
  RECORD_SIZE,
  RECORDS_OFFSET,
  SlotFlag,
  SlotKind,
  SlotState,
} from './layout.ts';
export { isProcessAlive, startTimeOf } from './liveness.ts';
export { lend } from './loans.ts';
export {
  attachRealm,
  bufferAt,
  bytesAt,
  ensureRealm,
  hasRealm,
  longIndex,
  longsAt,
  realmFd,
  realmId,
  unitIndex,
  unitWords,
  wordIndex,
  words,
  wordsAt,
} from './realm.ts';
export { allocateScratch, trimScratch } from './scratch.ts';
export { leaveSlot, onSelfChange, selfSlot, setSelfSlot, setThreadSlot } from './self.ts';
export { SharedCell } from './shared-cell.ts';
export { changesSoon, slept, spinBetweenTurns, spinWhile } from './spin.ts';
export * as table from './table.ts';
export { type PackedCell, packCell, receiverOfMessage, type SentReference, sendingTo, unpackCell } from './travel.ts';
export { waitWord, waitWordSync, wakeWord } from './wait.ts';
