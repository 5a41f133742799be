import { readFileSync } from 'node:fs';
import module from 'node:module';
import { toFile } from './modules/importMeta.ts';

/**
 * Puts the stack of the place that waits for an error under the one it brings along:
 *
 * ```
 * RangeError: boom
 *     at work (app.ts:12:7)                 in the process that threw it
 *     --- process 4711 ↑ | ↓ process 4700 ---
 *     at async main (app.ts:30:3)           here
 * ```
 */
export function joinStacks(remote: string, remotePid: number, local: string | undefined): string {
  const mapped = mapStack(remote);
  const frames = local ? local.split('\n').filter((line) => /^\s+at /.test(line)) : [];
  if (remotePid === process.pid || frames.length === 0) return mapped;
  return [mapped, `    --- process ${remotePid} ↑ | ↓ process ${process.pid} ---`, ...frames].join('\n');
}

// Code sent by value from a transpiled file throws at positions of the transpiled text, which only its sender can map.
function mapStack(stack: string): string {
  return stack.replace(
    /(file:\/\/[^\s()]+|\/[^\s():]+):(\d+):(\d+)/g,
    (whole, url: string, line: string, column: string) => {
      const file = toFile(url);
      const map = module.findSourceMap?.(file);
      if (!map || isPlausible(file, Number(line), Number(column))) return whole;
      const entry = map.findEntry(Number(line) - 1, Number(column) - 1);
      if (!('originalSource' in entry) || entry.originalLine === undefined) return whole;
      return `${toFile(entry.originalSource)}:${entry.originalLine + 1}:${entry.originalColumn + 1}`;
    },
  );
}

// A frame that the other process has mapped itself fits into the original file; one of the transpiled text hardly does.
function isPlausible(file: string, line: number, column: number): boolean {
  try {
    return column <= (readFileSync(file, 'utf8').split('\n')[line - 1]?.length ?? -1) + 1;
  } catch {
    return true;
  }
}
