/** Where the user called a pool. To find that out takes longer than all the rest of handing over a small task. */

export interface Origin {
  readonly stack?: string;
}

/** A call of the same function that comes so soon after the last one, in ms, is part of a burst. */
const SOON = 1;
/** Of a burst, the first so many calls are looked at, and then every so many. */
const FIRST = 16;
const EVERY = 256;
/** So long they are kept at most, in ms: the stack, which is made into text when somebody reads it, knows the pool. */
const KEPT = 20;

let burst = 0;
let when = 0;
let what: Function | undefined;
let last: Origin = {};

/**
 * The stack of whoever called `caller` with `fn`, at `now`. In a burst, such as a loop that submits thousands of calls, some are
 * said to come from where one shortly before them came from.
 */
export function originOf(caller: Function, fn: Function, now: number): Origin {
  if (what === fn && now - when < SOON) burst++;
  else {
    burst = 0;
    if (what === undefined) setTimeout(forget, KEPT).unref();
    what = fn;
  }
  when = now;
  if (burst >= FIRST && burst % EVERY !== 0) return last;
  last = {};
  Error.captureStackTrace(last, caller);
  return last;
}

function forget(): void {
  what = undefined;
  last = {};
}
