/** The zygote's first `--import`: notices the module hooks that the program's own options register. */
import { watchForHooks } from '../process/hooks.ts';

watchForHooks();
