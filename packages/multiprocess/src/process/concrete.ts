/** The process classes of concrete contexts. */
import { registerKnown } from '../transport/index.ts';
import type { Target } from './options.ts';
import { Process } from './process.ts';

/** A process that is always forked from the zygote. */
export class ForkServerProcess<F extends Target = Target> extends Process<F> {
  static override readonly startMethod = 'forkserver';
  static override readonly isLibraryClass = true;
}

/** A process that is always a new Node.js. */
export class SpawnProcess<F extends Target = Target> extends Process<F> {
  static override readonly startMethod = 'spawn';
  static override readonly isLibraryClass = true;
}

registerKnown('ForkServerProcess', ForkServerProcess);
registerKnown('SpawnProcess', SpawnProcess);
