import assert from 'node:assert/strict';
import { testExample } from './example.ts';

testExample('terminated-holder.ts', ({ lines }) => {
  const [waiter] = lines.filter((line) => line.startsWith('waiter'));
  assert.equal(waiter, 'waiter: I have it, abandoned: true, token: 2');
  assert.deepEqual(
    lines.filter((line) => line !== waiter), // whose line may come before that of the end
    [
      'main: Lock(owner=holder), locked: true, token: 1',
      'main: can I have it within 100 ms? false',
      'main: the holder has ended with exit code -15',
      'main: and now I? true, abandoned: false',
    ],
  );
});
