import assert from 'node:assert/strict';
import { find, testExample } from './example.ts';

testExample('tickets.ts', ({ stdout, lines }) => {
  const [sold] = find(stdout, /^without a lock: 3 tickets, (\d+) sold: oversold$/m);
  assert.ok(Number(sold) > 3 && Number(sold) <= 10, sold);
  assert.deepEqual(lines.slice(1), ['with a lock: 3 tickets, 3 sold']);
});
