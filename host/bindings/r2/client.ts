import type { Call, OfLength } from '../binding.ts';
import { isFence, NO_FENCE } from '../fence.ts';
import { GetResult, HeadResult } from './object.ts';
import { digestOf, factsOf, listOf, onlyIfOf, optionsOf, rangeOf } from './options.ts';
import { R2MultipartUpload } from './upload.ts';
import { sentValue } from './value.ts';
import type { WireFound, WireObject, WirePage } from './wire.ts';

/** `R2Bucket` of `sdk/r2.ts`, in the cell: it makes arguments what can cross the border, and answers what a function expects. */
export class R2Bucket {
  readonly #call: Call;
  readonly #ofLength: OfLength;

  constructor(call: Call, ofLength: OfLength) {
    this.#call = call;
    this.#ofLength = ofLength;
  }

  async head(...args: readonly unknown[]): Promise<HeadResult | null> {
    const { value } = await this.#call('head', [keyOf('head', args)]);
    return value === null ? null : new HeadResult(value as WireObject);
  }

  async get(...args: readonly unknown[]): Promise<GetResult | HeadResult | null> {
    const { onlyIf, range } = optionsOf(args[1], 'GetOptions');
    const how = { onlyIf: onlyIfOf(onlyIf, 'GetOptions'), range: rangeOf(range) };
    const { value, body } = await this.#call('get', [keyOf('get', args), how]);
    if (value === null) return null;
    const { object, body: comes } = value as WireFound;
    if (!comes) return new HeadResult(object);
    return new GetResult(object, body instanceof ReadableStream ? this.#ofLength(body, object.range!.length) : (body ?? new Uint8Array()));
  }

  async put(...args: readonly unknown[]): Promise<HeadResult | null> {
    const key = keyOf('put', args);
    // Nothing is no value where it is left out, and an empty one where it is given.
    const value = args.length > 1 ? (args[1] ?? '') : undefined;
    const options = optionsOf(args[2], 'PutOptions');
    const fence = options['fence'] ?? undefined;
    // JSON would have nothing for some that are none.
    if (fence !== undefined && !isFence(fence)) throw new TypeError(NO_FENCE);
    const how = {
      onlyIf: onlyIfOf(options['onlyIf'], 'PutOptions'),
      ...factsOf(options, 'PutOptions'),
      digest: digestOf(options),
      fence,
      // Of a component that copies: it is told as a copy.
      ...(options['copied'] === true && { copied: true }),
    };
    const body = await sentValue(value, { ofLength: this.#ofLength, what: "Failed to execute 'put' on 'R2Bucket': parameter 2" });
    const { value: object } = await this.#call('put', [key, how], body);
    return object === null ? null : new HeadResult(object as WireObject);
  }

  async delete(...args: readonly unknown[]): Promise<void> {
    const [keys] = args;
    await this.#call('delete', [Array.isArray(keys) ? keys.map((key: unknown) => String(key as string)) : keyOf('delete', args)]);
  }

  async list(options?: unknown): Promise<unknown> {
    const { value } = await this.#call('list', [listOf(options)]);
    const { objects, delimitedPrefixes, cursor } = value as WirePage;
    const page = { objects: objects.map((object) => new HeadResult(object)), delimitedPrefixes };
    return cursor === undefined ? { ...page, truncated: false } : { ...page, truncated: true, cursor };
  }

  async createMultipartUpload(...args: readonly unknown[]): Promise<R2MultipartUpload> {
    const key = keyOf('createMultipartUpload', args);
    const { value } = await this.#call('createUpload', [key, factsOf(optionsOf(args[1], 'MultipartOptions'), 'MultipartOptions')]);
    return this.resumeMultipartUpload(key, value);
  }

  resumeMultipartUpload(...args: readonly unknown[]): R2MultipartUpload {
    if (args.length < 2) throw missing('resumeMultipartUpload', args.length + 1);
    return new R2MultipartUpload({
      call: this.#call,
      ofLength: this.#ofLength,
      key: String(args[0] as string),
      uploadId: String(args[1] as string),
    });
  }
}

/** As Web IDL converts to a string. */
function keyOf(method: string, args: readonly unknown[]): string {
  if (args.length === 0) throw missing(method, 1);
  return String(args[0] as string);
}

function missing(method: string, parameter: number): TypeError {
  return new TypeError(`Failed to execute '${method}' on 'R2Bucket': parameter ${parameter} is not of type 'string'.`);
}
