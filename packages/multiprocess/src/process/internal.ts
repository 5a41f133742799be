/** The second door of this folder: for entry/, and for neighbours, not for users. */
export { becomeSpawnedChild } from './bootstrap.ts';
export { inheritableExecArgv } from './execargv.ts';
export { watchChildren } from './family.ts';
export { hasMadeChildren, inheritZygoteBell } from './identity.ts';
export { prepareStart } from './launch.ts';
export { addToRehearsal } from './rehearsals.ts';
export { becomeThread, describeIdentity, type ThreadPreparation } from './thread.ts';
export { printUncaught } from './uncaught.ts';
export { leaveFailure, makeWorker, takeFailure } from './worker.ts';
export { becomeForkedChild, prepareZygote } from './zygote.ts';
