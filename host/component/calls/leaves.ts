import type { PrimitiveKind } from '../plan.ts';
import { badInput } from './bad-input.ts';
import { base64Of, bytesOf } from './base64.ts';
import type { Form } from './form.ts';

/** The types that are made of no others, and `list<u8>`, which is no list of numbers. */
export type Leaf = Exclude<PrimitiveKind, 'error-context'> | 'bytes';

/** The leaves, and what a map is; in the rest JSON and JavaScript are alike. */
export interface Notation {
  readonly leaves: Readonly<Record<Leaf, Form>>;
  /** What an option that is none is, where it is not left out. */
  readonly none: null | undefined;
  /** The entries of a map, whose keys are as `Object.entries` gives them or as they are. @throws {BadInput} */
  entriesOf(value: unknown): readonly (readonly [key: unknown, value: unknown])[];
  /** Keys and values are written already. */
  mapOf(entries: readonly (readonly [key: unknown, value: unknown])[]): unknown;
  /** How a key of a map is read and written. */
  keyOf(kind: Leaf): Form;
}

const WHOLE = {
  s8: [-(2 ** 7), 2 ** 7 - 1],
  u8: [0, 2 ** 8 - 1],
  s16: [-(2 ** 15), 2 ** 15 - 1],
  u16: [0, 2 ** 16 - 1],
  s32: [-(2 ** 31), 2 ** 31 - 1],
  u32: [0, 2 ** 32 - 1],
} as const;

const LARGE = { s64: [-(2n ** 63n), 2n ** 63n - 1n], u64: [0n, 2n ** 64n - 1n] } as const;

const MOST_F32 = 3.4028234663852886e38;
/** From here on a number becomes infinite in 32 bits. */
const TOO_LARGE_F32 = 3.4028235677973366e38;

const same = (value: unknown) => value;

function plain(read: (value: unknown) => unknown): Form {
  return { read, write: same, plain: true };
}

const SHARED: Readonly<Record<'bool' | keyof typeof WHOLE | 'char' | 'string', Form>> = {
  bool: plain((value) => {
    if (typeof value === 'boolean') return value;
    throw badInput('true or false', value);
  }),
  s8: whole('s8'),
  u8: whole('u8'),
  s16: whole('s16'),
  u16: whole('u16'),
  s32: whole('s32'),
  u32: whole('u32'),
  char: plain((value) => {
    if (typeof value === 'string' && value.isWellFormed() && value !== '' && value.length === (value.codePointAt(0)! > 0xffff ? 2 : 1))
      return value;
    throw badInput('a string of one character', value);
  }),
  string: plain((value) => {
    if (typeof value !== 'string') throw badInput('a string', value);
    if (!value.isWellFormed()) throw badInput('a string without a half of a surrogate pair', value);
    return value;
  }),
};

/**
 * JSON, as protobuf has it where JSON has no value of its own (protobuf.dev, ProtoJSON): 64-bit integers are strings, and
 * are taken as numbers where these are exact; bytes are base64; what floats have besides numbers are strings.
 */
export const JSON_NOTATION: Notation = {
  none: null,
  leaves: {
    ...SHARED,
    s64: { read: (value) => large('s64', value), write: String, plain: false },
    u64: { read: (value) => large('u64', value), write: String, plain: false },
    f32: { read: (value) => float(value, TOO_LARGE_F32), write: floatText, plain: false },
    f64: { read: (value) => float(value, Infinity), write: floatText, plain: false },
    bytes: { read: bytesOf, write: base64Of, plain: false },
  },
  entriesOf(value) {
    if (typeof value === 'object' && value !== null && !Array.isArray(value)) return Object.entries(value);
    throw badInput('an object', value);
  },
  // A key may be `__proto__`, which an assignment would lose.
  mapOf: (entries) => Object.fromEntries(entries.map(([key, value]) => [String(key), value])),
  keyOf(kind) {
    const form = JSON_NOTATION.leaves[kind];
    if (kind === 'string' || kind === 'char' || kind === 's64' || kind === 'u64') return form;
    // Keys of objects are strings.
    return { read: (key) => form.read(keyValue(key as string)), write: String, plain: false };
  },
};

/** Values of JavaScript, as jco has them. */
export const VALUE_NOTATION: Notation = {
  none: undefined,
  leaves: {
    ...SHARED,
    s64: plain((value) => large('s64', value)),
    u64: plain((value) => large('u64', value)),
    f32: plain((value) => number(value)),
    f64: plain((value) => number(value)),
    bytes: plain((value) => {
      // The runtime copies it into the guest, and does not keep it.
      if (value instanceof Uint8Array) return value;
      throw badInput('a Uint8Array', value);
    }),
  },
  entriesOf(value) {
    if (value instanceof Map) return [...(value as Map<unknown, unknown>)];
    throw badInput('a Map', value);
  },
  mapOf: (entries) => new Map(entries),
  keyOf: (kind) => VALUE_NOTATION.leaves[kind],
};

function whole(kind: keyof typeof WHOLE): Form {
  const [least, most] = WHOLE[kind];
  return plain((value) => {
    if (typeof value === 'number' && Number.isInteger(value) && value >= least && value <= most) return value;
    throw badInput(`a whole number from ${least} to ${most}`, value);
  });
}

function large(kind: keyof typeof LARGE, value: unknown): bigint {
  const [least, most] = LARGE[kind];
  const whole = wholeOf(value);
  if (whole !== null && whole >= least && whole <= most) return whole;
  throw badInput(`a whole number from ${least} to ${most}, as a string where it is beyond 2^53`, value);
}

/** Null where it is none, or one that may have been rounded. */
function wholeOf(value: unknown): bigint | null {
  if (typeof value === 'bigint') return value;
  if (typeof value === 'number') return Number.isSafeInteger(value) ? BigInt(value) : null;
  return typeof value === 'string' && /^-?\d{1,20}$/.test(value) ? BigInt(value) : null;
}

/** `1e400` in JSON is read as infinite, which nobody wrote. */
function float(value: unknown, tooLarge: number): number {
  if (value === 'NaN') return NaN;
  if (value === 'Infinity') return Infinity;
  if (value === '-Infinity') return -Infinity;
  if (typeof value === 'number' && Math.abs(value) < tooLarge) return value;
  const range = tooLarge === Infinity ? '' : ` from ${-MOST_F32} to ${MOST_F32}`;
  throw badInput(`a number${range}, "NaN", "Infinity" or "-Infinity"`, value);
}

function number(value: unknown): number {
  if (typeof value === 'number') return value;
  throw badInput('a number', value);
}

function floatText(value: unknown): unknown {
  return Number.isFinite(value) ? value : String(value);
}

/** A number or a boolean that stands as a key, in the one way in which it is written. */
function keyValue(key: string): unknown {
  if (key === 'true' || key === 'false') return key === 'true';
  return /^(?:0|-?[1-9]\d*)$/.test(key) ? Number(key) : key;
}
