import assert from 'node:assert/strict';
import { test } from 'node:test';
import { RecentRate } from '../../src/terminal/recentRate.ts';

test('a steady pace is its rate from the first look on', () => {
  const rate = new RecentRate(0);
  for (let now = 100; now <= 5000; now += 100) assert.ok(Math.abs(rate.update(now, now / 10) - 100) < 1e-6);
});

test('follows a change', () => {
  const rate = new RecentRate(0);
  rate.update(60_000, 600);
  const later = rate.update(90_000, 3600);
  assert.ok(later > 95, `${later}/s after half a minute at 100/s`);
});
