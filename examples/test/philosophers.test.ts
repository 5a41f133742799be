import assert from 'node:assert/strict';
import { find, testExample } from './example.ts';

const NAMES = ['Arendt', 'Aristotle', 'Confucius', 'Hypatia', 'Plato'];

testExample('philosophers.ts', ({ stdout, lines }) => {
  const second = lines.indexOf('the fork with the lower number first:');
  const eating = (part: string[]) => part.filter((line) => line.endsWith(' eats')).map((line) => line.split(' ')[0]!);
  const [hungry, cycle] = find(stdout, /^(\w+) gets ERR_MP_DEADLOCK: (.*)$/m);
  const seats = cycle!.split(' waits for ');
  assert.deepEqual([seats.length, seats[0], seats.at(-1)], [6, hungry, hungry]);
  assert.deepEqual(seats.slice(1).sort(), NAMES);
  assert.equal(lines[0], 'the left fork first:');
  assert.ok(lines.includes(`${hungry} gives the fork back, hungry`));
  assert.deepEqual([...eating(lines.slice(0, second)), hungry].sort(), NAMES, 'the other four eat');
  assert.deepEqual(eating(lines.slice(second)).sort(), NAMES, 'all five eat');
});
