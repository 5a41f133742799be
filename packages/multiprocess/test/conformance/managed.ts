/** Cases that CPython runs with a manager's proxies, too. One manager does for all of a file. */
import { after, test } from 'node:test';
import { Manager, type SyncManager } from 'multiprocess';

let manager: Promise<SyncManager> | undefined;

after(async () => (await manager)?.shutdown());

/** ledger.json says under `variants` which cases there are, and which are not run. */
export function conformsManaged(klass: string, name: string, body: (manager: SyncManager) => unknown): void {
  test(`${klass}.${name} (manager)`, { timeout: 120_000 }, async () => {
    manager ??= Manager();
    await body(await manager);
  });
}
