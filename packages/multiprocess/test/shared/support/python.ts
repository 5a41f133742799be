/** CPython, if there is one: the other side of everything that is byte-compatible with it. */
import { execFile, spawnSync } from 'node:child_process';
import { promisify } from 'node:util';

const found = spawnSync('python3', ['-c', 'import multiprocessing.shared_memory, sys; print(sys.version.split()[0])']);

/** For `test(title, { skip })`: why there is no Python, or false. */
export const skip = found.status === 0 ? false : 'no python3 with multiprocessing.shared_memory on this machine';
if (skip) console.log(`# skipped: ${skip}`);

/** Attaches without the wart that the interpreter's end unlinks what it has only attached to. */
const PRELUDE = `
import json, sys
from multiprocessing import resource_tracker
from multiprocessing.shared_memory import SharedMemory, ShareableList

def leave_alone(memory):
    resource_tracker.unregister('/' + memory.name, 'shared_memory')
    return memory

def attach(name): return leave_alone(SharedMemory(name))

def attach_list(name):
    values = ShareableList(name=name)
    leave_alone(values.shm)
    return values

args = json.loads(sys.argv[1])
`;

/** Runs a program with `args`; what it prints, as JSON. */
export async function python<T = unknown>(program: string, ...args: unknown[]): Promise<T> {
  const { stdout, stderr } = await promisify(execFile)('python3', ['-c', PRELUDE + program, JSON.stringify(args)]);
  if (stderr) throw new Error(stderr);
  return stdout.trim() === '' ? (undefined as T) : JSON.parse(stdout);
}
