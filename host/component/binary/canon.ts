import { readCoreValueType } from './core-types.ts';
import { invalid, unsupported } from './errors.ts';
import { hex, type Reader } from './reader.ts';
import type { Canon, CanonOptionsSyntax, PlainCanonKind, StringEncodingOption } from './syntax.ts';
import { readResult } from './types.ts';

/** Those without operands. */
const PLAIN: Readonly<Record<number, PlainCanonKind>> = {
  0x05: 'task.cancel',
  // Replaced by the two below; toolchains of 2025 still write it.
  0x08: 'backpressure.set',
  0x0d: 'subtask.drop',
  0x1e: 'error-context.drop',
  0x1f: 'waitable-set.new',
  0x22: 'waitable-set.drop',
  0x23: 'waitable.join',
  0x24: 'backpressure.inc',
  0x25: 'backpressure.dec',
};

const THREADS: Readonly<Record<number, string>> = {
  0x26: 'thread.index',
  0x27: 'thread.new-indirect',
  0x28: 'thread.resume-later',
  0x29: 'thread.suspend',
  0x2a: 'thread.suspend-then-resume',
  0x2b: 'thread.yield-then-resume',
  0x2c: 'thread.suspend-then-promote',
  0x2d: 'thread.yield-then-promote',
  0x40: 'thread.spawn-ref',
  0x41: 'thread.spawn-indirect',
  0x42: 'thread.available-parallelism',
};

const ENCODINGS: readonly StringEncodingOption[] = ['utf8', 'utf16', 'latin1+utf16'];

export function readCanon(reader: Reader): Canon {
  const offset = reader.position;
  const code = reader.byte();
  const plain = PLAIN[code];
  if (plain !== undefined) return { kind: plain };
  const thread = THREADS[code];
  if (thread !== undefined) {
    throw unsupported(`canon ${thread}`, offset, 'Build the component without threads: tasks and callbacks do the same here.');
  }
  switch (code) {
    case 0x00:
      readZero(reader, 'canon lift');
      return { kind: 'lift', core: reader.u32(), options: readOptions(reader), type: reader.u32() };
    case 0x01:
      readZero(reader, 'canon lower');
      return { kind: 'lower', function: reader.u32(), options: readOptions(reader) };
    case 0x02:
      return { kind: 'resource.new', type: reader.u32() };
    case 0x03:
      return { kind: 'resource.drop', type: reader.u32() };
    case 0x04:
      return { kind: 'resource.rep', type: reader.u32() };
    case 0x06:
      return { kind: 'subtask.cancel', async: reader.flag('async') };
    case 0x09:
      return { kind: 'task.return', result: readResult(reader), options: readOptions(reader) };
    case 0x0a:
    case 0x0b:
      return readContext(reader, code === 0x0a ? 'context.get' : 'context.set');
    case 0x0c:
      return { kind: 'thread.yield', cancellable: reader.flag('cancellable') };
    case 0x0e:
      return { kind: 'stream.new', type: reader.u32() };
    case 0x0f:
      return { kind: 'stream.read', type: reader.u32(), options: readOptions(reader) };
    case 0x10:
      return { kind: 'stream.write', type: reader.u32(), options: readOptions(reader) };
    case 0x11:
      return { kind: 'stream.cancel-read', type: reader.u32(), async: reader.flag('async') };
    case 0x12:
      return { kind: 'stream.cancel-write', type: reader.u32(), async: reader.flag('async') };
    case 0x13:
      return { kind: 'stream.drop-readable', type: reader.u32() };
    case 0x14:
      return { kind: 'stream.drop-writable', type: reader.u32() };
    case 0x15:
      return { kind: 'future.new', type: reader.u32() };
    case 0x16:
      return { kind: 'future.read', type: reader.u32(), options: readOptions(reader) };
    case 0x17:
      return { kind: 'future.write', type: reader.u32(), options: readOptions(reader) };
    case 0x18:
      return { kind: 'future.cancel-read', type: reader.u32(), async: reader.flag('async') };
    case 0x19:
      return { kind: 'future.cancel-write', type: reader.u32(), async: reader.flag('async') };
    case 0x1a:
      return { kind: 'future.drop-readable', type: reader.u32() };
    case 0x1b:
      return { kind: 'future.drop-writable', type: reader.u32() };
    case 0x1c:
      return { kind: 'error-context.new', options: readOptions(reader) };
    case 0x1d:
      return { kind: 'error-context.debug-message', options: readOptions(reader) };
    case 0x20:
      return { kind: 'waitable-set.wait', cancellable: reader.flag('cancellable'), memory: reader.u32() };
    case 0x21:
      return { kind: 'waitable-set.poll', cancellable: reader.flag('cancellable'), memory: reader.u32() };
    case 0x07:
      throw unsupported('canon resource.drop async', offset, 'It has left the specification: build with current tools.');
    default:
      throw unsupported(`canon ${hex(code)}`, offset, 'The specification has no such definition.');
  }
}

function readZero(reader: Reader, what: string): void {
  if (reader.byte() !== 0) throw invalid(`${what} is not of a function`, reader.position - 1);
}

function readContext(reader: Reader, kind: 'context.get' | 'context.set'): Canon {
  const offset = reader.position;
  const type = readCoreValueType(reader);
  if (type === 'i64') throw unsupported(`canon ${kind} i64`, offset);
  if (type !== 'i32') throw invalid(`canon ${kind} is not of an i32`, offset);
  const slot = reader.u32();
  if (slot > 1) throw invalid(`canon ${kind} is of slot ${slot}, and there are two`, offset);
  return { kind, slot };
}

function readOptions(reader: Reader): CanonOptionsSyntax {
  const options: { -readonly [K in keyof CanonOptionsSyntax]: CanonOptionsSyntax[K] } = {
    encoding: null,
    memory: null,
    realloc: null,
    postReturn: null,
    async: false,
    callback: null,
  };
  const index = (key: 'memory' | 'realloc' | 'postReturn' | 'callback', name: string, offset: number) => {
    if (options[key] !== null) throw invalid(`the option ${name} is given twice`, offset);
    options[key] = reader.u32();
  };
  reader.vector(() => {
    const offset = reader.position;
    const code = reader.byte();
    switch (code) {
      case 0x00:
      case 0x01:
      case 0x02:
        if (options.encoding !== null) throw invalid('the option string-encoding is given twice', offset);
        options.encoding = ENCODINGS[code]!;
        return;
      case 0x03:
        return index('memory', 'memory', offset);
      case 0x04:
        return index('realloc', 'realloc', offset);
      case 0x05:
        return index('postReturn', 'post-return', offset);
      case 0x06:
        if (options.async) throw invalid('the option async is given twice', offset);
        options.async = true;
        return;
      case 0x07:
        return index('callback', 'callback', offset);
      case 0x08:
      case 0x09:
        throw unsupported(`the canonical option ${code === 0x08 ? 'core-type' : 'gc'}`, offset);
      default:
        throw unsupported(`the canonical option ${hex(code)}`, offset, 'The specification has no such option.');
    }
  });
  return options;
}
