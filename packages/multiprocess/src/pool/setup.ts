/** What pools and executors are made of alike: the options of their workers, and what the signal of a call means. */
import { cancelled } from '../timeout.ts';
import { dumps } from '../transport/index.ts';
import type { Ending, Engine, EngineOptions } from './engine.ts';
import type { StartHost } from './host.ts';
import type { PoolOptions } from './options.ts';
import { policyOf } from './policy.ts';

type Shared = Pick<PoolOptions<any>, 'initializer' | 'initArgs' | 'maxTasksPerChild' | 'maxMemoryPerChild' | 'policy'>;

/** The initializer is captured now. Throws `ERR_MP_CAPTURE`. */
export function engineOptions(options: Shared, startHost: StartHost): EngineOptions {
  const { initializer, initArgs = [], maxTasksPerChild, maxMemoryPerChild, policy } = options;
  return {
    startHost,
    initializer: initializer && dumps([initializer, initArgs], { root: 'initializer' }),
    keeps: [initializer, initArgs],
    maxTasks: maxTasksPerChild ?? Number.POSITIVE_INFINITY,
    maxMemory: maxMemoryPerChild ?? 0,
    policy: policyOf(policy),
  };
}

const NO_ENDINGS: readonly Ending[] = [];

/** A call, or a map, ends by the signal of its options. */
export function endingsOf(options: { signal?: AbortSignal } | undefined): readonly Ending[] {
  const signal = options?.signal;
  return signal ? [{ signal, reason: () => cancelled(signal) }] : NO_ENDINGS;
}

const forgotten = new FinalizationRegistry<Engine>((engine) => engine.close());

/** Has the workers end when nobody can give them work any more, once they have done what there is. */
export function closeWhenForgotten(owner: object, engine: Engine): void {
  forgotten.register(owner, engine);
}
