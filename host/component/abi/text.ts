import type { StringEncoding } from '../plan.ts';
import type { Codec, FlatType } from './codec.ts';
import { misfit } from './misfit.ts';
import { readLatin1OrUtf16, readUtf16, readUtf8 } from './text-read.ts';
import { writeLatin1OrUtf16, writeUtf16, writeUtf8 } from './text-write.ts';
import type { AbiTarget } from './target.ts';

const READ = { utf8: readUtf8, utf16: readUtf16, 'latin1+utf16': readLatin1OrUtf16 } as const satisfies Record<StringEncoding, unknown>;
const WRITE = { utf8: writeUtf8, utf16: writeUtf16, 'latin1+utf16': writeLatin1OrUtf16 } as const satisfies Record<StringEncoding, unknown>;

const FLAT: readonly FlatType[] = ['i32', 'i32'];

/** The codec of `string`: a pointer, and a length whose unit is the encoding's. */
export function text(target: AbiTarget): Codec {
  const memory = target.memory!;
  const read = READ[target.encoding];
  const write = WRITE[target.encoding];
  return {
    size: 8,
    align: 4,
    flat: FLAT,
    load: (at) => read(memory, memory.view.getUint32(at, true), memory.view.getUint32(at + 4, true)),
    store: (at, value) => {
      if (typeof value !== 'string') throw misfit('string', value);
      const written = write(target, value);
      memory.view.setUint32(at, written.pointer, true);
      memory.view.setUint32(at + 4, written.units, true);
    },
    lift: (flat, at) => read(memory, (flat[at] as number) >>> 0, (flat[at + 1] as number) >>> 0),
    lower: (value, flat, at) => {
      if (typeof value !== 'string') throw misfit('string', value);
      const written = write(target, value);
      flat[at] = written.pointer;
      flat[at + 1] = written.units;
    },
    target,
  };
}
