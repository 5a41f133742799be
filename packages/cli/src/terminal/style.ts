/** Colours for one stream, or none: NO_COLOR, FORCE_COLOR and `TERM=dumb` are respected, as is a stream that is no terminal. */
export interface Style {
  bold(text: string): string;
  dim(text: string): string;
  red(text: string): string;
  green(text: string): string;
  yellow(text: string): string;
  cyan(text: string): string;
}

/** A style for text that goes to `stream`. */
export function styleFor(stream: { isTTY?: boolean }, env = process.env): Style {
  const wanted = env.FORCE_COLOR
    ? env.FORCE_COLOR !== '0'
    : Boolean(stream.isTTY) && env.TERM !== 'dumb' && !env.NO_COLOR;
  const sgr = (on: number, off: number) => (text: string) => (wanted ? `\x1b[${on}m${text}\x1b[${off}m` : text);
  return {
    bold: sgr(1, 22),
    dim: sgr(2, 22),
    red: sgr(31, 39),
    green: sgr(32, 39),
    yellow: sgr(33, 39),
    cyan: sgr(36, 39),
  };
}

/** The Linux console's font lacks what we draw with. */
export function isUnicodeTerminal(env = process.env): boolean {
  return env.TERM !== 'linux' && env.TERM !== 'dumb';
}
