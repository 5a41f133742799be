import assert from 'node:assert/strict';
import { mkdtemp, rm, symlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { test } from 'node:test';
import { developmentModule, FIXTURES, ROOT, runNode } from './program.ts';

const skip = !developmentModule('esbuild') && 'esbuild is not installed';

for (const format of ['esm', 'cjs'] as const) {
  for (const minify of [false, true]) {
    test(`a${minify ? ' minified' : ''} ${format} bundle with multiprocess left outside works`, { skip }, async () => {
      const folder = await mkdtemp(path.join(tmpdir(), 'mp-bundle-'));
      try {
        await symlink(path.join(ROOT, 'node_modules'), path.join(folder, 'node_modules'));
        const outfile = path.join(folder, format === 'esm' ? 'app.mjs' : 'app.cjs');
        await bundle(format, minify, outfile);
        const { stdout, stderr } = await runNode([outfile], folder);
        assert.deepEqual(stdout.trim().split('\n'), ['HELLO 1 Green from Process-1', 'exit code 0']);
        assert.equal(stderr, ''); // forked: no fallback
      } finally {
        await rm(folder, { recursive: true });
      }
    });
  }
}

async function bundle(format: 'esm' | 'cjs', minify: boolean, outfile: string): Promise<void> {
  const { build } = await import('esbuild');
  await build({
    entryPoints: [path.join(FIXTURES, 'typescript.ts')],
    bundle: true,
    platform: 'node',
    external: ['multiprocess'],
    format,
    minify,
    outfile,
    logLevel: 'warning',
  });
}
