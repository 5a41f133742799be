import { dumps, dumpsError } from './dumps.ts';
import { resetSession } from './inspect/session.ts';
import { loads, tryLoadsSync } from './loads.ts';
import { loadsError } from './loadsError.ts';
import { decodeFrom, encodeInto, scratch } from './messages.ts';
import { loadLexer } from './modules/esm.ts';
import { resetOrigins } from './origins.ts';

/**
 * Sends itself a bit of everything, so that a process that will be forked has the parser, the lexer and the inspector
 * loaded and the code of both directions compiled.
 */
export async function warmUp(): Promise<void> {
  loadLexer();
  let count = 1;
  const shared = { list: [1, 2], at: new Date(0), bytes: new Uint8Array(4) };
  class Base {
    kept = count;
  }
  class Sample extends Base {
    label: string;
    constructor(label: string) {
      super();
      this.label = label;
    }
  }
  const work = async (n: number) => {
    count += n;
    return [shared.list.length, new Sample('warm'), await import('node:path')];
  };
  for (let i = 0; i < 3; i++) {
    const bytes = dumps([work, new Sample('up'), new Map([[1, shared]]), work.bind(null, 1)]);
    resetOrigins(); // or the very functions that were sent would come back, and nothing would be compiled
    tryLoadsSync(bytes);
    await loads(bytes);
    decodeFrom(scratch.bytes, 0, encodeInto([shared, { name: 'warm', half: 0.5 }, new Map([[1, 'up']])]));
  }
  await loadsError(dumpsError(new RangeError('warm', { cause: shared })));
}

/** What a forked process must call before it sends anything: drops the inspector session and the ids of its parent. */
export function resetAfterFork(): void {
  resetSession();
  resetOrigins();
}
