// Counts the words in all texts below a folder: each worker counts those of a file, the program adds up what comes.
//
//   node examples/word-count.ts [folder]      (the packages that are installed here, if none is named)
import { globSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { Pool } from 'multiprocess';

const folder = process.argv[2] ?? path.join(import.meta.dirname, '../node_modules');
const files = globSync('**/*.md', { cwd: folder }).map((file) => path.join(folder, file));

/** What comes back is small: a file's words, each once. */
async function countWords(file: string): Promise<Map<string, number>> {
  const text = await readFile(file, 'utf8');
  const counts = new Map<string, number>();
  for (const [word] of text.toLowerCase().matchAll(/\p{L}+/gu)) counts.set(word, (counts.get(word) ?? 0) + 1);
  return counts;
}

const pool = new Pool();
const total = new Map<string, number>();
let words = 0;
try {
  // The order does not matter, so whichever file is done is added, while the workers go on.
  for await (const counts of pool.imapUnordered(countWords, files)) {
    for (const [word, count] of counts) {
      total.set(word, (total.get(word) ?? 0) + count);
      words += count;
    }
  }
} finally {
  pool.close();
  await pool.join();
}

console.log(`${files.length} files, ${words} words, ${total.size} different ones`);
const most = [...total].sort(([a, m], [b, n]) => n - m || (a < b ? -1 : 1)).slice(0, 10);
for (const [word, count] of most) console.log(`${String(count).padStart(7)}  ${word}`);
