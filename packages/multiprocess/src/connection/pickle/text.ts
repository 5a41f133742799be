/** UTF-8 as pickle has it: half surrogate pairs are encoded as if they were characters ('surrogatepass'). */

/** The bytes of a string that is not well-formed UTF-16; others are Buffer's business. */
export function encodeSurrogates(text: string): Buffer {
  const parts: Buffer[] = [];
  for (const part of text.split(/([\ud800-\udfff])/u)) {
    const code = part.charCodeAt(0);
    const isHalf = part.length === 1 && code >= 0xd800 && code <= 0xdfff;
    parts.push(
      isHalf
        ? Buffer.from([0xe0 | (code >> 12), 0x80 | ((code >> 6) & 0x3f), 0x80 | (code & 0x3f)])
        : Buffer.from(part),
    );
  }
  return Buffer.concat(parts);
}

const strict = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/** The string; throws a TypeError for bytes that are none. */
export function decodeText(bytes: Buffer): string {
  const text = bytes.toString();
  // A replacement character stands for itself, or for what is no UTF-8.
  return text.includes('\ufffd') ? decodeSurrogates(bytes) : text;
}

function decodeSurrogates(bytes: Buffer): string {
  let text = '';
  let from = 0;
  for (let at = bytes.indexOf(0xed); at >= 0; at = bytes.indexOf(0xed, at + 1)) {
    const [second = 0, third = 0] = bytes.subarray(at + 1, at + 3);
    if (second < 0xa0 || second > 0xbf || third < 0x80 || third > 0xbf) continue;
    text +=
      strict.decode(bytes.subarray(from, at)) + String.fromCharCode(0xd000 | ((second & 0x3f) << 6) | (third & 0x3f));
    from = at + 3;
  }
  return text + strict.decode(bytes.subarray(from));
}
