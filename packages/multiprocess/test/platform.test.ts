/** Where the library cannot work, it says so in one clear error at import. */
import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { checkPlatform } from '../dist/platform.js';

const here = (platform: string, arch: string, node: string) => ({ platform, arch, versions: { node } }) as never;

for (const [platform, arch, node] of [
  ['linux', 'x64', '22.18.0'],
  ['linux', 'arm64', '22.19.1'],
  ['linux', 'x64', '23.0.0'],
  ['linux', 'x64', '24.0.0'],
  ['linux', 'arm64', '26.10.0'],
  ['linux', 'x64', '100.0.0-nightly'],
] as const) {
  test(`${platform} ${arch} with Node.js ${node} is fine`, () => checkPlatform(here(platform, arch, node)));
}

for (const [platform, arch, node, what] of [
  ['darwin', 'arm64', '24.0.0', 'this is darwin'],
  ['win32', 'x64', '24.0.0', 'this is win32'],
  ['linux', 'ia32', '24.0.0', 'this processor is ia32'],
  ['linux', 'riscv64', '24.0.0', 'this processor is riscv64'],
  ['linux', 'x64', '20.19.0', 'this is Node.js 20.19.0'],
  ['linux', 'x64', '22.17.9', 'this is Node.js 22.17.9'],
] as const) {
  test(`${platform} ${arch} with Node.js ${node} is refused`, () => {
    assert.throws(() => checkPlatform(here(platform, arch, node)), {
      code: 'ERR_MP_PLATFORM',
      message: `multiprocess runs on Linux (x64 or arm64) with Node.js 22.18 or newer; ${what}`,
    });
  });
}

test('this machine is fine', () => checkPlatform());

const OLD = '/usr/bin/node';

function versionOf(executable: string): [number, number] {
  try {
    const [major, minor] = execFileSync(executable, ['-p', 'process.versions.node']).toString().split('.').map(Number);
    return [major!, minor!];
  } catch {
    return [Infinity, 0];
  }
}

test('an old Node.js prints one clear error', (t) => {
  const [major, minor] = versionOf(OLD);
  if (major > 22 || (major === 22 && minor >= 18)) return t.skip(`there is no old Node.js at ${OLD}`);
  const library = fileURLToPath(import.meta.resolve('multiprocess'));
  const { status, stderr } = spawnSync(OLD, [library], { encoding: 'utf8' });
  assert.equal(status, 1);
  assert.match(stderr, /multiprocess runs on Linux \(x64 or arm64\) with Node\.js 22\.18 or newer; this is Node\.js/);
  assert.equal(stderr.match(/^MultiprocessError: /gm)?.length, 1, stderr);
});
