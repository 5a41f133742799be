/**
 * What a process sends itself to warm up. In a file of its own, also in the bundle (scripts/bundle.ts): to send a function by
 * value, its whole file is parsed.
 */
let count = 1;

export const shared = { list: [1, 2], at: new Date(0), bytes: new Uint8Array(4) };

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

/** Anew at each call: a function that was sent before is known. */
export function sample(): unknown[] {
  const work = async (n: number) => {
    count += n;
    return [shared.list.length, new Sample('warm'), await import('node:path')];
  };
  return [work, new Sample('up'), new Map([[1, shared]]), work.bind(null, 1)];
}
