import type { Engine } from './engine.ts';
import type { Times } from './histogram.ts';

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

export function statsOf({ crew, work, completed, failed, retried, waitTimes, runTimes }: Engine): PoolStats {
  const links = [...crew];
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
