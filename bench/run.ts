/** `npm run bench -- [names]`: runs the named benchmarks, or all. See README.md. */
import { existsSync, readdirSync } from 'node:fs';
import { printHeader } from './header.ts';
import { options } from './options.ts';

const available = readdirSync(import.meta.dirname).filter((name) =>
  existsSync(`${import.meta.dirname}/${name}/index.ts`),
);
const unknown = options.names.filter((name) => !available.includes(name));
if (unknown.length > 0) {
  console.error(`There is no benchmark '${unknown.join("', '")}'. There are: ${available.join(', ')}.`);
  process.exit(2);
}

printHeader();
for (const name of options.names.length > 0 ? options.names : available) {
  const { run } = (await import(`./${name}/index.ts`)) as { run(): Promise<void> };
  await run();
}
