import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import { closeSync, openSync, readdirSync, readFileSync } from 'node:fs';
import { test } from 'node:test';
import { REALM_SIZE } from '../../dist/memory/layout.js';
import { attachRealm, ensureRealm, wordIndex, words, wordsAt } from '../../dist/memory/realm.js';
import { native } from '../../dist/native.js';

const realm = new URL('../../dist/memory/realm.js', import.meta.url).href;

test('a process has one realm', () => {
  assert.equal(ensureRealm(), ensureRealm());
  assert.equal(native.realmFd(), ensureRealm());
});

test('words beyond 4 GiB are themselves', () => {
  ensureRealm();
  const offsets = [8 * 2 ** 30, 8 * 2 ** 30 + 4, 33 * 2 ** 30, REALM_SIZE - 4];
  for (const [i, offset] of offsets.entries()) Atomics.store(wordsAt(offset), wordIndex(offset), i + 1);
  for (const [i, offset] of offsets.entries()) {
    assert.equal(Atomics.load(wordsAt(offset), wordIndex(offset)), i + 1);
    assert.equal(new Int32Array(native.realmWindow(offset, 4))[0], i + 1);
  }
  assert.equal(words(0)[wordIndex(4)], 1, 'the layout version is where it was');
});

test('a window outside the realm is refused', () => {
  ensureRealm();
  assert.throws(() => native.realmWindow(REALM_SIZE - 8, 16), RangeError);
});

test('something else than a realm is refused', () => {
  const file = openSync('/dev/null', 'r');
  try {
    const program = `import { attachRealm } from '${realm}'; attachRealm(3)`;
    const child = spawnSync(process.execPath, ['--input-type=module', '-e', program], { stdio: [0, 1, 'pipe', file] });
    assert.match(child.stderr.toString(), /ERR_MP_BAD_HANDLE/);
    assert.throws(() => attachRealm(file), { code: 'ERR_MP_BAD_HANDLE' });
  } finally {
    closeSync(file);
  }
});

for (const limit of ['-f 1000', '-v 30000000']) {
  test(`under ulimit ${limit} the realm fails with a clear error`, () => {
    const program = `import { ensureRealm } from '${realm}'; try { ensureRealm() } catch (e) { console.log(e.code, e.message) }`;
    const shell = `ulimit ${limit}; exec "$0" --input-type=module -e "$1"`;
    const output = execFileSync('sh', ['-c', shell, process.execPath, program]).toString();
    assert.match(output, /^ERR_MP_NO_MEMORY .*ulimit/);
  });
}

test('the realm leaves nothing behind but one descriptor, which is not inherited', () => {
  const before = readdirSync('/dev/shm').join();
  const program = `import { readdirSync } from 'node:fs'; import { ensureRealm, words } from '${realm}';
    const before = readdirSync('/proc/self/fd').length;
    ensureRealm(); words(0); words(1);
    console.log(readdirSync('/proc/self/fd').length - before)`;
  assert.equal(execFileSync(process.execPath, ['--input-type=module', '-e', program]).toString(), '1\n');
  assert.equal(readdirSync('/dev/shm').join(), before);
  const flags = readFileSync(`/proc/self/fdinfo/${ensureRealm()}`, 'latin1').match(/flags:\s+(\d+)/)?.[1];
  assert.ok(Number.parseInt(flags ?? '0', 8) & 0o2000000, 'close-on-exec');
});
