/**
 * Reads pickles of protocols 2 to 5: plain data, and what an allow-list makes. Whatever the bytes are, nothing else is ever called or
 * constructed, memory stays within a multiple of their number, and there is no recursion.
 */
import { MultiprocessError } from '../../errors.ts';
import { Dicts } from './dicts.ts';
import { type Globals, refusal } from './globals.ts';
import { Input } from './input.ts';
import { Machine } from './machine.ts';
import { OP } from './opcodes.ts';
import { decodeText } from './text.ts';

/** The value; throws `ERR_MP_UNSUPPORTED` for what is refused and for what is no pickle. */
export function decode(bytes: Uint8Array, globals?: Globals): unknown {
  const dicts = new Dicts();
  const value = run(bytes, globals, dicts);
  // Which dicts need a Map is known when all their keys are: then everything is read again.
  return dicts.finish() ? run(bytes, globals, dicts) : value;
}

function run(bytes: Uint8Array, globals: Globals | undefined, dicts: Dicts): unknown {
  const input = new Input(bytes);
  const machine = new Machine(input, globals, dicts);
  try {
    checkProtocol(input);
    for (;;) {
      const code = input.byte();
      if (code === OP.STOP) return machine.pop();
      const step = STEPS[code];
      if (!step) throw new TypeError(`unknown operation 0x${code.toString(16)}`);
      step(machine, input);
    }
  } catch (error) {
    if (error instanceof MultiprocessError) throw error;
    const text = `cannot receive this: no valid pickle, at byte ${input.at} of ${input.length}`;
    throw new MultiprocessError('ERR_MP_UNSUPPORTED', `${text} (${(error as Error).message})`, { cause: error });
  }
}

function checkProtocol(input: Input): void {
  if (input.byte() !== OP.PROTO) throw new TypeError('protocols 0 and 1 are not read here');
  const protocol = input.byte();
  if (protocol < 2 || protocol > 5) throw new TypeError(`unsupported pickle protocol: ${protocol}`);
}

function checkFrame(input: Input): void {
  if (input.uint64() > input.length - input.at) throw new RangeError('pickle exhausted before end of frame');
}

type Step = (machine: Machine, input: Input) => void;

const refuse =
  (what: string): Step =>
  () => {
    throw refusal(what);
  };
const readName = (input: Input): [module: string, name: string] => [decodeText(input.line()), decodeText(input.line())];

const STEPS: Step[] = [];

STEPS[OP.PROTO] = (_, input) => input.byte();
STEPS[OP.FRAME] = (_, input) => checkFrame(input);

STEPS[OP.NONE] = (machine) => machine.push(null);
STEPS[OP.NEWTRUE] = (machine) => machine.push(true);
STEPS[OP.NEWFALSE] = (machine) => machine.push(false);
STEPS[OP.BININT] = (machine, input) => machine.push(input.int32());
STEPS[OP.BININT1] = (machine, input) => machine.push(input.byte());
STEPS[OP.BININT2] = (machine, input) => machine.push(input.uint16());
STEPS[OP.LONG1] = (machine, input) => machine.integer(input.byte());
STEPS[OP.LONG4] = (machine, input) => machine.integer(input.int32());
STEPS[OP.BINFLOAT] = (machine, input) => machine.push(input.doubleBE());
STEPS[OP.SHORT_BINUNICODE] = (machine, input) => machine.push(decodeText(input.bytes(input.byte())));
STEPS[OP.BINUNICODE] = (machine, input) => machine.push(decodeText(input.bytes(input.uint32())));
STEPS[OP.BINUNICODE8] = (machine, input) => machine.push(decodeText(input.bytes(input.uint64())));
STEPS[OP.SHORT_BINBYTES] = (machine, input) => machine.bytes(input.byte());
STEPS[OP.BINBYTES] = (machine, input) => machine.bytes(input.uint32());
STEPS[OP.BINBYTES8] = (machine, input) => machine.bytes(input.uint64());
STEPS[OP.BYTEARRAY8] = (machine, input) => machine.bytes(input.uint64());

STEPS[OP.EMPTY_LIST] = (machine) => machine.container([]);
STEPS[OP.EMPTY_TUPLE] = (machine) => machine.container([]);
STEPS[OP.LIST] = (machine) => machine.container(machine.popMark());
STEPS[OP.TUPLE] = (machine) => machine.container(machine.popMark());
STEPS[OP.TUPLE1] = (machine) => machine.container(machine.popMany(1));
STEPS[OP.TUPLE2] = (machine) => machine.container(machine.popMany(2));
STEPS[OP.TUPLE3] = (machine) => machine.container(machine.popMany(3));
STEPS[OP.APPEND] = (machine) => machine.append(machine.popMany(1));
STEPS[OP.APPENDS] = (machine) => machine.append(machine.popMark());
STEPS[OP.EMPTY_DICT] = (machine) => machine.emptyDict();
STEPS[OP.DICT] = (machine) => {
  const items = machine.popMark();
  machine.emptyDict();
  machine.setItems(items);
};
STEPS[OP.SETITEM] = (machine) => machine.setItems(machine.popMany(2));
STEPS[OP.SETITEMS] = (machine) => machine.setItems(machine.popMark());
STEPS[OP.EMPTY_SET] = (machine) => machine.set();
STEPS[OP.FROZENSET] = (machine) => machine.set(machine.popMark());
STEPS[OP.ADDITEMS] = (machine) => machine.addItems(machine.popMark());

STEPS[OP.MARK] = (machine) => machine.mark();
STEPS[OP.POP] = (machine) => machine.discard();
STEPS[OP.POP_MARK] = (machine) => machine.popMark();
STEPS[OP.DUP] = (machine) => machine.push(machine.top());
STEPS[OP.MEMOIZE] = (machine) => machine.memoize();
STEPS[OP.BINPUT] = (machine, input) => machine.put(input.byte());
STEPS[OP.LONG_BINPUT] = (machine, input) => machine.put(input.uint32());
STEPS[OP.BINGET] = (machine, input) => machine.get(input.byte());
STEPS[OP.LONG_BINGET] = (machine, input) => machine.get(input.uint32());

STEPS[OP.GLOBAL] = (machine, input) => machine.global(...readName(input));
STEPS[OP.STACK_GLOBAL] = (machine) => machine.global(...(machine.popMany(2) as [unknown, unknown]));
STEPS[OP.REDUCE] = (machine) => machine.call();
STEPS[OP.NEWOBJ] = (machine) => machine.call();
STEPS[OP.BUILD] = (machine) => machine.setState();

STEPS[OP.INST] = (_, input) => {
  throw refusal(readName(input).join('.'));
};
STEPS[OP.OBJ] = refuse('an object (OBJ)');
STEPS[OP.NEWOBJ_EX] = refuse('an object (NEWOBJ_EX)');
for (const code of [OP.EXT1, OP.EXT2, OP.EXT4]) STEPS[code] = refuse('a class of the extension registry');
for (const code of [OP.PERSID, OP.BINPERSID]) STEPS[code] = refuse('a persistent id');
for (const code of [OP.NEXT_BUFFER, OP.READONLY_BUFFER]) STEPS[code] = refuse('an out-of-band buffer');
