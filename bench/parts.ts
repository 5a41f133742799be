/** Benchmarks of several parts. */
import { options } from './options.ts';

/** Runs the parts that `--only` names, or all of them. */
export async function runParts(parts: Record<string, () => Promise<void>>): Promise<void> {
  const names = options.only?.split(',') ?? Object.keys(parts);
  const unknown = names.find((name) => !Object.hasOwn(parts, name));
  if (unknown !== undefined) throw new Error(`--only takes ${Object.keys(parts).join(', ')}, not '${unknown}'`);
  for (const name of names) await parts[name]!();
}
