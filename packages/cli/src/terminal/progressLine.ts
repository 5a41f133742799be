import { type Progress, renderProgress } from './bar.ts';
import { RecentRate } from './recentRate.ts';
import { isUnicodeTerminal, styleFor } from './style.ts';

/** Often enough to look alive, seldom enough to cost nothing, in ms. */
const REDRAW_INTERVAL = 100;
const HIDE_CURSOR = '\x1b[?25l';
const SHOW_CURSOR = '\x1b[?25h';
const CLEAR_LINE = '\r\x1b[2K';

export interface Terminal {
  isTTY?: boolean;
  columns?: number;
  write(text: string): unknown;
}

/** What the line shows; the caller changes it, the line looks at it when it redraws. */
export type Counters = Pick<Progress, 'done' | 'failed' | 'total' | 'note'>;

/** One line at the bottom of a terminal that shows how far the work got. Without a terminal it draws nothing. */
export class ProgressLine {
  readonly #terminal: Terminal;
  readonly #counters: Counters;
  readonly #visible: boolean;
  readonly #started = performance.now();
  readonly #rate = new RecentRate(this.#started);
  readonly #look;
  #timer: NodeJS.Timeout | undefined;

  constructor(terminal: Terminal, counters: Counters, visible: boolean) {
    this.#terminal = terminal;
    this.#counters = counters;
    this.#visible = visible;
    // Drawn on request (--progress) where there is no terminal, it has no colours.
    this.#look = { style: styleFor(terminal), unicode: isUnicodeTerminal(), frame: 0 };
  }

  start(): void {
    if (!this.#visible) return;
    this.#terminal.write(HIDE_CURSOR);
    process.on('exit', this.#restore);
    this.#timer = setInterval(() => this.draw(), REDRAW_INTERVAL).unref();
    this.draw();
  }

  draw(): void {
    if (!this.#timer) return;
    const now = performance.now();
    this.#look.frame++;
    const rate = this.#rate.update(now, this.#counters.done);
    const progress = { ...this.#counters, rate, elapsed: now - this.#started };
    this.#terminal.write(CLEAR_LINE + renderProgress(progress, this.#terminal.columns || 80, this.#look));
  }

  /** Lets `print` write to the terminal above the line. */
  above(print: () => void): void {
    if (this.#timer) this.#terminal.write(CLEAR_LINE);
    print();
    this.draw();
  }

  /** Takes the line away. */
  stop(): void {
    if (!this.#timer) return;
    clearInterval(this.#timer);
    this.#timer = undefined;
    process.off('exit', this.#restore);
    this.#restore();
  }

  readonly #restore = (): void => {
    this.#terminal.write(CLEAR_LINE + SHOW_CURSOR);
  };
}
