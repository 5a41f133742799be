/** What the zygote does before its first fork, so that children find it compiled: parts of the library add to it. */

const parts = new Map<string, () => Promise<void>>();

/** Has the zygote of a program that has loaded this part, too, do `work` once. It must leave nothing open. */
export function addToRehearsal(part: string, work: () => Promise<void>): void {
  parts.set(part, work);
}

/** What this program has loaded. */
export function partsToRehearse(): string[] {
  return [...parts.keys()];
}

export async function rehearseParts(names: readonly string[]): Promise<void> {
  for (const name of names) await parts.get(name)?.();
}
