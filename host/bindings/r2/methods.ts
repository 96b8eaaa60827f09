import { internalError, invalidMaxKeys, ObjectError } from '../../stores/object-error.ts';
import type { Check, FoundObject, ObjectBytes, Objects, StoredObject } from '../../stores/objects.ts';
import { QuotaExceeded, type Quota } from '../../stores/quota.ts';
import { BindingError } from '../binding-error.ts';
import type { Body, Methods, Result } from '../binding.ts';
import { checkFence, fenceOf } from '../fence.ts';
import {
  checkedKey,
  checkedKeys,
  conditionsOf,
  digestOf,
  factsOf,
  optionalText,
  partNumberOf,
  partsOf,
  rangeOf,
  tableOf,
  textOf,
  type Table,
} from './arguments.ts';
import { conditionsHold } from './conditions.ts';
import type { BucketAction, Telling } from './events.ts';
import type { WireConditions, WireFound, WireObject, WirePage } from './wire.ts';

export interface R2Options {
  readonly objects: Objects;
  /** Of all keys of the bucket; no other bucket's begin with it. */
  readonly prefix: string;
  /** What it may have; its `keys` are objects. */
  readonly quota?: Quota | undefined;
  /** Who is told of a write; without it nobody is. */
  readonly tell?: ((action: BucketAction) => Promise<Telling>) | undefined;
}

export const MAX_PAGE = 1_000;
/** With metadata. https://developers.cloudflare.com/r2/api/workers/workers-api-reference/#r2listoptions */
export const MAX_PAGE_WITH_METADATA = 100;
const NOTHING = new Uint8Array();

/**
 * An R2 bucket, as its client calls it. https://developers.cloudflare.com/r2/api/workers/workers-api-reference/
 *
 * | method | arguments, body | value, body |
 * |---|---|---|
 * | head | key | object or null |
 * | get | key, `{ range, onlyIf }` | `{ object, body }` and the bytes, or null |
 * | put | key, `{ onlyIf, httpMetadata, customMetadata, storageClass, digest, fence, copied }`, value | object, or null where `onlyIf` does not hold |
 * | delete | key or keys | |
 * | list | `{ prefix, delimiter, cursor, startAfter, limit, include }` | `WirePage` |
 * | createUpload | key, as `put` | id |
 * | putPart | key, id, number, bytes | etag |
 * | completeUpload | key, id, JSON of the parts | object |
 * | abortUpload | key, id | |
 */
export function createR2Methods({ objects, prefix, quota, tell = tellNobody }: R2Options): Methods {
  const wire = (object: StoredObject) => wireOf(object, prefix.length);
  const uploadOf = (key: unknown, id: unknown) => ({ key: prefix + checkedKey(key), id: textOf(id, 'An upload id') });
  return {
    head: ([key]) =>
      attempt('head', async () => {
        const object = await objects.head(prefix + checkedKey(key));
        return { value: object && { ...wire(object), range: { offset: 0, length: object.size } } };
      }),
    get: ([key, how]) => attempt('get', () => get({ objects, prefix }, { key: checkedKey(key), how: tableOf(how) })),
    put: ([key, how], body) =>
      attempt('put', () => put({ objects, prefix, quota, tell }, { key: checkedKey(key), how: tableOf(how), body }), body),
    delete: ([keys]) =>
      attempt('delete', async () => {
        const own = checkedKeys(keys).map((key) => prefix + key);
        const { note, done } = await tell('DeleteObject');
        await objects.delete(own, { note });
        await done(() => own.map((key) => ({ key, object: null })));
        return { value: null };
      }),
    list: ([how]) => attempt('list', () => list({ objects, prefix }, tableOf(how))),
    createUpload: ([key, how]) =>
      attempt('createMultipartUpload', async () => ({
        value: await objects.createUpload(prefix + checkedKey(key), factsOf(tableOf(how)), { quota }),
      })),
    putPart: ([key, id, part], body) =>
      attempt(
        'uploadPart',
        async () => ({
          value: await objects.putPart(uploadOf(key, id), { partNumber: partNumberOf(part), body: body ?? NOTHING }, { quota }),
        }),
        body,
      ),
    completeUpload: ([key, id], body) =>
      attempt('completeMultipartUpload', async () => {
        const [upload, parts] = [uploadOf(key, id), partsOf(body)];
        const { note, done } = await tell('CompleteMultipartUpload');
        const object = (await objects.endUpload(upload, parts, { note }))!;
        await done(() => [{ key: upload.key, object }]);
        return { value: wire(object) };
      }),
    abortUpload: ([key, id]) =>
      attempt('abortMultipartUpload', async () => {
        await objects.endUpload(uploadOf(key, id), null);
        return { value: null };
      }),
  };
}

const NOBODY: Telling = { done: () => undefined };

async function tellNobody(): Promise<Telling> {
  return NOBODY;
}

