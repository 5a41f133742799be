// mpshim.so takes itself out of the environment, so that only the process started with it ever runs with it.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';

const shim = fileURLToPath(new URL('../../build/Release/mpshim.so', import.meta.url));
const root = fileURLToPath(new URL('../../../../node_modules/', import.meta.url));
const versions = ['node22', 'node', 'node26']
  .map((name) => `${root}${name}/bin/node`)
  .filter((path) => existsSync(path));

// What a process and a shell that it starts see of LD_PRELOAD, and whether the library is mapped in each.
const look = `
  const { execSync } = require('node:child_process');
  const mapped = (maps) => maps.includes('mpshim.so');
  console.log(JSON.stringify({
    own: process.env.LD_PRELOAD ?? null,
    ownMapped: mapped(require('node:fs').readFileSync('/proc/self/maps', 'utf8')),
    child: execSync('echo "$LD_PRELOAD"').toString().trim(),
    childMapped: mapped(execSync('cat /proc/self/maps').toString()),
  }))`;

function lookWith(node: string, preload: string) {
  const output = execFileSync(node, ['-e', look], { env: { ...process.env, LD_PRELOAD: preload } });
  return JSON.parse(output.toString());
}

for (const node of versions) {
  describe(`the preloaded shim in ${execFileSync(node, ['--version']).toString().trim()}`, () => {
    it('is loaded, and not inherited by programs', () => {
      assert.deepEqual(lookWith(node, shim), { own: null, ownMapped: true, child: '', childMapped: false });
    });

    it("keeps the user's own preloads", () => {
      for (const list of [`libm.so.6:${shim}`, `${shim} libm.so.6`]) {
        const seen = lookWith(node, list);
        assert.equal(seen.own, 'libm.so.6');
        assert.equal(seen.child, 'libm.so.6');
        assert.equal(seen.childMapped, false);
      }
    });

    it('changes nothing for a program that never forks', () => {
      const program =
        'const { Worker } = require("node:worker_threads"); new Worker("0", { eval: true }).on("exit", (code) => console.log("code", code))';
      const output = execFileSync(node, ['-e', program], { env: { ...process.env, LD_PRELOAD: shim } });
      assert.equal(output.toString(), 'code 0\n');
    });
  });
}
