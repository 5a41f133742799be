/**
 * The compact format: what a value looks like behind the tag of its message. Numbers are little-endian, lengths in bytes
 * unless something else is said, and a value is one type byte and its data:
 *
 * ```
 *   type        what follows
 *   0x00-0x7f   nothing: the integer 0 to 127
 *   0x80-0xbf   text of 0 to 63 Latin-1 characters: the characters
 *   0xc0-0xcf   array of 0 to 15 items: the items
 *   undefined, null, true, false      nothing
 *   int32       i32
 *   double      f64
 *   latin1      u32 n, n characters
 *   utf16       u32 n, n code units of 2 bytes
 *   array       u32 n, n items
 *   record      u16 hash, u16 size, u8 n, n keys (text), n values: hash to keys are the record's block, size its length
 *               from the type byte on
 *   again       u8 i, values: a record with the keys of the message's i-th block (of the first 256)
 *   dictionary  u32 n, n times key (text) and value: an object of many keys
 *   bigint64    i64
 *   bigint      text: sign and hexadecimal digits
 *   date        f64
 *   map         u32 n, n times key and value
 *   set         u32 n, n items
 *   buffer      u8 padding, u32 n, padding, n bytes: an ArrayBuffer
 *   view        u8 kind (views.ts), u8 padding, u32 n, padding, n bytes: a typed array, Buffer or DataView
 *   reference   u32 i: the i-th object of the message again
 * ```
 *
 * A block depends on its keys only, so that both sides recognise the shapes that they have met lately: the sender copies
 * the block, the receiver compares it. The hash says where to look.
 *
 * The bytes of large arrays are padded to begin at a multiple of 8 bytes of the message, so that they can be used where
 * they lie.
 *
 * Objects are numbered as they begin. Only a message with `TAG.shared` in its tag has references.
 */
export const TYPE = {
  shortText: 0x80,
  shortArray: 0xc0,
  undefined: 0xd0,
  null: 0xd1,
  true: 0xd2,
  false: 0xd3,
  int32: 0xd4,
  double: 0xd5,
  latin1: 0xd6,
  utf16: 0xd7,
  array: 0xd8,
  record: 0xd9,
  again: 0xda,
  dictionary: 0xdb,
  bigint64: 0xdc,
  bigint: 0xdd,
  date: 0xde,
  map: 0xdf,
  set: 0xe0,
  buffer: 0xe1,
  view: 0xe2,
  reference: 0xe3,
} as const;

export const MAX_SHORT_TEXT = 63;
export const MAX_SHORT_ARRAY = 15;

/** A record of more keys than this is a dictionary. */
export const MAX_KEYS = 32;
/** So is one whose block would be longer. */
export const MAX_BLOCK = 4096;
/** How many blocks of a message can be referred to. */
export const MAX_BLOCKS = 256;

/** From how many bytes on an array is padded, a piece of its own for the sender, and perhaps a view for the receiver. */
export const LARGE = 16 * 1024;
