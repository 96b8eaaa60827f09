import { blocking } from '../../host.ts';
import type { Factory } from '../settings.ts';
import { err, ok, OK, type Result } from '../values/result.ts';
import { attempt, noObject, type BlobBinding, type BlobBody, type Container } from './bucket.ts';
import { IncomingValue, type OutgoingValue } from './values.ts';

/** What one call of `delete` takes. */
const DELETE_AT_ONCE = 1000;

/** `stream-object-names`: the names of a container's objects, page by page. */
class ObjectNames {
  readonly #binding: BlobBinding;
  #page: readonly string[] = [];
  /** undefined at first, null at the end. */
  #cursor: string | null | undefined;

  constructor(binding: BlobBinding) {
    this.#binding = binding;
  }

  /** At most so many, and whether those were the last. */
  async read(limit: bigint): Promise<readonly [readonly string[], boolean]> {
    while (this.#page.length === 0 && this.#cursor !== null) {
      const found = await this.#binding.list(this.#cursor === undefined ? {} : { cursor: this.#cursor });
      this.#page = found.objects.map(({ key }) => key);
      this.#cursor = found.truncated ? (found.cursor ?? null) : null;
    }
    const names = this.#page.slice(0, limit > this.#page.length ? undefined : Number(limit));
    this.#page = this.#page.slice(names.length);
    return [names, this.#page.length === 0 && this.#cursor === null];
  }

  async skip(count: bigint): Promise<readonly [bigint, boolean]> {
    let skipped = 0n;
    for (;;) {
      const [names, end] = await this.read(count - skipped);
      skipped += BigInt(names.length);
      if (end || skipped === count) return [skipped, end];
    }
  }
}

/** wasi:blobstore/container. */
export const container: Factory = () => ({
  '[method]container.name': ({ name }: Container) => ok(name),
  // When a bucket was made is not told by its binding.
  '[method]container.info': ({ name }: Container) => ok({ name, 'created-at': 0n }),
  '[method]container.get-data': blocking(getData),
  '[method]container.write-data'(own: Container, name: string, value: OutgoingValue) {
    value.goesTo(own, name);
    return OK;
  },
  '[method]container.list-objects': ({ binding }: Container) => ok(new ObjectNames(binding)),
  '[method]container.delete-object': blocking(({ binding }: Container, name: string) => attempt(() => binding.delete(name))),
  '[method]container.delete-objects': blocking(({ binding }: Container, names: readonly string[]) =>
    attempt(() => deleteAll(binding, names)),
  ),
  '[method]container.has-object': blocking(({ binding }: Container, name: string) =>
    attempt(async () => (await binding.head(name)) !== null),
  ),
  '[method]container.object-info': blocking(objectInfo),
  '[method]container.clear': blocking(({ binding }: Container) => attempt(() => clear(binding))),
  '[method]stream-object-names.read-stream-object-names': blocking((names: ObjectNames, limit: bigint) => attempt(() => names.read(limit))),
  '[method]stream-object-names.skip-stream-object-names': blocking((names: ObjectNames, count: bigint) => attempt(() => names.skip(count))),
});

/** From one offset to another, both of them within. */
async function getData({ binding }: Container, name: string, start: bigint, end: bigint): Promise<Result<IncomingValue, string>> {
  const found = await attempt(async (): Promise<IncomingValue | null> => {
    const facts = await binding.head(name);
    if (facts === null) return null;
    const from = start > facts.size ? facts.size : Number(start);
    const length = (end >= facts.size ? facts.size : Number(end) + 1) - from;
    if (length <= 0) return new IncomingValue(0, NOTHING);
    const object = await binding.get(name, { range: { offset: from, length } });
    return object === null ? null : new IncomingValue(length, object);
  });
  if (found.tag === 'err') return found;
  return found.val === null ? noObject(name) : ok(found.val);
}

async function objectInfo({ name: own, binding }: Container, name: string): Promise<Result<unknown, string>> {
  const facts = await attempt(() => binding.head(name));
  if (facts.tag === 'err') return err(facts.val);
  if (facts.val === null) return noObject(name);
  const { size, uploaded } = facts.val;
  return ok({ name, container: own, 'created-at': BigInt(Math.floor(uploaded.getTime() / 1000)), size: BigInt(size) });
}

async function clear(binding: BlobBinding): Promise<void> {
  for (;;) {
    const { objects } = await binding.list({});
    if (objects.length === 0) return;
    await deleteAll(
      binding,
      objects.map(({ key }) => key),
    );
  }
}

async function deleteAll(binding: BlobBinding, names: readonly string[]): Promise<void> {
  for (let at = 0; at < names.length; at += DELETE_AT_ONCE) await binding.delete(names.slice(at, at + DELETE_AT_ONCE));
}

const NOTHING: BlobBody = {
  get body() {
    return new ReadableStream<Uint8Array<ArrayBuffer>>({ start: (controller) => controller.close() });
  },
  arrayBuffer: () => Promise.resolve(new ArrayBuffer(0)),
};
