/**
 * The mixed run, after which a version of Node.js may be called supported: many children with heavy work of nine kinds.
 *
 *     npm run mixed               2,000 children on Node 24
 *     npm run mixed -- 500 26     as many on another Node
 */
import { spawnSync } from 'node:child_process';

const [count = '2000', version = '24'] = process.argv.slice(2);
const nodes: Record<string, string> = {
  '22': 'node_modules/node22/bin/node',
  '24': process.execPath,
  '26': 'node_modules/node26/bin/node',
};
const program = 'packages/multiprocess/test/process/fixtures/mixed.ts';
const { status } = spawnSync(nodes[version] ?? version, [program, count], { stdio: 'inherit' });
process.exitCode = status ?? 1;
