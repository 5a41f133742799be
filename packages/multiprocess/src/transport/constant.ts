import { Encoder } from './encode/encoder.ts';
import { Trail } from './encode/trail.ts';
import { sharingDebugger } from './inspect/session.ts';
import { NODE } from './wire/format.ts';

/**
 * Whether a function is the same whenever it is sent, as long as nothing is added to it: a builtin, an export, or a text that
 * captures nothing and does not mention itself.
 */
export function isConstant(fn: Function): boolean {
  try {
    const encoder = new Encoder(new Trail('function'), true);
    const [, nodes] = sharingDebugger(() => encoder.finish(encoder.slot(fn), undefined));
    const [node, ...others] = nodes;
    if (!node || others.length > 0) return false;
    if (node[0] !== NODE.function) return node[0] === NODE.known || node[0] === NODE.import;
    return node[3].length === 0 && node[4] === undefined && !mentionsItself(fn);
  } catch {
    return false; // it cannot be sent: who sends it says why
  }
}

function mentionsItself(fn: Function): boolean {
  return fn.name !== '' && Function.prototype.toString.call(fn).split(fn.name).length > 2;
}
