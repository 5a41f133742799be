/** Rivals beside us in the same run. */
export interface Rival {
  name: string;
  /** Measures once; resolves to a cost (less is better), the same unit for all rivals of a comparison. */
  measure(): Promise<number> | number;
}

export interface Result {
  name: string;
  median: number;
  lowest: number;
  highest: number;
}

/**
 * Measures every rival once per round and takes medians over the rounds. Round-robin, so that what disturbs the machine
 * for a while disturbs all of them.
 */
export async function compare(rivals: readonly Rival[], rounds: number): Promise<Result[]> {
  const samples = rivals.map((): number[] => []);
  for (let round = 0; round < rounds; round++) {
    for (const [i, rival] of rivals.entries()) samples[i]!.push(await rival.measure());
  }
  return rivals.map(({ name }, i) => summarize(name, samples[i]!));
}

export function summarize(name: string, samples: readonly number[]): Result {
  return { name, median: median(samples), lowest: Math.min(...samples), highest: Math.max(...samples) };
}

export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2;
}

/** How many times `ours` is as fast as the rival of that name: '12.3x', '-' when it did not run. */
export function ratio(results: readonly Result[], rival: string, ours: Result): string {
  const other = results.find(({ name }) => name === rival);
  if (!other) return '-';
  const times = other.median / ours.median;
  return `${times.toFixed(times < 10 ? 2 : 1)}x`;
}
