/** Socket files and folders that this thread has made: they go with it; if it is killed, with the last process of the program. */
import os from 'node:os';
import path from 'node:path';
import { fsPromises } from '../builtins.ts';
import { native } from '../native.ts';
import { ensureKeeper } from '../shared/internal.ts';

const made = new Set<MadeFile>();

export class MadeFile {
  readonly #path: string;

  /** A socket, or the folder of one whose name is 'socket'. */
  constructor(file: string) {
    this.#path = path.resolve(file);
    native.fileKeep(this.#path, ensureKeeper());
    if (made.size === 0) process.on('exit', removeAll);
    made.add(this);
  }

  /** Once only: what is there later belongs to somebody else. */
  remove(): void {
    if (!made.delete(this)) return;
    if (made.size === 0) process.off('exit', removeAll);
    try {
      native.fileRemove(this.#path);
    } catch {
      // gone already, or not ours to remove any more
    }
  }
}

/** A path for a socket, in a folder that only this user can enter. */
export async function privatePath(): Promise<{ path: string; file: MadeFile }> {
  const folder = await fsPromises().mkdtemp(path.join(os.tmpdir(), 'mp-')); // mode 0700
  return { path: path.join(folder, 'socket'), file: new MadeFile(folder) };
}

function removeAll(): void {
  for (const file of made) file.remove();
}
