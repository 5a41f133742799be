/** How the server learns what went wrong in a child. */
import { WorkerDiedError } from '../pool/index.ts';
import type { Process } from '../process/index.ts';
import { tryLoadsErrorSync } from '../transport/index.ts';

/** Tells the user. What `onError` throws is an uncaught error of this process. */
export function report(onError: ((error: Error) => void) | undefined, error: Error): void {
  if (onError) queueMicrotask(() => onError(error));
}

export function died(process: Process<any>, task: string): WorkerDiedError {
  const { name, pid, exitCode, signalCode } = process;
  return new WorkerDiedError({ name, pid: pid!, exitCode: exitCode!, signal: signalCode }, task, undefined);
}

/** What another process has thrown. */
export function thrown(bytes: Uint8Array): Error {
  const error: unknown = tryLoadsErrorSync(bytes)?.value;
  return error instanceof Error ? error : new Error(String(error));
}
