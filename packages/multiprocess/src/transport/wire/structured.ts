import v8 from 'node:v8';
import { makeView, viewKind } from './compact/views.ts';

// V8 calls these on the serializer; Node's types leave them out.
interface Hooks {
  _setTreatArrayBufferViewsAsHostObjects(on: boolean): void;
}

/** V8's structured format of `value`, after `tag` if one is given. Throws what V8 throws. */
export function writeStructured(value: unknown, tag?: number): Uint8Array {
  const writer = new Writer();
  (writer as unknown as Hooks)._setTreatArrayBufferViewsAsHostObjects(true);
  if (tag !== undefined) writer.writeRawBytes(Uint8Array.of(tag));
  writer.writeHeader();
  writer.writeValue(value);
  return writer.releaseBuffer();
}

/** The inverse of `writeStructured`; `bytes` begin with V8's header. Nothing in the result aliases `bytes`. */
export function readStructured(bytes: Uint8Array): unknown {
  const reader = new Reader(bytes);
  reader.readHeader();
  return reader.readValue();
}

class Writer extends v8.Serializer {
  // Only the bytes under the view are sent: a slice of a large buffer costs what the slice costs.
  _writeHostObject(view: ArrayBufferView): void {
    const kind = ArrayBuffer.isView(view) ? viewKind(Object.getPrototypeOf(view)) : undefined;
    if (kind === undefined) throw new TypeError(`${Object.prototype.toString.call(view)} could not be cloned`);
    this.writeUint32(kind);
    this.writeUint32(view.byteLength);
    this.writeRawBytes(new Uint8Array(view.buffer, view.byteOffset, view.byteLength));
  }
}
// V8 looks this up to make the error for a value it cannot clone.
(Writer.prototype as unknown as { _getDataCloneError: ErrorConstructor })._getDataCloneError = Error;

class Reader extends v8.Deserializer {
  // Copies, so that a received array has a buffer of its own and never points into a message or a ring.
  _readHostObject(): ArrayBufferView {
    const kind = this.readUint32();
    const length = this.readUint32();
    const buffer = new ArrayBuffer(length);
    new Uint8Array(buffer).set(this.readRawBytes(length));
    return makeView(kind, buffer, 0, length);
  }
}

/** Is it a view that `writeStructured` sends as it is? */
export function isPlainView(view: ArrayBufferView): boolean {
  return viewKind(Object.getPrototypeOf(view)) !== undefined;
}
