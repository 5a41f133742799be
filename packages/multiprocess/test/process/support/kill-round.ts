/** One round of the kill stress: a family of ten, a random member of which is killed at a random moment. */
import assert from 'node:assert/strict';
import { setTimeout as delay } from 'node:timers/promises';
import { isOurZombie, membersOfSession, runs, until } from './procfs.ts';
import { Program } from './program.ts';

interface Member {
  name: string;
  bound: boolean;
  pid: number;
  parent: number;
}

const SIZE = 10;

/** mulberry32: the same seed gives the same rounds. */
export function seeded(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = Math.imul(state ^ (state >>> 15), state | 1);
    t = (t + Math.imul(t ^ (t >>> 7), t | 61)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** Returns who was killed. Throws when anything of the family behaves as it must not. */
export async function killRound(random: () => number): Promise<string> {
  const program = new Program('kill-family.ts');
  try {
    return await killOne(program, random);
  } finally {
    await program.dispose();
  }
}

async function killOne(program: Program, random: () => number): Promise<string> {
  const members = (): Member[] => [...program.stdout.matchAll(/^member (.*)$/gm)].map(([, text]) => JSON.parse(text!));
  // Half of the time while the family is still being born.
  const wanted = random() < 0.5 ? SIZE : 2 + Math.floor(random() * (SIZE - 2));
  await until('the family to be born', () => members().length >= wanted);
  await delay(random() * 20);
  const zygote = membersOfSession(program.pid).find(({ command }) => command.startsWith('zygote'));
  const victims = [...members(), ...(zygote ? [{ name: 'zygote', pid: zygote.pid }] : [])];
  const victim = victims[Math.floor(random() * victims.length)]!;
  process.kill(victim.pid, 'SIGKILL');
  await until('the victim to die', () => !runs(victim.pid));

  const isLost = ({ bound, parent, pid }: Member) => bound && parent !== 0 && runs(pid) && !runs(parent);
  await until(`what ${victim.name} leaves behind to end`, () => !members().some(isLost));
  // Nobody is unborn any more when all leaves have ended and nothing new appears: end them until everybody is gone.
  await until(`everybody to be joined after the death of ${victim.name}`, () => {
    for (const { name, pid } of members()) if (name.endsWith('.plain') && runs(pid)) process.kill(pid, 'SIGTERM');
    const rest = membersOfSession(program.pid);
    return rest.every((row) => !isOurZombie(row)) && rest.length === 0;
  }).catch((error) => {
    const rest = membersOfSession(program.pid).map(
      ({ pid, state, parent, command }) => `${pid} ${state} of ${parent}: ${command}`,
    );
    throw new Error(`${error.message}; left are\n${rest.join('\n')}\n${program.stdout}`);
  });
  await program.end();
  if (victim.name !== 'main') assert.match(program.stdout, /^joined (-?\d+) (-?\d+) (-?\d+)$/m, victim.name);
  for (const [i, name] of ['a', 'b', 'c'].entries()) {
    const code = program.stdout.match(/^joined (\S+) (\S+) (\S+)$/m)?.[i + 1];
    if (victim.name === name) assert.equal(code, '-9');
    else if (victim.name !== 'main' && victim.name !== 'zygote') assert.equal(code, '0', `exit code of ${name}`);
  }
  return victim.name;
}
