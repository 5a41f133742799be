/**
 * Atomic instructions at the price of the processor's. V8 does not inline JavaScript's Atomics: each is a call of some 20 ns,
 * twice of what the instruction takes. WebAssembly code becomes the instruction itself, and optimised code calls it for 1 ns.
 *
 * Everything here works on addresses ({@link addressOf}); at address 0, of memory that WebAssembly does not reach, callers
 * use Atomics instead.
 *
 * A forked child cannot rely on V8's compiler threads, so nothing may be left to compile in it. WebAssembly code begins
 * unoptimised, and is compiled again by these threads once it is hot. The zygote has it optimised at once ({@link
 * compileForForks}); the worker threads of its children get the same code, since V8 keeps one per process.
 */
import v8 from 'node:v8';
import { addressInOverlay, createMemory, overlay, PAGES } from './overlay.ts';
import * as wasm from './wasm.ts';

const ADDRESS = wasm.parameter(0);

/**
 * The words of an owner, for {@link takeAt} and {@link giveAt}; distances in bytes from the first, at an address 4 beyond a multiple
 * of 8.
 *
 * ```
 *   0  owner      0: free
 *   4  takings    64 bits: how often it was taken
 *  16  abandoned  anything: giving it back makes it 0
 * ```
 */
export const OWNER = { takings: 4, abandoned: 16 } as const;

const FUNCTIONS = {
  compareExchangeAt: {
    parameters: 3,
    body: [ADDRESS, wasm.parameter(1), wasm.parameter(2), wasm.atomicCompareExchange(0)],
  },
  addAt: { parameters: 2, body: [ADDRESS, wasm.parameter(1), wasm.atomicAdd(0)] },
  takeAt: {
    parameters: 2,
    body: [
      ...[ADDRESS, wasm.i32(0), wasm.parameter(1), wasm.atomicCompareExchange(0), wasm.isZero],
      wasm.choose(
        [
          ...[ADDRESS, ADDRESS, wasm.loadLong(OWNER.takings), wasm.i64(1), wasm.addLongs],
          ...[wasm.storeLong(OWNER.takings), wasm.i32(1)],
        ],
        [wasm.i32(0)],
      ),
    ],
  },
  giveAt: {
    parameters: 2,
    body: [
      ...[ADDRESS, wasm.loadWord(OWNER.abandoned)],
      wasm.when(ADDRESS, wasm.i32(0), wasm.storeWord(OWNER.abandoned)),
      ...[ADDRESS, wasm.parameter(1), wasm.i32(0), wasm.atomicCompareExchange(0), wasm.parameter(1), wasm.isEqual],
    ],
  },
} satisfies Record<string, wasm.WasmFunction>;

/** As Atomics.compareExchange: replaces `expected`, and returns what was there before. */
export let compareExchangeAt: (address: number, expected: number, replacement: number) => number;
/** As Atomics.add: returns what was there before. */
export let addAt: (address: number, amount: number) => number;
/** If nobody owns it: makes `id` its owner, and then counts that. 1 when it did, 0 when it did not. */
export let takeAt: (address: number, id: number) => number;
/** Clears `abandoned`, and then makes it free if `id` owns it. 1 when it did, 0 when it did not. */
export let giveAt: (address: number, id: number) => number;

let tried = false;

/** The address of a word of the realm; 0: use Atomics. It is right for as long as this thread and its forks live. */
export function addressOf(offset: number): number {
  if (!tried) instantiate();
  return addressInOverlay(offset);
}

/**
 * To be called in the zygote right before it serves, after its last use of the inspector: V8's debugger drops WebAssembly code,
 * which is then compiled again when it is called.
 */
export function compileForForks(): void {
  if (!tried) instantiate();
  if (takeAt === undefined) return;
  v8.setFlagsFromString('--no-liftoff'); // the compiler that does not optimise
  const scratch = 4; // in page 0, which is nobody's
  compareExchangeAt(scratch, 0, 0);
  addAt(scratch, 0);
  takeAt(scratch, 1);
  giveAt(scratch, 1);
  v8.setFlagsFromString('--liftoff');
}

/** Where there is no WebAssembly (as under --jitless), or no address space for it, all addresses stay 0. */
function instantiate(): void {
  tried = true;
  try {
    const code = new wasm.WebAssembly.Module(wasm.assemble(PAGES, FUNCTIONS));
    const shared = createMemory();
    const { exports } = new wasm.WebAssembly.Instance(code, { memory: { shared } });
    ({ compareExchangeAt, addAt, takeAt, giveAt } = exports as never);
    overlay(shared);
  } catch {}
}
