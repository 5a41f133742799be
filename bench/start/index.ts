/** Processes: how fast they start, how little memory they take, how many there can be. */
import { runParts } from '../parts.ts';
import { run as breakdown } from './breakdown.ts';
import { run as empty } from './empty.ts';
import { run as kept } from './kept.ts';
import { run as memory } from './memory.ts';
import { run as preload } from './preload.ts';
import { run as thousand } from './thousand.ts';

export const run = () => runParts({ empty, breakdown, memory, thousand, preload, kept });
