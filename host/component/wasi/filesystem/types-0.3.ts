import type { Chunk, HostInterface, Pending, Source } from '../../host.ts';
import type { Factory } from '../settings.ts';
import { Deferred, settled } from '../values/pending.ts';
import { err, ok, OK, type Err, type Result } from '../values/result.ts';
import { EMPTY, readAll, sourceOf } from '../values/source.ts';
import { Descriptor } from './descriptor.ts';
import type { FsCode } from './errors.ts';
import { descriptorFunctions } from './functions.ts';
import type { NodeKind } from './nodes.ts';

type ErrorCode = { readonly tag: FsCode };
type Outcome = Result<undefined, ErrorCode>;

/** The cases of variants: 0.2 has enums of the same names. */
const codes = new Map<FsCode, Err<ErrorCode>>();
const DESCRIPTOR_TYPES: Record<NodeKind, { readonly tag: NodeKind }> = {
  'regular-file': { tag: 'regular-file' },
  directory: { tag: 'directory' },
  'symbolic-link': { tag: 'symbolic-link' },
};

const types: HostInterface = {
  ...descriptorFunctions({ result: lifted, type: (kind) => DESCRIPTOR_TYPES[kind], time: (time) => time }),
  '[method]descriptor.read-via-stream'(file: Descriptor, offset: bigint) {
    const allowed = file.readable();
    if (allowed.tag === 'err') return [EMPTY, settled(lifted<undefined>(allowed))];
    const outcome = new Deferred<Outcome>();
    return [fileSource(file, offset, outcome), outcome];
  },
  '[method]descriptor.write-via-stream'(file: Descriptor, data: Source, offset: bigint) {
    let at = offset;
    return writeAll(file, data, (bytes) => {
      const written = file.write(bytes, at);
      at += BigInt(bytes.length);
      return written;
    });
  },
  '[method]descriptor.append-via-stream': (file: Descriptor, data: Source) => writeAll(file, data, (bytes) => file.append(bytes)),
  '[method]descriptor.read-directory'(base: Descriptor) {
    const directory = base.directory();
    if (directory.tag === 'err') return [EMPTY, settled(lifted<undefined>(directory))];
    return [sourceOf([...directory.val.entries].map(([name, { kind }]) => ({ type: DESCRIPTOR_TYPES[kind], name }))), settled(OK)];
  },
};

export const filesystemTypes3: Factory = () => types;

function lifted<T>(result: Result<T, FsCode>): Result<T, ErrorCode> {
  if (result.tag === 'ok') return result;
  let code = codes.get(result.val);
  if (code === undefined) codes.set(result.val, (code = err({ tag: result.val })));
  return code;
}

/** A file from an offset on. It uses the file for itself: the descriptor may be dropped meanwhile. */
function fileSource(file: Descriptor, offset: bigint, outcome: Deferred<Outcome>): Source {
  const own = new Descriptor(file.volume, file.node, file.flags);
  let at = offset;
  const end = (result: Outcome) => {
    own[Symbol.dispose]();
    outcome.resolve(result);
  };
  return {
    read(done: (chunk: Chunk | null) => void) {
      const chunk = outcome.resolved ? ok(new Uint8Array(0)) : own.read(at, 65_536n);
      const more = chunk.tag === 'ok' && chunk.val.length > 0;
      if (more) at += BigInt(chunk.val.length);
      done(more ? chunk.val : null);
      if (!more) end(chunk.tag === 'err' ? lifted<undefined>(chunk) : OK);
    },
    cancel: () => end(OK),
  };
}

function writeAll(file: Descriptor, data: Source, write: (bytes: Uint8Array) => Result<undefined, FsCode>): Pending<Outcome> {
  const outcome = new Deferred<Outcome>();
  const allowed = file.writable();
  if (allowed.tag === 'err') {
    data.cancel();
    return settled(lifted<undefined>(allowed));
  }
  const own = new Descriptor(file.volume, file.node, file.flags);
  const end = (result: Outcome) => {
    own[Symbol.dispose]();
    outcome.resolve(result);
  };
  readAll<Uint8Array<ArrayBuffer>>(
    data,
    (bytes) => {
      const written = write(bytes);
      if (written.tag === 'err') end(lifted<undefined>(written));
      return written.tag === 'ok';
    },
    () => end(OK),
  );
  return outcome;
}
