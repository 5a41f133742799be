/**
 * The zygote: a Node.js that loads the library and the preloads once, and is forked for every child.
 *
 * It never comes back from `zygoteServe`; what `becomeForkedChild` does is done in the children.
 */
import { constants } from 'node:os';
import '../index.ts'; // all of the library: what it sends by name must be known here
import '../threading/index.ts';
import { attachRealm, setSelfSlot } from '../memory/index.ts';
import { native } from '../native.ts';
import '../net/index.ts';
import { becomeForkedChild, inheritZygoteBell, prepareZygote } from '../process/internal.ts';

// Ctrl-C is for the programs of the family; the zygote goes when they are gone.
native.signalIgnore(constants.signals.SIGINT, true);
attachRealm(native.fdAdopt(3));
const bell = native.fdAdopt(4);
inheritZygoteBell(bell);
const slot = Number(process.argv[2]);
setSelfSlot(slot);

// Not awaited: this module has been loaded before the first fork then, and no child does what is left of that.
void prepareZygote(slot, bell).then((early) => {
  becomeForkedChild(early === -1 ? native.zygoteServe(slot, bell) : early);
});
