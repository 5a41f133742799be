/** What a pool tells about itself. */
import type { Crew } from './crew.ts';
import { Histogram, type Times } from './histogram.ts';
import type { Work } from './work.ts';

export interface PoolStats {
  /** Workers that the pool is to have. */
  size: number;
  /** Workers that live. */
  workers: number;
  /** Workers that wait for work. */
  idle: number;
  /** Process ids of the workers. */
  pids: number[];
  /** Tasks that wait for a worker; of iterables that do not say their length, only those that have been read. */
  queued: number;
  /** Tasks that have been sent to workers and have not settled. */
  running: number;
  /** Tasks that have succeeded. */
  completed: number;
  /** Tasks that have failed. */
  failed: number;
  /** Tasks that were run once more after they had failed. */
  retried: number;
  /** Workers that have died without having been told to end. */
  deaths: number;
  /** How long each worker that lives has been running tasks, in ms, in the order of `pids`. */
  busy: number[];
  /** How long calls, and the first items of maps, waited for a worker. */
  waitTimes: Times;
  /** How long tasks ran. */
  runTimes: Times;
}

/** What it has counted and measured since it was made. */
export class Tally {
  completed = 0;
  failed = 0;
  retried = 0;
  /** Of calls, and of the first items of maps: from the call until a worker begins. */
  readonly waitTimes = new Histogram();
  readonly runTimes = new Histogram();
}

export function statsOf({ crew, work, tally }: { crew: Crew; work: Work; tally: Tally }): PoolStats {
  const links = [...crew];
  const { completed, failed, retried, waitTimes, runTimes } = tally;
  return {
    size: crew.size,
    workers: links.length,
    idle: links.filter((link) => link.isReady && !link.isLeaving && link.inFlight === 0).length,
    pids: links.map((link) => link.host.pid),
    queued: work.waiting,
    running: links.reduce((sum, link) => sum + link.inFlight, 0),
    completed,
    failed,
    retried,
    deaths: crew.deaths,
    busy: links.map((link) => link.busy),
    waitTimes: waitTimes.summary,
    runTimes: runTimes.summary,
  };
}
