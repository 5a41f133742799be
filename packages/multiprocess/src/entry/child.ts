/** What a spawned process runs: it joins the realm that it inherited, then becomes the child that its slot describes. */
import '../index.ts'; // all of the library: what it sends by name must be known here
import '../threading/index.ts';
import { attachRealm, setSelfSlot } from '../memory/index.ts';
import { native } from '../native.ts';
import '../net/index.ts';
import { becomeSpawnedChild, inheritZygoteBell } from '../process/internal.ts';

attachRealm(native.fdAdopt(3));
inheritZygoteBell(native.fdAdopt(4));
const slot = Number(process.argv[2]);
setSelfSlot(slot);
becomeSpawnedChild(slot);
