import { IoError } from '../io/error.ts';
import type { Bytes } from '../io/byte-reader.ts';
import { InputStream } from '../io/input-stream.ts';
import { OutputStream, type ByteSink, type SinkEnd } from '../io/output-stream.ts';
import { READY } from '../io/readiness.ts';
import type { HostInterface } from '../../host.ts';
import type { Factory } from '../settings.ts';
import { ok, type Result } from '../values/result.ts';
import { Descriptor } from './descriptor.ts';
import type { FsCode } from './errors.ts';
import { descriptorFunctions } from './functions.ts';
import { sizeOf, type NodeKind } from './nodes.ts';

/** What a stream takes at a time. */
const CHUNK = 64 * 1024;

/** Why a stream of a file has failed. */
class FileError extends Error {
  readonly code: FsCode;

  constructor(code: FsCode) {
    super(`The file could not be read or written: ${code}.`);
    this.name = 'FileError';
    this.code = code;
  }
}

/** `directory-entry-stream`: what was in a directory when it was asked for. */
class DirectoryEntries {
  readonly #entries: Iterator<readonly [string, { readonly kind: NodeKind }]>;

  constructor(entries: Iterable<readonly [string, { readonly kind: NodeKind }]>) {
    this.#entries = [...entries].values();
  }

  next(): { readonly type: NodeKind; readonly name: string } | undefined {
    const { value, done } = this.#entries.next();
    return done === true ? undefined : { type: value[1].kind, name: value[0] };
  }
}

const types: HostInterface = {
  ...descriptorFunctions({
    result: (result) => result,
    type: (kind) => kind,
    // Nothing is before 1970 here.
    time: (time) => (time === undefined || time.seconds >= 0n ? time : { seconds: 0n, nanoseconds: 0 }),
  }),
  '[method]descriptor.read-via-stream'(file: Descriptor, offset: bigint) {
    const allowed = file.readable();
    return allowed.tag === 'err' ? allowed : ok(inputFrom(file, offset));
  },
  '[method]descriptor.write-via-stream'(file: Descriptor, offset: bigint) {
    let at = offset;
    return outputTo(file, (own, bytes) => {
      const written = own.write(bytes, at);
      at += BigInt(bytes.length);
      return written;
    });
  },
  '[method]descriptor.append-via-stream': (file: Descriptor) => outputTo(file, (own, bytes) => own.append(bytes)),
  '[method]descriptor.read'(file: Descriptor, length: bigint, offset: bigint) {
    const bytes = file.read(offset, length);
    return bytes.tag === 'err' ? bytes : ok([bytes.val, offset + BigInt(bytes.val.length) >= sizeOf(file.node)]);
  },
  '[method]descriptor.write'(file: Descriptor, bytes: Uint8Array, offset: bigint) {
    const written = file.write(bytes, offset);
    return written.tag === 'err' ? written : ok(BigInt(bytes.length));
  },
  '[method]descriptor.read-directory'(base: Descriptor) {
    const directory = base.directory();
    return directory.tag === 'err' ? directory : ok(new DirectoryEntries(directory.val.entries));
  },
  '[method]directory-entry-stream.read-directory-entry': (entries: DirectoryEntries) => ok(entries.next()),
  'filesystem-error-code': ({ cause }: IoError) => (cause instanceof FileError ? cause.code : undefined),
};

export const filesystemTypes2: Factory = () => types;

function inputFrom(file: Descriptor, offset: bigint): InputStream {
  const own = new Descriptor(file.volume, file.node, file.flags);
  let at = offset;
  return new InputStream({
    read() {
      const bytes: Result<Bytes, FsCode> = own.read(at, BigInt(CHUNK));
      if (bytes.tag === 'err') throw new FileError(bytes.val);
      at += BigInt(bytes.val.length);
      return bytes.val.length === 0 ? null : bytes.val;
    },
    cancel: () => own[Symbol.dispose](),
  });
}

function outputTo(
  file: Descriptor,
  write: (own: Descriptor, bytes: Uint8Array) => Result<undefined, FsCode>,
): Result<OutputStream, FsCode> {
  const allowed = file.writable();
  if (allowed.tag === 'err') return allowed;
  const own = new Descriptor(file.volume, file.node, file.flags);
  let ended: SinkEnd | null = null;
  const sink: ByteSink = {
    ...READY,
    room: CHUNK,
    get ended() {
      return ended;
    },
    write(bytes) {
      const written = write(own, bytes);
      if (written.tag === 'err') ended = { cause: new FileError(written.val) };
      return ended;
    },
    release: () => own[Symbol.dispose](),
  };
  return ok(new OutputStream(sink));
}
