/**
 * Randomness after a fork.
 *
 * V8's Math.random and Node's caches behind `crypto.randomUUID` and `crypto.randomInt` are memory, and a fork copies
 * memory: without care, every child would draw the same values. `crypto.randomBytes` asks the kernel and is safe.
 */
import nodeModule from 'node:module';
import v8 from 'node:v8';
import vm from 'node:vm';
import { crypto } from '../builtins.ts';
import { native } from '../native.ts';

/** Entries of Node's caches, see lib/internal/crypto/random.js: drawing that many always passes a refill. */
const UUID_CACHE = 128;
const INT_CACHE = 1024;

let generation = 0;
let isCryptoForkable = false;

/** In the zygote, before any other code is loaded: what preloaded modules keep hold of must notice a fork, too. */
export function makeRandomnessForkable(): void {
  const math = Math.random;
  let draw = math;
  let drawn = 0;
  Math.random = function random(): number {
    if (drawn !== generation) {
      drawn = generation;
      draw = freshMathRandom();
    }
    return draw();
  };
}

/** The same for `crypto`. A child that has to load it for itself, which takes 10 ms, has caches of its own. */
export function makeCryptoForkable(): void {
  if (isCryptoForkable) return;
  isCryptoForkable = true;
  const module = crypto();
  const { randomUUID, randomInt } = module;
  module.randomUUID = refilling(randomUUID, UUID_CACHE, () => randomUUID());
  module.randomInt = refilling(randomInt, INT_CACHE, () => randomInt(2));
  globalThis.Crypto.prototype.randomUUID = module.randomUUID as typeof globalThis.crypto.randomUUID;
  nodeModule.syncBuiltinESMExports();
}

/** In a child: whatever is drawn next is its own. */
export function renewRandomness(): void {
  generation++;
}

/** A new context has a generator of its own, seeded from the flag. */
function freshMathRandom(): () => number {
  v8.setFlagsFromString(`--random-seed=${native.randomBytes(4).readInt32LE() || 1}`);
  return vm.runInNewContext('Math.random');
}

function refilling<F extends (...args: any[]) => unknown>(original: F, size: number, drawOne: () => void): F {
  let filled = 0;
  const wrapper = function (this: unknown, ...args: unknown[]): unknown {
    if (filled !== generation) {
      filled = generation;
      for (let i = 0; i < size; i++) drawOne();
    }
    return original.apply(this, args);
  };
  return Object.defineProperty(wrapper, 'name', { value: original.name }) as unknown as F;
}
