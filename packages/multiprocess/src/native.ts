/** Typed loader of the addon. Byte offsets into the realm are plain numbers: 64 GiB fit into 53 bits. */
import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';
import { MultiprocessError } from './errors.ts';
import { checkPlatform } from './platform.ts';

checkPlatform();

/** What native/addon.cc exports; each function is described where it is defined. */
export interface Native
  extends NativeMemory,
    NativeWait,
    NativeProcess,
    NativeSegment,
    NativeSocket,
    NativeDescriptor,
    NativeScript {}

/** native/shm */
export interface NativeMemory {
  /** Creates the realm, maps it and writes its header, unless the process has one; returns the memfd. */
  realmCreate(): number;
  /** Maps an inherited realm after checking its header. */
  realmAttach(fd: number): void;
  /** The memfd of this process's realm, whichever thread made it; -1 for none. */
  realmFd(): number;
  /** The kernel's id of the calling thread. */
  threadNativeId(): number;
  /** What `ps -L` and debuggers call the calling thread: 15 bytes of it. */
  threadRename(name: string): void;
  /** An ArrayBuffer over `length` bytes from `offset`, which cannot be transferred. */
  realmBuffer(offset: number, length: number): ArrayBuffer;
  /** The same, not to be shown to users; V8 does not take it for memory of the program (if it has the functions for that). */
  realmWindow(offset: number, length: number): ArrayBuffer;
  /** Maps the realm from `offset` on in place of these bytes, which must be whole pages that nobody unmaps; false: refused. */
  realmOverlay(bytes: Uint8Array<SharedArrayBuffer>, offset: number): boolean;
  /** A zeroed cell of at least `size` bytes; `slot` holds its first reference. Its offset, or 0 when the realm is full. */
  cellAllocate(size: number, slot: number, kind: number): number;
  /** The same, but anything may be in it. */
  cellAllocateScratch(size: number, slot: number): number;
  /** Gives back the pages of scratch cells if none was needed for a while; whether there are none left. */
  cellTrim(): boolean;
  /** An ArrayBuffer over the first bytes of a cell, which lives at least as long; undefined when it cannot be made. */
  cellLend(offset: number, size: number): ArrayBuffer | undefined;
  /** Has V8 know how much memory this thread has lent it. */
  lendReport(): void;
  /** Drops the first reference of a cell; false when it was not held any more. */
  cellFree(offset: number): boolean;
  /** Another reference to a cell of this generation, for `slot`; 0 when it is stale or no cell, or has as many as there may be. */
  cellRetain(offset: number, generation: number, slot: number): number;
  /** Drops a reference; the last one frees the cell. False when it was not held on this cell. */
  cellRelease(reference: number, offset: number): boolean;
  /** A reference that `slot` holds to the cell; 0: none. Searches all references of the slot. */
  cellFind(offset: number, slot: number): number;
  /** Drops every reference of a dead slot and finishes what it left half done; how many were dropped. */
  cellSweep(slot: number): number;
  /** Gives `heir` a reference of its own for each that `slot` holds: a forked child has its parent's objects. How many. */
  cellInherit(slot: number, heir: number): number;
  /** Makes the live cell at `offset` an owner of others; its number, to be given where a slot is asked for. 0: there are no more. */
  cellOwn(offset: number): number;
  /** Whether nobody but `slot` refers to the live cell at `offset`. */
  cellIsSole(offset: number, slot: number): boolean;
  /** Generation of the live cell that begins at `offset`; -1 when none does. */
  cellGeneration(offset: number): number;
  /** Fills `bytes`, whose memory has not been used before, with what lies there. */
  copyOut(offset: number, bytes: Uint8Array): void;
  copyIn(offset: number, bytes: Uint8Array): void;
  /** What is known of the live cell that begins at `offset`. */
  cellInfo(offset: number): CellInfo | undefined;
  /** Looks at every cell. */
  memoryStats(): MemoryStats;
  /** The offsets of native/layout.h, for tests. */
  realmLayout(): Record<string, number>;
  /** Says which slot this process (or only the calling thread) acts as. A thread's slot is freed when the thread ends. */
  slotSelf(slot: number, isProcess: boolean): void;
  /** Frees the slot of the calling thread, which goes on, and may take another one. */
  slotLeave(): void;
  /** The slot of this process; -1 when it has none yet. */
  slotOfProcess(): number;
}

export interface CellInfo {
  /** Usable bytes: at least what was asked for. */
  size: number;
  generation: number;
  /** Over all slots. */
  references: number;
  /** What the cell was allocated as; 0: nothing in particular. */
  kind: number;
  /** Slot of the first reference; -1 when it has been dropped. */
  owner: number;
}

