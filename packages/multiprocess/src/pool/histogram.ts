/** How long things took: counts in buckets that grow by a quarter, so that a percentile is off by an eighth at most. */

const GROWTH = Math.log(1.25);
/** The first bucket: everything below a microsecond, in ms. */
const FIRST = 0.001;
const BUCKETS = 128; // up to two weeks

export interface Times {
  count: number;
  /** In ms, like the others. */
  mean: number;
  p50: number;
  p90: number;
  p99: number;
  max: number;
}

export class Histogram {
  readonly #counts = new Uint32Array(BUCKETS);
  #count = 0;
  #sum = 0;
  #max = 0;

  record(ms: number): void {
    const bucket = ms <= FIRST ? 0 : Math.min(BUCKETS - 1, 1 + Math.floor(Math.log(ms / FIRST) / GROWTH));
    this.#counts[bucket]!++;
    this.#count++;
    this.#sum += ms;
    if (ms > this.#max) this.#max = ms;
  }

  get summary(): Times {
    const count = this.#count;
    const at = (share: number) => this.#percentile(share);
    return {
      count,
      mean: count === 0 ? 0 : this.#sum / count,
      p50: at(0.5),
      p90: at(0.9),
      p99: at(0.99),
      max: this.#max,
    };
  }

  #percentile(share: number): number {
    let left = share * this.#count;
    for (let bucket = 0; bucket < BUCKETS; bucket++) {
      left -= this.#counts[bucket]!;
      if (left <= 0 && this.#count > 0) return Math.min(this.#max, FIRST * Math.exp(GROWTH * (bucket - 0.5)));
    }
    return 0;
  }
}
