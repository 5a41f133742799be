/** Numbers and durations as people read them: the same on every machine, whatever its locale. */

/** 1234567 -> '1,234,567' */
export function count(n: number): string {
  return String(Math.round(n)).replace(/\B(?=(\d{3})+$)/g, ',');
}

/** '1 item', '2 items', '2 processes' */
export function plural(n: number, noun: string): string {
  return `${count(n)} ${noun}${n === 1 ? '' : noun.endsWith('s') ? 'es' : 's'}`;
}

/** Items per second: three significant digits while it is small. */
export function rate(perSecond: number): string {
  if (!Number.isFinite(perSecond)) return '–/s';
  if (perSecond >= 100) return `${count(perSecond)}/s`;
  return `${perSecond.toPrecision(perSecond >= 1 ? 3 : 2).replace(/\.?0+$/, '')}/s`;
}

/** A clock for running time and time left: 0:07, 12:34, 1:02:03. */
export function clock(ms: number): string {
  const seconds = Math.max(0, Math.round(ms / 1000));
  const [h, m, s] = [Math.floor(seconds / 3600), Math.floor(seconds / 60) % 60, seconds % 60];
  const two = (n: number) => String(n).padStart(2, '0');
  return h > 0 ? `${h}:${two(m)}:${two(s)}` : `${m}:${two(s)}`;
}

/** A measured time: 84 ms, 3.21 s, 25.3 s, 12 min 34 s. */
export function duration(ms: number): string {
  if (ms < 1000) return `${Math.round(ms)} ms`;
  if (ms < 10_000) return `${(ms / 1000).toFixed(2)} s`;
  if (ms < 120_000) return `${(ms / 1000).toFixed(1)} s`;
  const seconds = Math.round(ms / 1000);
  return `${count(Math.floor(seconds / 60))} min ${seconds % 60} s`;
}

/** Decimal units: 812 B, 3.2 kB, 61.3 MB. */
export function bytes(n: number): string {
  const units = ['B', 'kB', 'MB', 'GB', 'TB'];
  let unit = 0;
  while (n >= 999.5 && unit < units.length - 1) {
    n /= 1000;
    unit++;
  }
  return `${unit === 0 || n >= 100 ? Math.round(n) : n.toPrecision(3).replace(/\.0+$/, '')} ${units[unit]}`;
}
