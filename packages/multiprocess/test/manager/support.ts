/** Managers of tests end with them, however those end. */
import { afterEach } from 'node:test';

const open: { shutdown(): Promise<void> }[] = [];

afterEach(async () => {
  for (const manager of open.splice(0)) await manager.shutdown();
});

/** The same manager, which is shut down at the end of the test. */
export function untilEnd<M extends { shutdown(): Promise<void> }>(manager: M): M {
  open.push(manager);
  return manager;
}
