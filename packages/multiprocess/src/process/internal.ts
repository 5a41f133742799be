/** The second door of this folder: for entry/ and for pools, not for users. */
import { runChild } from './bootstrap.ts';
import { useSpawnedDoor } from './leave.ts';

export { inheritZygoteBell } from './identity.ts';
export { becomeForkedChild, prepareZygote } from './zygote.ts';
