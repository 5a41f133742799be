/** What a function returns when it runs in a child. */
import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { after } from 'node:test';
import { getContext, type Process, type ProcessSettings } from 'multiprocess';
import type { Way } from './matrix.ts';

let answers = 0;

let folder: string | undefined;
after(() => folder && rmSync(folder, { recursive: true, force: true }));

/** A folder that goes with the test file. Made when first needed: children import this module, too. */
export function scratch(): string {
  folder ??= mkdtempSync(path.join(os.tmpdir(), 'mp-test-'));
  return folder;
}

/** A path of its own in that folder. */
export function scratchFile(name = 'file'): string {
  return path.join(scratch(), `${name}-${process.pid}-${answers++}`);
}

/** Starts a process, or a thread, that runs `fn`; `result()` joins it, wants exit code 0, and gives what `fn` returned, as JSON. */
export function ask<A extends unknown[], R>(
  way: Way,
  fn: (...args: A) => R,
  args: A,
  settings: ProcessSettings = {},
): { child: Process; result: () => Promise<Awaited<R>> } {
  const file = scratchFile('answer');
  const target = async (...given: A) => {
    const value = await fn(...given);
    writeFileSync(file, JSON.stringify({ value }));
  };
  const child = new (getContext(way).Process)({ target, args, ...settings } as {}) as Process;
  child.start();
  const result = async () => {
    await child.join();
    assert.equal(child.exitCode, 0, `exit code of ${fn.name || 'the child'}`);
    return JSON.parse(readFileSync(file, 'utf8')).value;
  };
  return { child, result };
}

/** `ask` and wait for the answer. */
export function inChild<A extends unknown[], R>(
  way: Way,
  fn: (...args: A) => R,
  args: A = [] as unknown as A,
  settings: ProcessSettings = {},
): Promise<Awaited<R>> {
  return ask(way, fn, args, settings).result();
}
