/**
 * The import-direction lint: layers import downwards only, and a folder is entered through its index.ts.
 *
 * `internal.ts` is a folder's second door, for its neighbours inside the library; entry/ may open any door.
 */
import { globSync, readFileSync } from 'node:fs';
import path from 'node:path';

const SOURCE = 'packages/multiprocess/src';

/** From the bottom up; a layer may import those above it in this list. */
const LAYERS = [
  ['code', 'errors', 'options', 'location', 'platform', 'builtins', 'native', 'timeout'],
  ['memory'],
  ['transport'],
  ['sync'],
  ['shared'],
  ['descriptor'],
  ['channel'],
  ['queue'],
  ['process'],
  ['connection'],
  ['threading', 'futures'],
  ['pool'],
  ['manager'],
  ['scheduling', 'net'],
  ['context'],
  ['index'],
  ['entry'],
];
/** Doors that exist for a reason given there. */
const EXTRA_DOORS = new Set(['process/hooks.ts']);

const levelOf = (layer: string): number => LAYERS.findIndex((names) => names.includes(layer));
const problems: string[] = [];

for (const file of globSync(`${SOURCE}/**/*.ts`)) {
  const from = path.relative(SOURCE, file);
  const text = readFileSync(file, 'utf8');
  for (const [, specifier] of text.matchAll(/(?:from|import\()\s*'(\.[^']+)'/g)) {
    check(from, path.normalize(path.join(path.dirname(from), specifier!)));
  }
}
for (const file of globSync('packages/{cli,nats}/src/**/*.ts')) {
  for (const [, specifier] of readFileSync(file, 'utf8').matchAll(/from '([^']*multiprocess\/(?:src|dist)[^']*)'/g)) {
    problems.push(`${file}: reaches into the library (${specifier}); import 'multiprocess'`);
  }
}

if (problems.length > 0) {
  console.error(problems.join('\n'));
  console.error(`\n${problems.length} imports go the wrong way (see ARCHITECTURE.md, "Layers")`);
  process.exit(1);
}

function check(from: string, to: string): void {
  const [fromLayer, toLayer] = [layerOf(from), layerOf(to)];
  if (fromLayer === toLayer) return;
  if (levelOf(fromLayer) < 0) problems.push(`${from}: its folder has no place in the layers`);
  else if (levelOf(toLayer) < 0) problems.push(`${from}: imports ${to}, which has no place in the layers`);
  else if (levelOf(toLayer) >= levelOf(fromLayer) && !(levelOf(toLayer) === 0))
    problems.push(`${from}: imports upwards (${to})`);
  const inFolder = to.includes('/');
  const throughDoor = /\/(index|internal)\.ts$/.test(to) || EXTRA_DOORS.has(to);
  if (inFolder && !throughDoor) problems.push(`${from}: enters ${toLayer}/ by the window (${to})`);
}

function layerOf(file: string): string {
  return file.includes('/') ? file.slice(0, file.indexOf('/')) : file.replace(/\.ts$/, '');
}
