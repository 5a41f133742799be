/** The objects of the message that is being written, so that one that comes again becomes a reference. */

// The few objects of most messages are found faster by looking through them.
const FEW = 16;
const few: (object | undefined)[] = new Array(FEW).fill(undefined);
const many = new Map<object, number>();
let count = 0;
let repeated = false;

/** The number of an object that was seen before; else -1, and it gets the next number. */
export function numberOf(object: object): number {
  if (count >= FEW) return numberAmongMany(object);
  for (let i = 0; i < count; i++) if (few[i] === object) return repeat(i);
  few[count++] = object;
  return -1;
}

function numberAmongMany(object: object): number {
  if (many.size === 0) for (let i = 0; i < FEW; i++) many.set(few[i]!, i);
  const number = many.get(object);
  if (number !== undefined) return repeat(number);
  many.set(object, count++);
  return -1;
}

function repeat(number: number): number {
  repeated = true;
  return number;
}

/** Has any object come twice? */
export function hasRepeated(): boolean {
  return repeated;
}

/** Must follow every message: what was sent must not be kept alive. */
export function forgetSeen(): void {
  if (count >= FEW) many.clear();
  for (let i = Math.min(count, FEW); i-- > 0; ) few[i] = undefined;
  count = 0;
  repeated = false;
}
