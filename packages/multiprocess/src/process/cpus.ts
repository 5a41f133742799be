import os from 'node:os';

/** Number of processors of the machine. */
export function cpuCount(): number {
  return os.cpus().length;
}

/**
 * Number of processors that this process may use: respects its affinity mask and its cgroup's CPU quota (rounded up).
 * The default size of pools.
 */
export function processCpuCount(): number {
  return os.availableParallelism();
}
