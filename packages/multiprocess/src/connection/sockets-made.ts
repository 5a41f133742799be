/** Socket files and folders that this thread has made: they go with it, unless it is killed. */
import { rmSync, unlinkSync } from 'node:fs';
import { mkdtemp } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';

const made = new Set<MadeFile>();

export class MadeFile {
  readonly #path: string;
  readonly #isFolder: boolean;

  constructor(file: string, isFolder: boolean) {
    this.#path = path.resolve(file);
    this.#isFolder = isFolder;
    if (made.size === 0) process.on('exit', removeAll);
    made.add(this);
  }

  /** Once only: what is there later belongs to somebody else. */
  remove(): void {
    if (!made.delete(this)) return;
    if (made.size === 0) process.off('exit', removeAll);
    try {
      if (this.#isFolder) rmSync(this.#path, { recursive: true, force: true });
      else unlinkSync(this.#path);
    } catch {
      // gone already, or not ours to remove any more
    }
  }
}

/** A path for a socket, in a folder that only this user can enter. */
export async function privatePath(): Promise<{ path: string; file: MadeFile }> {
  const folder = await mkdtemp(path.join(os.tmpdir(), 'mp-')); // mode 0700
  return { path: path.join(folder, 'socket'), file: new MadeFile(folder, true) };
}

function removeAll(): void {
  for (const file of made) file.remove();
}