export interface MemoryStats {
  /** Live cells, and the usable bytes in them. */
  cells: number;
  cellBytes: number;
  /** References that slots hold, and those being made or dropped just now. */
  references: number;
  pendingReferences: number;
  /** Units of 64 KiB that are cut into cells of one size, cells that have units of their own, and groups of references. */
  slabs: number;
  ranges: number;
  chunks: number;
  /** Address space in slabs and ranges, and in neither. */
  reservedBytes: number;
  freeBytes: number;
  /** Of the latter, in units that keep their pages for messages. */
  warmBytes: number;
  /** Memory that the realm really takes. */
  residentBytes: number;
  /** Cells whose count is not that of their references; nonzero only while others work. */
  inconsistent: number;
}

/** native/wait */
export interface NativeWait {
  /** Parks while the word at `offset` is `expected`: 'ok' when woken, 'not-equal', or 'timed-out'. `timeout` in ms, -1 for ever. */
  futexWait(offset: number, expected: number, timeout: number): 'ok' | 'not-equal' | 'timed-out';
  /** Wakes up to `count` waiters; returns how many. */
  futexWake(offset: number, count: number): number;
  /** System calls that this process has made to wake somebody, for tests. */
  wakeCallCount(): number;
  /** As doorbell.ring in JavaScript. */
  ringDoorbell(slot: number): void;
  /** Wakes the thread of a slot in which a ring has been counted. */
  doorbellWake(slot: number): void;
  /** Starts this thread's doorbell on a slot; `onRing` runs on the event loop, once per batch. Does not keep the loop alive until `doorbellRef(true)`. */
  doorbellStart(slot: number, onRing: () => void): void;
  doorbellRef(keepAlive: boolean): void;
  doorbellStop(): void;
  /** Active handles of this thread's event loop, whether or not they keep it alive, without the doorbell's. */
  loopHandles(): number;
  /** Gives the system the freed memory that glibc keeps. */
  memoryTrim(): void;
}

export type FdWatch = { readonly __fdWatch: never };

/** native/process. A failing system call throws an Error with `code` (as 'EAGAIN'), `errno` and `syscall`. */
export interface NativeProcess {
  /** Moves an inherited descriptor out of the low numbers, close-on-exec; returns the new number. */
  fdAdopt(fd: number): number;
  fdClose(fd: number): void;
  /** The descriptors that are readable; blocks up to `timeout` ms, -1 for ever. */
  fdPoll(fds: number[], timeout: number): number[];
  /** Calls back once, when `fd` is readable; keeps the event loop alive until `fdUnwatch`, exactly once per watch. */
  fdWatch(fd: number, callback: () => void): FdWatch;
  fdUnwatch(watch: FdWatch): void;
  /** How many of V8's platform threads a child of this zygote gets back; 0: none. */
  platformThreads(): number;
  /** Leaves at once, past Node's own teardown. */
  processExit(slot: number, code: number): never;
  /** A pidfd, readable once the process has ended; readable from the start if it has. */
  processOpen(pid: number, startTime: number): number;
  /** Has the reaper thread reap this child and publish its end in `slot`. */
  processReap(pid: number, slot: number): void;
  /** Sends a signal to exactly this process; false when it has ended. */
  processSignal(pid: number, startTime: number, signal: number): boolean;
  /** posix_spawn: stdin is /dev/null, 1 and 2 are inherited, 3 is the realm, 4 the bell. Returns the pid. */
  processSpawn(file: string, argv: string[], env: string[], cwd: string, realm: number, bell: number): number;
  /** Start time in clock ticks after boot; 0 when there is no such process. */
  processStartTime(pid: number): number;
  /** Ends this process soon after that one: SIGTERM, then SIGKILL. */
  processWatchParent(pid: number, startTime: number): void;
  /** So many bytes that the kernel draws, up to 256. */
  randomBytes(size: number): Buffer;
  /** Hands a claimed slot to the zygote. */
  requestFork(slot: number, bell: number): void;
  /** Ignores a signal, or gives it back its default. */
  signalIgnore(signal: number, ignore: boolean): void;
  /** The eventfd that wakes the zygote; one per process, made at the first call. */
  zygoteBell(): number;
  /** In a child of the realm, before the first use. */
  zygoteBellInherit(fd: number): void;
  /** What the zygote's loop would do now. Returns in every child, with the child's slot, and -1 in the zygote. */
  zygoteTurn(slot: number, bell: number): number;
  /** The zygote's loop. Returns in every child, with the child's slot; never in the zygote. */
  zygoteServe(slot: number, bell: number): number;
}

