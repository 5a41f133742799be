/** The zygote's first `--import`: notices the threads that the program's own options start. */
import { watchForThreads } from '../process/hooks.ts';

watchForThreads();
