/** The second door of this folder: for entry/ and for pools, not for users. */
export { becomeSpawnedChild } from './bootstrap.ts';
export { inheritZygoteBell } from './identity.ts';
export { becomeForkedChild, prepareZygote } from './zygote.ts';
