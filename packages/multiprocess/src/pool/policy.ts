/** In which order a pool takes up the work that it was given. */
import { invalidArgument } from '../errors.ts';

/** What a policy may look at: a call, or what is left of a map. */
export interface PolicyTask {
  /** `priority` of its options; 0. */
  readonly priority: number;
  /** `cost` of its options; otherwise the measured time of its function in ms; undefined: it has never run. */
  readonly cost: number | undefined;
  /** `submitter` of its options. */
  readonly submitter: unknown;
  /** When it was given to the pool, in ms (`performance.now`). */
  readonly arrived: number;
  /** How many items of it were taken up the last time; 0: it is new. */
  readonly taken: number;
}

/**
 * Decides what is taken up next: what has the smallest key, and of equal ones what came first. A key is asked for when work
 * arrives, and again each time after some of its items have been taken up.
 *
 * @example
 * const lastFirst: Policy = { key: ({ arrived }) => -arrived };
 * const pool = new Pool(4, { policy: lastFirst });
 */
export interface Policy {
  key(task: PolicyTask): number;
  /** Told each time when items have been taken up, `taken` of them, by which key. */
  took?(task: PolicyTask, key: number): void;
}

export type PolicyName = 'fifo' | 'priority' | 'sjf' | 'fair';

/** One level of priority is worth so much waiting, in ms: no task waits for ever (ageing). */
const AGEING = 1000;

const POLICIES: Record<PolicyName, () => Policy | undefined> = {
  // First in, first out needs no keys.
  fifo: () => undefined,
  priority: () => ({ key: ({ arrived, priority }) => arrived - priority * AGEING }),
  // Shortest job first (Conway, Maxwell and Miller, "Theory of Scheduling", 1967): least mean waiting time. What is not known is
  // tried at once, to get to know it.
  sjf: () => ({ key: ({ cost }) => cost ?? 0 }),
  fair: () => new FairShare(),
};

/**
 * Equal shares for all submitters, whatever each asks for: start-time fair queueing (Goyal, Vin and Cheng, SIGCOMM 1996). A
 * submitter's next work starts, in virtual time, when its last has ended, but not before the present.
 */
class FairShare implements Policy {
  #now = 0;
  readonly #ends = new Map<unknown, number>();
  #pruneAt = MANY;

  /** One item is charged in advance. */
  key({ submitter, cost = 1 }: PolicyTask): number {
    const start = Math.max(this.#now, this.#ends.get(submitter) ?? 0);
    this.#ends.set(submitter, start + cost);
    return start;
  }

  /** Work that is taken up moves the present to where it begins; then submitters whose work is all past are as good as new ones. */
  took({ submitter, cost = 1, taken }: PolicyTask, key: number): void {
    this.#now = Math.max(this.#now, key);
    this.#ends.set(submitter, (this.#ends.get(submitter) ?? key) + cost * (taken - 1));
    if (this.#ends.size < this.#pruneAt) return;
    for (const [one, end] of this.#ends) if (end <= this.#now) this.#ends.delete(one);
    this.#pruneAt = 2 * this.#ends.size + MANY;
  }
}

/** As many submitters are remembered without a look at who can be forgotten. */
const MANY = 100;

/** undefined: first in, first out. Throws `ERR_MP_INVALID_ARG`. */
export function policyOf(policy: unknown = 'fifo'): Policy | undefined {
  if (typeof policy === 'string' && Object.hasOwn(POLICIES, policy)) return POLICIES[policy as PolicyName]();
  if (typeof (policy as Policy | null)?.key === 'function') return policy as Policy;
  throw invalidArgument('policy', `${Object.keys(POLICIES).join(', ')}, or an object with key()`, policy);
}
