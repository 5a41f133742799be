/**
 * `npm run build:prebuild`: puts the addon that `npm run build` has made where an installed package looks for it:
 * packages/multiprocess/prebuilds/linux-<arch>/multiprocess.<libc>.node (see src/native.ts); beside it the zygote's shim
 * and the program that frees segments.
 *
 * One file serves all versions of Node.js, because the addon uses Node-API only. A release carries one for each processor
 * and libc, each built on the oldest distribution that it is to run on: a binary needs at least the glibc it was linked with.
 */
import { execFileSync } from 'node:child_process';
import { copyFileSync, mkdirSync, renameSync, statSync } from 'node:fs';
import path from 'node:path';

const PACKAGE = path.resolve(import.meta.dirname, '../packages/multiprocess');
for (const [name, extension] of [
  ['multiprocess', '.node'],
  ['mpshim', '.so'],
  ['mpkeeper', ''],
]) {
  const built = path.join(PACKAGE, `build/Release/${name}${extension}`);
  const target = path.join(PACKAGE, `prebuilds/linux-${process.arch}/${name}.${libc()}${extension}`);
  mkdirSync(path.dirname(target), { recursive: true });
  // Complete or not at all: somebody may be loading the old one.
  const partial = `${target}.${process.pid}`;
  copyFileSync(built, partial);
  strip(partial);
  renameSync(partial, target);
  console.log(`${path.relative(process.cwd(), target)}: ${statSync(target).size} bytes`);
}

function libc(): 'glibc' | 'musl' {
  Object.assign(process.report, { excludeNetwork: true });
  const { header } = process.report.getReport() as { header: { glibcVersionRuntime?: string } };
  return header.glibcVersionRuntime ? 'glibc' : 'musl';
}

/** Leaves out what only debuggers need; without binutils, the file is merely larger. */
function strip(file: string): void {
  try {
    execFileSync('strip', ['--strip-unneeded', file]);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
  }
}
