/** Reproducible randomness: the seed is in the message of whatever fails. */
export type Random = (n: number) => number;

/** Numbers from 0 to n - 1; mulberry32 (Tommy Ettinger, public domain). */
export function randomOf(seed: number): Random {
  let state = seed >>> 0;
  return (n) => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = state;
    t = Math.imul(t ^ (t >>> 15), t | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) % n;
  };
}

/** Runs `body` for many seeds; MP_SEED=n runs it for that one only. */
export async function forSeeds(count: number, body: (random: Random, seed: number) => unknown): Promise<void> {
  const only = process.env.MP_SEED;
  const seeds = only === undefined ? Array.from({ length: count }, (_, i) => i) : [Number(only)];
  for (const seed of seeds) {
    try {
      await body(randomOf(seed), seed);
    } catch (error) {
      throw new Error(`with MP_SEED=${seed}`, { cause: error });
    }
  }
}

export function randomBytes(random: Random, length: number): Buffer {
  return Buffer.from(Array.from({ length }, () => random(256)));
}
