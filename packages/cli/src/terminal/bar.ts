/**
 * The progress line: a pure function of what is known and how wide the terminal is.
 *
 * ```
 *  ━━━━━━━━━━━━━━━━━━━━━━╸━━━━━━━━━━━━  62%  6,120/9,749  412/s  ETA 0:09  2 failed
 *  ⠹  12,345 done  3,210/s  0:14  2 failed                     (the total is not known yet)
 * ```
 */
import { clock, count, rate } from './format.ts';
import type { Style } from './style.ts';

export interface Progress {
  done: number;
  failed: number;
  /** undefined: more inputs may come. */
  total: number | undefined;
  /** Items per second, lately. */
  rate: number;
  elapsed: number;
  /** Set while it is being stopped: takes the place of the time left. */
  note?: string;
}

export interface Look {
  style: Style;
  unicode: boolean;
  /** Number of the redraw: turns the spinner. */
  frame: number;
}

const SPINNER = { unicode: '⠋⠙⠹⠸⠼⠴⠦⠧⠇⠏', ascii: '|/-\\' };
const MIN_BAR = 8;
const MAX_BAR = 40;

/** A line of at most `width` columns; details go first when it is narrow. */
export function renderProgress(progress: Progress, width: number, look: Look): string {
  const parts = describe(progress, look.style);
  const measured = progress.total !== undefined;
  // Never the last column: some terminals wrap there.
  const room = width - 1;
  const lead = measured ? 1 + MIN_BAR : 2;
  while (parts.length > 1 && lead + widthOf(parts) > room) {
    parts.splice(parts.indexOf(parts.reduce((least, part) => (part.weight < least.weight ? part : least))), 1);
  }
  const text = parts.map((part) => `  ${part.paint(part.text)}`).join('');
  if (!measured) return ` ${spinner(look)}${text}`;
  const length = Math.min(MAX_BAR, room - 1 - widthOf(parts));
  return ` ${renderBar(progress.total ? progress.done / progress.total : 1, Math.max(0, length), look)}${text}`;
}

interface Part {
  text: string;
  /** What is light is left out first. */
  weight: number;
  paint: (text: string) => string;
}

function describe({ done, failed, total, rate: perSecond, elapsed, note }: Progress, style: Style): Part[] {
  const plain = (text: string) => text;
  const parts: Part[] = [];
  if (total === undefined) {
    parts.push({ text: `${count(done)} done`, weight: 9, paint: style.bold });
  } else {
    const percent = total ? Math.floor((done / total) * 100) : 100;
    parts.push({ text: `${String(percent).padStart(3)}%`, weight: 9, paint: style.bold });
    // As wide as at the end, so that nothing dances.
    parts.push({ text: `${count(done).padStart(count(total).length)}/${count(total)}`, weight: 6, paint: plain });
  }
  parts.push({ text: rate(perSecond).padStart(7), weight: 5, paint: style.cyan });
  if (note) parts.push({ text: note, weight: 8, paint: style.yellow });
  else if (total === undefined) parts.push({ text: clock(elapsed), weight: 4, paint: style.dim });
  else {
    const left = done > 0 && perSecond > 0 ? clock(((total - done) / perSecond) * 1000) : '-:--';
    parts.push({ text: `ETA ${left}`, weight: 7, paint: style.dim });
  }
  if (failed > 0) parts.push({ text: `${count(failed)} failed`, weight: 8, paint: style.red });
  return parts;
}

function widthOf(parts: Part[]): number {
  return parts.reduce((sum, part) => sum + 2 + part.text.length, 0);
}

function renderBar(ratio: number, length: number, { style, unicode }: Look): string {
  const halves = Math.round(Math.min(1, ratio) * length * 2);
  const full = halves >> 1;
  if (!unicode) return `${style.green('#'.repeat(full))}${style.dim('.'.repeat(length - full))}`;
  const half = halves & 1;
  // Without colours, the rest must differ by shape.
  const coloured = style.dim('x') !== 'x';
  const rest = (coloured ? '━' : '┄').repeat(length - full - half);
  return `${style.green('━'.repeat(full) + (half ? '╸' : ''))}${style.dim(rest)}`;
}

function spinner({ style, unicode, frame }: Look): string {
  const frames = unicode ? SPINNER.unicode : SPINNER.ascii;
  return style.cyan(frames[frame % frames.length]!);
}
