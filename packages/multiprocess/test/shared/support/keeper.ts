/** The keeper of this process's realm. */
import { header, table } from '../../../dist/memory/index.js';

/** undefined when there is none yet. */
export function keeperPid(): number | undefined {
  const keeper = header.load('keeper');
  return keeper === 0 ? undefined : table.pid(keeper - 1);
}
