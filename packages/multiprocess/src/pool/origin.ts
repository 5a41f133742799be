/** Where the user called a pool. To find that out takes longer than all the rest of handing over a small task. */

export interface Origin {
  readonly stack?: string;
}

/** So many calls in one turn of the event loop are looked at one by one; of those that follow, one of so many. */
const BURST = 64;

let calls = 0;
let last: Origin = {};

/** Lets go of the last one, which knows the pool. */
function forget(): void {
  calls = 0;
  last = {};
}

/**
 * The stack of whoever called `caller`. In a burst, such as a loop that submits thousands of calls, some are said to come from
 * where one shortly before them came from.
 */
export function originOf(caller: Function): Origin {
  if (calls === 0) process.nextTick(forget);
  if (calls++ < BURST || calls % BURST === 0) {
    last = {};
    Error.captureStackTrace(last, caller);
  }
  return last;
}
