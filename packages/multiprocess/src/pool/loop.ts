/** The event loop of a worker. */

/**
 * Whether tasks have left something under way: timers, sockets, reads. If not, the worker's thread may sleep instead of its event loop, and
 * is woken in half the time. Standard streams do not count, which are there for as long as the process: a terminal or a pipe
 * keeps no loop from sleeping.
 */
export function isLoopBusy(): boolean {
  if (process.getActiveResourcesInfo().length === 0) return false;
  const streams = openStreams(); // first, because to look at one opens it
  return process.getActiveResourcesInfo().length > streams;
}

function openStreams(): number {
  let count = 0;
  for (const stream of [process.stdout, process.stderr] as { _handle?: { hasRef?(): boolean } }[])
    if (stream._handle?.hasRef?.()) count++;
  return count;
}
