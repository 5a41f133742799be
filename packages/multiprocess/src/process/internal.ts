/** The second door of this folder: for entry/ and for pools, not for users. */
export { becomeSpawnedChild } from './bootstrap.ts';
export { inheritableExecArgv } from './execargv.ts';
export { watchChildren } from './family.ts';
export { inheritZygoteBell } from './identity.ts';
export { becomeThread, describeIdentity, type ThreadPreparation } from './thread.ts';
export { printUncaught } from './uncaught.ts';
export { makeWorker } from './worker.ts';
export { becomeForkedChild, prepareZygote } from './zygote.ts';
