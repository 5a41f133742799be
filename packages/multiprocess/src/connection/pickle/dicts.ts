/**
 * Dicts become plain objects if all their keys are strings, and Maps otherwise.
 *
 * Whether they are is known only after the dict may have been used, by itself or its values. So all begin as plain objects; those that
 * turn out to have other keys are noted, and are Maps from the start when the message is read once more.
 */
type Dict = Record<string, unknown> | Map<unknown, unknown>;

export class Dicts {
  /** In the order in which they were made. */
  #made: Dict[] = [];
  readonly #known = new Set<unknown>();
  readonly #wrong = new Set<Dict>();
  #maps: Set<number> | undefined;

  create(): Dict {
    const dict: Dict = this.#maps?.has(this.#made.length) ? new Map() : {};
    this.#made.push(dict);
    this.#known.add(dict);
    return dict;
  }

  has(value: unknown): value is Dict {
    return this.#known.has(value);
  }

  set(dict: Dict, key: unknown, value: unknown): void {
    if (dict instanceof Map) dict.set(key, value);
    else if (typeof key !== 'string') this.#wrong.add(dict);
    else if (key !== '__proto__') dict[key] = value;
    else Object.defineProperty(dict, key, { value, configurable: true, enumerable: true, writable: true });
  }

  /** True: begin again, with what is known now. */
  finish(): boolean {
    if (this.#wrong.size === 0) return false;
    this.#maps = new Set(this.#made.keys().filter((i) => this.#wrong.has(this.#made[i]!)));
    this.#made = [];
    this.#known.clear();
    return true;
  }
}