async function get({ objects, prefix }: R2Options, { key, how: { range, onlyIf } }: { key: string; how: Table }): Promise<Result> {
  const conditions = conditionsOf(onlyIf);
  const asked = rangeOf(range);
  const found = await objects.get(prefix + key, {
    ...(asked !== undefined && { range: asked }),
    ...(conditions !== undefined && { check: (object) => conditionsHold(conditions, object) }),
  });
  return found === null ? { value: null } : foundOf(found, prefix.length);
}

function foundOf({ object, offset, length, body }: FoundObject, prefix: number): Result {
  const value: WireFound = { object: { ...wireOf(object, prefix), range: { offset, length } }, body: body !== null };
  return { value, body };
}

async function put(
  { objects, prefix, quota, tell = tellNobody }: R2Options,
  { key, how, body }: { key: string; how: Table; body: Body },
): Promise<Result> {
  const conditions = conditionsOf(how['onlyIf']);
  const fence = fenceOf(how['fence']);
  const digest = digestOf(how['digest']);
  const check = checkOf(conditions, fence);
  const { note, done } = await tell(how['copied'] === true ? 'CopyObject' : 'PutObject');
  const object = await objects.put(prefix + key, body ?? NOTHING, {
    ...factsOf(how),
    ...(check !== undefined && { check }),
    ...(digest !== undefined && { digest }),
    ...(fence !== undefined && { fence }),
    ...(quota !== undefined && { quota }),
    ...(note !== undefined && { note }),
  });
  if (object !== null) await done(() => [{ key: prefix + key, object }]);
  return { value: object && wireOf(object, prefix.length) };
}

function checkOf(conditions: WireConditions | undefined, fence: number | undefined): Check | undefined {
  if (conditions === undefined && fence === undefined) return undefined;
  return (current) => {
    checkFence(current?.fence, fence);
    return conditions === undefined || conditionsHold(conditions, current);
  };
}

async function list({ objects, prefix }: R2Options, { limit, include, ...how }: Table): Promise<Result> {
  const [within, delimiter, startAfter, cursor] = ['prefix', 'delimiter', 'startAfter', 'cursor'].map((name) =>
    optionalText(how[name], name),
  );
  if (limit !== undefined && !(Number.isInteger(limit) && (limit as number) >= 1 && (limit as number) <= MAX_PAGE)) throw invalidMaxKeys();
  const wanted = (['httpMetadata', 'customMetadata'] as const).filter((name) => Array.isArray(include) && include.includes(name));
  const page = await objects.list({
    prefix: prefix + (within ?? ''),
    limit: Math.min((limit as number | undefined) ?? MAX_PAGE, wanted.length > 0 ? MAX_PAGE_WITH_METADATA : MAX_PAGE),
    include: wanted,
    ...(delimiter !== undefined && { delimiter }),
    ...(startAfter !== undefined && { startAfter: prefix + startAfter }),
    ...(cursor !== undefined && { cursor }),
  });
  const value: WirePage = {
    objects: page.objects.map((object) => wireOf(object, prefix.length)),
    delimitedPrefixes: page.delimitedPrefixes.map((each) => each.slice(prefix.length)),
    ...(page.cursor !== undefined && { cursor: page.cursor }),
  };
  return { value };
}

/** Without what is the host's: the bucket's part of the key, and the fence. */
function wireOf({ key, storageClass = 'Standard', fence: _fence, ...rest }: StoredObject, prefix: number): WireObject {
  return { ...rest, key: key.slice(prefix), storageClass };
}

/** The words of R2: `put: … (10037)`. What else the store throws names what is the host's own. */
async function attempt(action: string, work: () => Promise<Result>, body: Body = null): Promise<Result> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof BindingError) throw error;
    if (error instanceof ObjectError) throw failed(action, error);
    if (error instanceof QuotaExceeded) throw overQuota(action, error);
    const broken = await breakOf(body);
    throw broken === null ? failed(action, internalError()) : new BindingError(`${action}: The stream of the value broke off: ${broken}`);
  }
}

function failed(action: string, { message, code }: ObjectError): BindingError {
  return new BindingError(`${action}: ${message} (${code})`);
}

function overQuota(action: string, { what, limit }: QuotaExceeded): BindingError {
  const most = what === 'bytes' ? `${limit} bytes of objects, keys and metadata` : `${limit} objects and parts of uploads`;
  return new BindingError(`${action}: The bucket may have at most ${most}. Delete some, or have the host allow more.`, {
    name: 'QuotaExceededError',
    code: 'quota-exceeded',
  });
}

/** What a stream broke with; null where it did not. */
async function breakOf(body: ObjectBytes | null): Promise<string | null> {
  if (!(body instanceof ReadableStream) || body.locked) return null;
  const reader = body.getReader();
  const broken = reader.closed.then(
    () => null,
    (error: unknown) => (error instanceof Error ? error.message : String(error)),
  );
  const reason = await Promise.race([broken, Promise.resolve(null).then(() => null)]);
  reader.releaseLock();
  return reason;
}
