import assert from 'node:assert/strict';
import { find, testExample } from './example.ts';

testExample('pipe-conversation.ts', ({ stdout, lines }) => {
  const [thinker] = find(stdout, /^thinker (\d+): I have a number/m);
  const [guesser] = find(stdout, /^guesser (\d+): is it 50\?/m);
  assert.notEqual(thinker, guesser);
  const talk = lines.filter((line) => /: (is it|higher|lower|right)/.test(line));
  const answers = ['higher', 'lower', 'higher', 'higher', 'higher', 'right'];
  assert.deepEqual(
    talk,
    [50, 75, 62, 68, 71, 73].flatMap((n, i) => [
      `guesser ${guesser}: is it ${n}?`,
      `thinker ${thinker}: ${answers[i]}`,
    ]),
  );
  assert.deepEqual(lines.slice(-2), [
    `guesser ${guesser}: thank you, good-bye`,
    `thinker ${thinker}: nobody is there any more`,
  ]);
});
