/**
 * From here on, what is printed with `console.log` or `process.stdout` goes to stderr: stdout carries results and nothing
 * else. Returns the real stdout. Also runs in the workers, as their initializer.
 */
export function redirectPrints(): NodeJS.WriteStream {
  const stdout = process.stdout;
  Object.defineProperty(process, 'stdout', { configurable: true, enumerable: true, get: () => process.stderr });
  return stdout;
}
