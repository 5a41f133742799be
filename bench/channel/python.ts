/** CPython's figures for the same shapes: fixtures/channel.py. */
import { fileURLToPath } from 'node:url';
import type { Contender } from '../contest.ts';
import { pythonVersion, python as runPython } from '../python.ts';

const script = fileURLToPath(new URL('./fixtures/channel.py', import.meta.url));

/** A contender for each channel that is named; none without Python. */
export function python(channels: readonly string[], shape: string, ...args: (string | number)[]): Contender[] {
  if (!pythonVersion()) return [];
  return channels.map((channel) => ({
    name: `CPython ${channel}`,
    async measure() {
      const [time, cpu] = await runPython<[number, number]>(script, shape, channel, ...args);
      return { time, cpu };
    },
  }));
}