/** native/segment. Errors as in native/process. Names are those of files in /dev/shm. */
export interface NativeSegment {
  /** Puts a file, or a folder for a socket, on the list of what this keeper removes at the realm's end. */
  fileKeep(path: string, keeper: number): void;
  /** Removes it, and takes it off the list. */
  fileRemove(path: string): void;
  /** Starts the program at `path` as the keeper of this slot; on return it keeps, with its pid in the slot. */
  keeperStart(path: string, slot: number): void;
  /** A new segment, on the list of this keeper. */
  segmentCreate(name: string, size: number, keeper: number): ArrayBuffer;
  segmentOpen(name: string): ArrayBuffer;
  /** Takes a name away, and its segment off the list of the realm's keeper. */
  segmentUnlink(name: string): void;
  /** Detaches the buffer, and with it every view of it; once. Also done when the buffer is collected. */
  segmentUnmap(buffer: ArrayBuffer): void;
}

export type Socket = { readonly __socket: never };

/** native/socket. Errors as in native/process. Events: 1 readable, 2 writable, or both. */
export interface NativeSocket {
  /** A socket over a copy of `fd`. `onEvent` is called on the event loop, as `socketWatch` says. */
  socketOpen(fd: number, onEvent: (events: number) => void): Socket;
  /** Has `onEvent` called while one of `events` can be acted upon, which keeps the event loop alive; 0: no more. */
  socketWatch(socket: Socket, events: number): void;
  /** Reads what has come into the rest of `buffer`; how many bytes, 0 at the end, -1 for nothing yet. */
  socketRead(socket: Socket, buffer: Uint8Array, offset: number): number;
  /** Writes `header` and `payload`, from byte `done` of both together on; how many bytes were taken, perhaps 0. */
  socketWrite(socket: Socket, header: Uint8Array, payload: Uint8Array, done: number): number;
  /** Blocks the thread up to `timeout` ms (-1: for ever); false when the time passed first, or a signal came. */
  socketPoll(socket: Socket, events: number, timeout: number): boolean;
  /** At once; any number of times. */
  socketClose(socket: Socket): void;
}

/** native/descriptor. Errors as in native/process. */
export interface NativeDescriptor {
  /** Another descriptor of the same open file. */
  descriptorCopy(fd: number): number;
  /** Has the broker close its copy. ENOENT: it has been taken. */
  descriptorDrop(ticket: Uint8Array): void;
  /** Leaves a copy with the broker, for the user of this slot (NO_SLOT: for whoever has the ticket). ECONNREFUSED: there is none. */
  descriptorKeep(fd: number, receiver: number, generation: number): Uint8Array;
  /** Two connected Unix sockets. */
  descriptorPair(): [fd: number, fd: number];
  /** Gives the descriptor, once. ENOENT: it has been taken; ECONNREFUSED: its broker has been killed. */
  descriptorTake(ticket: Uint8Array): number;
}

/** native/script */
export interface NativeScript {
  /**
   * The script that a function is from, as V8 and its inspector number them. `name`: a URL, a path, or undefined. Undefined for
   * functions that have none, and where V8 does not say it.
   */
  scriptOf(fn: Function): { id: number; name: unknown; isModule: boolean } | undefined;
  /** The source of a script one of whose functions is being called; undefined: none is, or this V8 does not say it. */
  scriptOnStack(id: number): string | undefined;
}

const require = createRequire(import.meta.url);

const libc = isMusl() ? 'musl' : 'glibc';

/** Where a built binary lies: fresh from the compiler in the repository, else as released. Undefined: nowhere. */
function locate(name: string, extension: '.node' | '.so' | ''): string | undefined {
  const candidates = [
    `../build/Release/${name}${extension}`,
    `../prebuilds/linux-${process.arch}/${name}.${libc}${extension}`,
  ];
  return candidates.map((path) => fileURLToPath(new URL(path, import.meta.url))).find((path) => existsSync(path));
}

function load(): Native {
  const path = locate('multiprocess', '.node');
  if (path) return require(path) as Native;
  throw missing();
}

function missing(): MultiprocessError {
  return new MultiprocessError(
    'ERR_MP_PLATFORM',
    `the native part of multiprocess is missing for linux-${process.arch} (${libc}): run \`npm run build\` in its repository, or install a release that carries it`,
  );
}

/** The library that the zygote preloads (native/shim); undefined where it is missing, or cannot be named in LD_PRELOAD. */
export function shimPath(): string | undefined {
  const path = locate('mpshim', '.so');
  return path && !/[\s:]/.test(path) ? path : undefined;
}

/** The program that removes segments and sockets at the realm's end (native/segment/keeper.h). */
export function keeperPath(): string {
  const path = locate('mpkeeper', '');
  if (!path) throw missing();
  return path;
}

function isMusl(): boolean {
  return (
    existsSync(`/lib/ld-musl-${process.arch === 'x64' ? 'x86_64' : 'aarch64'}.so.1`) &&
    !existsSync('/lib64/ld-linux-x86-64.so.2')
  );
}

export const native: Native = load();
