import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Progress, renderProgress } from '../../src/terminal/bar.ts';
import { styleFor } from '../../src/terminal/style.ts';

const look = { style: styleFor({}), unicode: true, frame: 0 };
const progress: Progress = { done: 6120, failed: 2, total: 9749, rate: 412, elapsed: 15_000 };

test('shows how far it is, how fast, how long still, and what failed', () => {
  const line = renderProgress(progress, 100, look);
  assert.match(line, /━+╸?┄+ {3}62% {2}6,120\/9,749 {4}412\/s {2}ETA 0:09 {2}2 failed$/);
});

test('is never wider than the terminal; details go first, the percentage last', () => {
  for (let width = 20; width <= 200; width++) {
    const line = renderProgress(progress, width, look);
    assert.ok(line.length < width, `${line.length} columns at ${width}: ${line}`);
    assert.match(line, / 62%/);
  }
});

test('in 60 columns everything is there that matters', () => {
  const line = renderProgress(progress, 60, look);
  for (const part of [/62%/, /6,120\/9,749/, /ETA 0:09/, /2 failed/]) assert.match(line, part);
});

test('is empty at the start and full at the end', () => {
  assert.match(renderProgress({ ...progress, done: 0, rate: 0 }, 100, look), /^ ┄+ {4}0% .*ETA -:--/);
  assert.match(renderProgress({ ...progress, done: 9749 }, 100, look), /^ ━+ {2}100%/);
});

test('without a total it counts and turns', () => {
  const line = renderProgress({ ...progress, total: undefined }, 100, look);
  assert.match(line, /^ ⠋ {2}6,120 done {4}412\/s {2}0:15 {2}2 failed$/);
  assert.notEqual(renderProgress({ ...progress, total: undefined }, 100, { ...look, frame: 1 })[1], line[1]);
});

test('says that it is being stopped', () => {
  assert.match(renderProgress({ ...progress, note: 'stopping…' }, 60, look), /stopping…/);
});

test('a terminal without Unicode gets ASCII', () => {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: the whole range is meant
  assert.match(renderProgress(progress, 100, { ...look, unicode: false }), /^[\x00-\x7f]*$/);
});
