/** `using`, which Node 22 cannot read: the program is a text. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { runProgram } from '../pool/helper.ts';

const skip = process.version.startsWith('v22.') && 'Node 22 does not know `using`';

test('using holds until the end of the block, of a process’s function and of one that throws', { skip }, async () => {
  const { stdout, stderr } = await runProgram(`
    for (const object of [new mp.Lock(), new mp.RLock(), new mp.Semaphore(), new mp.BoundedSemaphore(), new mp.Condition()]) {
      const seen = [];
      {
        using held = object.holdSync();
        seen.push(object.locked());
      }
      seen.push(object.locked());
      const fail = async () => {
        using held = await object.hold(1000);
        seen.push(object.locked());
        throw new Error('within');
      };
      await fail().catch((error) => seen.push(error.message));
      seen.push(object.locked());
      const child = new mp.Process({ target: async () => { using held = await object.hold(1000); } });
      child.start();
      await child.join();
      console.log(seen.join(), child.exitCode, object.tryAcquire(), object.abandoned ?? false);
    }`);
  assert.equal(stderr, '');
  assert.equal(stdout, 'true,false,true,within,false 0 true false\n'.repeat(5));
});
