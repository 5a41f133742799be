/**
 * Threads, which a fork does not copy: those of module hooks (every import in a child would hang), and worker threads
 * (a child would wait for them for ever).
 */
import diagnostics from 'node:diagnostics_channel';
import nodeModule from 'node:module';
import type { Worker } from 'node:worker_threads';

let registered: string | undefined;
const workers = new Set<Worker>();

/** Notices `module.register()` and new worker threads from here on. */
export function watchForThreads(): void {
  diagnostics.subscribe('worker_threads', (message) => {
    const { worker } = message as { worker: Worker };
    workers.add(worker);
    worker.once('exit', () => workers.delete(worker));
  });
  const { register } = nodeModule;
  if (!register) return;
  nodeModule.register = ((specifier: string | URL, ...rest: []) => {
    registered ??= String(specifier);
    return register(specifier, ...rest);
  }) as typeof register;
  nodeModule.syncBuiltinESMExports();
}

/** Why hooks speak against a fork; undefined when none were registered. */
export function registeredHook(): string | undefined {
  return (
    registered &&
    `module hooks run in a thread of their own (module.register of ${registered}), which a fork does not copy`
  );
}

/** Whether a worker thread lives; Node's list of active resources does not show it. */
export function hasWorkers(): boolean {
  return workers.size > 0;
}
