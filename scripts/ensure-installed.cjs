// Makes `npm start` and `npm test` work on a fresh clone: installs and builds once, with the versions of the lock file.
// CommonJS without new syntax, because it runs before the project's own Node is there.
const { execSync } = require('node:child_process');
const { existsSync } = require('node:fs');

const built = ['node_modules/.package-lock.json', 'packages/multiprocess/dist/index.js', 'packages/cli/dist/index.js'];
if (!built.every((path) => existsSync(path))) execSync('npm ci', { stdio: 'inherit' });
