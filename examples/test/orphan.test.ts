import assert from 'node:assert/strict';
import { find, testExample } from './example.ts';

testExample('orphan.ts', ({ stdout, lines }) => {
  const [parent, a, b] = find(
    stdout,
    /^parent +(\d+): started child A \((\d+)\) and child B \((\d+), orphan: 'kill'\)$/m,
  );
  find(stdout, new RegExp(`^child A ${a}: my parent is ${parent}$`, 'm'));
  find(stdout, new RegExp(`^child B ${b}: my parent is ${parent}$`, 'm'));
  find(stdout, new RegExp(`^main: kills the parent, ${parent}$`, 'm'));

  assert.ok(lines.includes(`child A ${a}: my parent is dead: I am an orphan, and go on`));
  assert.ok(lines.includes('main: child A is alive'));
  assert.ok(lines.includes('main: child B is gone'));
  // Child B may have noticed before it was terminated; that is read when there is time.
  const rest = lines.filter((line) => !line.startsWith(`child B ${b}: my parent is dead`));
  assert.deepEqual(rest.slice(-2), ['main: ends child A, for nobody else will', 'main: the last of them has ended']);
});
