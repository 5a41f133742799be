#!/usr/bin/env node
import { main } from '../dist/index.js';

// At once, because a module of the user's may have left something open that would keep this process alive.
process.exit(await main(process.argv.slice(2)));
