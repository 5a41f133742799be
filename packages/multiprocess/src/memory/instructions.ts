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
import { exportsChanged } from '../code.ts';
import { STORES_IN_ORDER } from '../platform.ts';
import { addressInOverlay, createMemory, overlay, PAGES } from './overlay.ts';
import * as wasm from './wasm.ts';

const ADDRESS = wasm.parameter(0);
/** In page 0, which is no unit's: where to try things, and the identity in whose name locks are taken, which they leave alone. */
const PAGE_0 = { scratch: 4, self: 8 } as const;
const SELF = [...wasm.i32(PAGE_0.self), ...wasm.loadWord(0)];

/**
 * The words of an owner, and of a queue for what he owns, for {@link takeAt}, {@link giveAt} and {@link giveLastAt}; distances
 * in bytes from the first, at an address 4 beyond a multiple of 8.
 *
 * ```
 *   0  queue      0: empty
 *   8  owner      0: free
 *  12  takings    64 bits: how often it was taken
 *  20  depth      1: giving it back once makes it free
 *  24  abandoned  anything: giving it back makes it 0
 * ```
 */
export const OWNER = { queue: 0, owner: 8, takings: 12, depth: 20, abandoned: 24 } as const;

/** What {@link giveAt} and {@link giveLastAt} return. Awaited: given back, but the queue is not empty any more. */
export const Given = { No: 0, Yes: 1, Awaited: 2 } as const;

const IS_OWNED = [ADDRESS, wasm.loadWord(OWNER.owner), SELF, wasm.isEqual];
const IS_LAST = [ADDRESS, wasm.loadWord(OWNER.depth), wasm.i32(1), wasm.isEqual];
const NOBODY_WAITS = [ADDRESS, wasm.atomicLoad(OWNER.queue), wasm.isZero];

/** Ends a critical section. */
const finalStore = STORES_IN_ORDER ? wasm.storeWord : wasm.atomicStore;

/**
 * The owner gives back by a store, a plain one where that will do: others may see it later than this looks at the queue
 * again, so that who joins the queue has to look at the owner once more ({@link changesSoon}).
 */
const give = (...conditions: number[][]) => [
  SELF,
  wasm.provided(
    ...[...IS_OWNED, ...NOBODY_WAITS, wasm.and, ...conditions],
    wasm.provided(
      ...[ADDRESS, wasm.loadWord(OWNER.abandoned)],
      wasm.when(ADDRESS, wasm.i32(0), wasm.storeWord(OWNER.abandoned)),
      ...[ADDRESS, wasm.i32(0), finalStore(OWNER.owner)],
      ...NOBODY_WAITS,
      wasm.choose([wasm.i32(Given.Yes)], [wasm.i32(Given.Awaited)]),
    ),
  ),
];

/**
 * The words of a monitor and of the permits that it guards, for {@link movePermitsAt}; distances in bytes from the first.
 *
 * ```
 *   0  guard      0: nobody has it
 *   4  queue      0: empty
 *  12  available  permits that are free
 * ```
 */
export const PERMITS = { guard: 0, queue: 4, available: 12 } as const;

const [BALANCE, AMOUNT, LIMIT] = [wasm.parameter(1), wasm.parameter(2), wasm.parameter(3)];
const LEAVE = [ADDRESS, wasm.i32(0), finalStore(PERMITS.guard)];
const REMAINING = [ADDRESS, wasm.loadWord(PERMITS.available), AMOUNT, wasm.subtract];

