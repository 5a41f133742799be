import { afterEach } from 'node:test';
import { type Options, Program } from './program.ts';

const open = new Set<Program>();

/** Starts a fixture; what is left of it at the end of the test is killed. */
export function openProgram(name: string, options?: Options): Program {
  const program = new Program(name, options);
  open.add(program);
  return program;
}

afterEach(async () => {
  for (const program of open) await program.dispose();
  open.clear();
});
