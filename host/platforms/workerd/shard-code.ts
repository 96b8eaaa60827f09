import { concat } from '../../bytes.ts';
import { WireStub, type StubOrder } from './shard-wire.ts';
import { workerModule } from './worker-module.ts';

/** A Worker's code where it crosses to a shard, which makes its stubs. */
export interface ShardCode {
  readonly code: Omit<WorkerCode, 'globalOutbound'>;
  /** Beside what stands in `env`. */
  readonly stubs: Readonly<Record<string, StubOrder>>;
  /** null: no way out. */
  readonly outbound: StubOrder | null;
}

interface Head extends Omit<ShardCode, 'code'> {
  readonly code: Omit<ShardCode['code'], 'modules'>;
  /** In the order in which their bytes follow. */
  readonly modules: readonly { readonly name: string; readonly kind: string; readonly length: number }[];
}

const LENGTH = 4;
const utf8 = new TextEncoder();
const text = new TextDecoder('utf-8', { ignoreBOM: true });

/** As bytes: what calls between Workers carry as values is limited to 32 MiB. */
export function encodeCode({ globalOutbound, env, modules, ...rest }: WorkerCode): Uint8Array<ArrayBuffer> {
  const stubs: Record<string, StubOrder> = {};
  const plain: Record<string, unknown> = {};
  for (const [name, value] of Object.entries(env)) {
    if (value instanceof WireStub) stubs[name] = value;
    else plain[name] = value;
  }
  const contents = Object.entries(modules).map(([name, module]) => {
    const [[kind, content]] = Object.entries(module) as [[string, unknown]];
    return { name, kind, bytes: bytesOf(kind, content) };
  });
  const head: Head = {
    code: { ...rest, env: plain },
    stubs,
    outbound: globalOutbound instanceof WireStub ? globalOutbound : null,
    modules: contents.map(({ name, kind, bytes }) => ({ name, kind, length: bytes.byteLength })),
  };
  // What is infinite, is not said.
  const told = utf8.encode(JSON.stringify(head, (_key, value: unknown) => (value === Infinity ? undefined : value)));
  const length = new Uint8Array(LENGTH);
  new DataView(length.buffer).setUint32(0, told.byteLength);
  return concat([length, told, ...contents.map(({ bytes }) => bytes)]);
}

export function decodeCode(buffer: ArrayBuffer): ShardCode {
  const length = new DataView(buffer).getUint32(0);
  const { code, modules: contents, ...rest } = JSON.parse(text.decode(new Uint8Array(buffer, LENGTH, length))) as Head;
  const modules: Record<string, WorkerModule> = {};
  let at = LENGTH + length;
  for (const { name, kind, length: size } of contents) {
    modules[name] = workerModule(kind, new Uint8Array(buffer, at, size));
    at += size;
  }
  return { code: { ...code, modules }, ...rest };
}

function bytesOf(kind: string, content: unknown): Uint8Array {
  if (kind === 'json') return utf8.encode(JSON.stringify(content));
  return typeof content === 'string' ? utf8.encode(content) : new Uint8Array(content as ArrayBuffer);
}