const FUNCTIONS = {
  compareExchangeAt: {
    parameters: 3,
    body: [ADDRESS, wasm.parameter(1), wasm.parameter(2), wasm.atomicCompareExchange(0)],
  },
  storeAt: { parameters: 2, body: [ADDRESS, wasm.parameter(1), wasm.atomicStore(0), wasm.i32(0)] },
  addAt: { parameters: 2, body: [ADDRESS, wasm.parameter(1), wasm.atomicAdd(0)] },
  takeAt: {
    parameters: 1,
    body: [
      SELF,
      wasm.provided(
        ...[ADDRESS, wasm.i32(0), SELF, wasm.atomicCompareExchange(OWNER.owner), wasm.isZero],
        wasm.provided(
          ...[ADDRESS, ADDRESS, wasm.loadLong(OWNER.takings), wasm.i64(1), wasm.addLongs],
          wasm.storeLong(OWNER.takings),
          ...[ADDRESS, wasm.i32(1), wasm.storeWord(OWNER.depth), wasm.i32(1)],
        ),
      ),
    ],
  },
  giveAt: { parameters: 1, body: give() },
  giveLastAt: { parameters: 1, body: give(...IS_LAST, wasm.and) },
  movePermitsAt: {
    parameters: 4,
    body: [
      SELF,
      wasm.provided(
        ...[ADDRESS, wasm.i32(0), SELF, wasm.atomicCompareExchange(PERMITS.guard), wasm.isZero],
        wasm.provided(
          ...[ADDRESS, wasm.loadWord(PERMITS.queue), wasm.isZero],
          ...[...REMAINING, LIMIT, wasm.isAtMostUnsigned, wasm.and],
          wasm.choose(
            [
              ...[BALANCE, BALANCE, wasm.loadWord(0), AMOUNT, wasm.add, wasm.storeWord(0)],
              ...[ADDRESS, ...REMAINING, wasm.storeWord(PERMITS.available)],
              ...[...LEAVE, wasm.i32(1)],
            ],
            [...LEAVE, wasm.i32(0)],
          ),
        ),
      ),
    ],
  },
} satisfies Record<string, wasm.WasmFunction>;

/** As Atomics.compareExchange: replaces `expected`, and returns what was there before. */
export let compareExchangeAt: (address: number, expected: number, replacement: number) => number;
/** As Atomics.store; returns 0. */
export let storeAt: (address: number, value: number) => number;
/** As Atomics.add: returns what was there before. */
export let addAt: (address: number, amount: number) => number;
/** If nobody owns it: makes {@link actor} its owner, and then counts that. 1 when it did, 0 when it did not. */
export let takeAt: (address: number) => number;
/** If {@link actor} owns it and the queue is empty: clears `abandoned`, and then makes it free; then looks at the queue again. */
export let giveAt: (address: number) => number;
/** As {@link giveAt}, if its depth is 1, too. */
export let giveLastAt: (address: number) => number;
/**
 * With the guard: takes `amount` permits, first noting them in the word at `balance`; negative: gives them back. 1 when it did; 0 when
 * somebody has the guard or waits, or fewer than none or more than `limit` would be free.
 */
export let movePermitsAt: (address: number, balance: number, amount: number, limit: number) => number;

/** In whose name locks are taken and given back; 0: nobody's, so that both fail. */
export let actor = 0;

let tried = false;
let firstPage: Int32Array | undefined;

/** From now on {@link actor} is this one. */
export function actAs(id: number): void {
  actor = id;
  if (firstPage) firstPage[PAGE_0.self / 4] = id;
}

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
  compareExchangeAt(PAGE_0.scratch, 0, 0);
  storeAt(PAGE_0.scratch, 0);
  addAt(PAGE_0.scratch, 0);
  takeAt(PAGE_0.scratch);
  giveAt(PAGE_0.scratch);
  giveLastAt(PAGE_0.scratch);
  movePermitsAt(PAGE_0.scratch, PAGE_0.scratch, 0, 0);
  v8.setFlagsFromString('--liftoff');
}

/** Where there is no WebAssembly (as under --jitless), or no address space for it, all addresses stay 0. */
function instantiate(): void {
  tried = true;
  try {
    const code = new wasm.WebAssembly.Module(wasm.assemble(PAGES, FUNCTIONS));
    const shared = createMemory();
    const { exports } = new wasm.WebAssembly.Instance(code, { memory: { shared } });
    ({ compareExchangeAt, storeAt, addAt, takeAt, giveAt, giveLastAt, movePermitsAt } = exports as never);
    overlay(shared);
    firstPage = new Int32Array(shared.buffer);
    actAs(actor);
    exportsChanged();
  } catch {}
}
