const code = (character: string) => character.charCodeAt(0);

/** The format's number, and its version. */
export const HEADER = Uint8Array.of(0xff, 15);

/** The format of V8's `ValueSerializer` (v8/src/objects/value-serializer.cc), as much of it as the language has values for. */
export const TAG = {
  padding: 0,
  undefined: code('_'),
  null: code('0'),
  true: code('T'),
  false: code('F'),
  int32: code('I'),
  uint32: code('U'),
  double: code('N'),
  bigint: code('Z'),
  utf8: code('S'),
  oneByte: code('"'),
  twoByte: code('c'),
  reference: code('^'),
  object: code('o'),
  endObject: code('{'),
  sparse: code('a'),
  endSparse: code('@'),
  dense: code('A'),
  endDense: code('$'),
  hole: code('-'),
  date: code('D'),
  trueObject: code('y'),
  falseObject: code('x'),
  numberObject: code('n'),
  bigintObject: code('z'),
  stringObject: code('s'),
  regexp: code('R'),
  map: code(';'),
  endMap: code(':'),
  set: code("'"),
  endSet: code(','),
  arrayBuffer: code('B'),
  resizable: code('~'),
  view: code('V'),
  error: code('r'),
  errorMessage: code('m'),
  errorCause: code('c'),
  errorStack: code('s'),
  errorEnd: code('.'),
} as const;

export const VIEWS = {
  Int8Array: code('b'),
  Uint8Array: code('B'),
  Uint8ClampedArray: code('C'),
  Int16Array: code('w'),
  Uint16Array: code('W'),
  Int32Array: code('d'),
  Uint32Array: code('D'),
  Float16Array: code('h'),
  Float32Array: code('f'),
  Float64Array: code('F'),
  BigInt64Array: code('q'),
  BigUint64Array: code('Q'),
  DataView: code('?'),
} as const;

export type ViewName = keyof typeof VIEWS;

/** Errors by the prototype that they are read with; any other is an Error. */
export const ERRORS: Readonly<Record<string, number>> = {
  EvalError: code('E'),
  RangeError: code('R'),
  ReferenceError: code('F'),
  SyntaxError: code('S'),
  TypeError: code('T'),
  URIError: code('U'),
};

/** Of regular expressions, by the bit that stands for them. */
export const FLAGS = 'gimyusldv';
