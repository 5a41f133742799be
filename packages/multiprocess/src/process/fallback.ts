/** When a program cannot be forked, and how its user is told. */
import inspector from 'node:inspector';
import { nodeOptions } from './execargv.ts';

let announced = false;

/**
 * Why this program must not be forked, as far as its own process can tell; undefined when nothing speaks against it.
 * What only shows in the zygote (a module hook's thread, a child process of a preload) is found there.
 */
export function unsafeReason(): string | undefined {
  if (inspector.url() !== undefined) return 'the inspector is active, and its session cannot be forked';
  const hook = nodeOptions().find(
    (option) => /^--(experimental-)?loader(=|$)/.test(option) || /(^|[/=])tsx(\/|$|@)/.test(option),
  );
  if (hook) return `module hooks run in a thread of their own (${hook}), which a fork does not copy`;
  return undefined;
}

/** Warns once per process, with code `MP_FALLBACK_SPAWN`. */
export function announceFallback(reason: string): void {
  if (announced) return;
  announced = true;
  process.emitWarning(`multiprocess starts processes by 'spawn' instead of 'forkserver': ${reason}`, {
    code: 'MP_FALLBACK_SPAWN',
  });
}
