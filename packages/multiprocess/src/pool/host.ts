/** What runs a worker: a process, or a thread of this process. */
import type { Process } from '../process/index.ts';
import { makeWorker, prepareStart } from '../process/internal.ts';
import { Thread } from '../threading/index.ts';
import { endThread, onThreadEnd } from '../threading/internal.ts';
import { runWorker, serveInline, type WorkerConfig } from './worker.ts';

export interface Host {
  readonly name: string;
  /** Of the process that the worker is, or is part of. */
  readonly pid: number;
  /** Final once it has ended: -N after signal N. */
  readonly exitCode: number | null;
  readonly signalCode: NodeJS.Signals | null;
  /** Asks it to end, or makes it end at once. */
  terminate(): void;
  kill(): void;
}

export interface StartHost {
  /** Starts a worker; `onEnd` is called once it has ended, however it did. Throws what starting throws. */
  (config: WorkerConfig, onEnd: () => void): Host;
  /** Has the first worker start sooner: what it needs is begun, and not waited for. */
  prepare?(): void;
}

/** Workers that are processes of a class, and so of a start method. */
export function processHosts(Class: typeof Process): StartHost {
  const start = (config: WorkerConfig, onEnd: () => void) => {
    const process = new Class({ target: runWorker, args: [config] });
    process.name = process.name.replace('Process', 'PoolWorker');
    makeWorker(process as Process<any>, onEnd);
    process.start();
    return process as Process<any> & { pid: number };
  };
  return Object.assign(start, { prepare: () => prepareStart(Class.startMethod) });
}

/** Workers that are threads, named `prefix_0`, `prefix_1`, … */
export function threadHosts(prefix: string): StartHost {
  let count = 0;
  return (config, onEnd) => {
    const thread = new Thread({ target: runWorker, args: [config], name: `${prefix}_${count++}`, daemon: true });
    thread.start();
    let exitCode: number | null = null;
    onThreadEnd(thread, (code) => {
      exitCode = code;
      onEnd();
    });
    return {
      name: thread.name,
      pid: process.pid,
      get exitCode() {
        return exitCode;
      },
      signalCode: null,
      terminate: () => void endThread(thread),
      kill: () => void endThread(thread),
    };
  };
}

/** A worker that is the thread of the pool itself: for debuggers. A task that runs when it is ended is left alone. */
export const inlineHost: StartHost = (config, onEnd) => {
  let exitCode: number | null = null;
  const { done, stop } = serveInline(config);
  const end = () => {
    if (exitCode !== null) return;
    exitCode = 0;
    onEnd();
  };
  void done.then(end);
  const terminate = () => {
    stop();
    setImmediate(end);
  };
  return {
    name: 'inline',
    pid: process.pid,
    get exitCode() {
      return exitCode;
    },
    signalCode: null,
    terminate,
    kill: terminate,
  };
};
