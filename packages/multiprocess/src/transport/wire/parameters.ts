/** Names of what the receiver passes in besides captured variables. */
export const PARAMETER = {
  self: '__mp$this',
  args: '__mp$arguments',
  parent: '__mp$super',
  importMeta: '__mp$meta',
  key: (index: number) => `__mp$key${index}`,
  cell: (name: string) => `__mp$cell_${name}`,
} as const;
