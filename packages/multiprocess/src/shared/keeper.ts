/** The keeper of the realm, as seen by those who need it: for segments, and for descriptors in flight. See native/segment/keeper.h. */
import { MultiprocessError } from '../errors.ts';
import { header, NO_SLOT, SlotFlag, SlotKind, SlotState, selfSlot, table } from '../memory/index.ts';
import { keeperPath, native } from '../native.ts';

/**
 * The slot of a keeper that lives: started now if there is none. Two that are started at once do no harm: both go through
 * the same list.
 */
export function ensureKeeper(): number {
  selfSlot(); // makes the realm, the first time
  const slot = keeperSlot();
  const startTime = table.startTime(slot);
  if (startTime !== 0 && native.processStartTime(table.pid(slot)) === startTime) return slot;
  try {
    native.keeperStart(keeperPath(), slot);
  } catch (cause) {
    if (cause instanceof MultiprocessError) throw cause;
    const text = `cannot start the process that keeps segments and descriptors (${keeperPath()}): ${(cause as Error).message}`;
    throw new MultiprocessError('ERR_MP_START_FAILED', text, { cause });
  }
  return slot;
}

function keeperSlot(): number {
  const known = header.load('keeper');
  if (known !== 0) return known - 1;
  const slot = table.claimSlot(NO_SLOT);
  table.setKind(slot, SlotKind.Keeper);
  table.setName(slot, 'keeper');
  table.setFlags(slot, SlotFlag.Spawned); // the zygote need not watch it
  table.setState(slot, SlotState.Running);
  const faster = header.compareExchange('keeper', 0, slot + 1);
  if (faster === 0) return slot;
  table.releaseSlot(slot);
  return faster - 1;
}
