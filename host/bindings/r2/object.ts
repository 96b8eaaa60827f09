import type { Algorithm, ObjectBytes } from '../../stores/objects.ts';
import { HTTP_FIELDS, type WireObject } from './wire.ts';

// The function's own code may replace these later.
const NativeResponse = Response;
const NativeHeaders = Headers;
const NativeBlob = Blob;

/** `R2Object` of `sdk/r2.ts`, under the name that it has in Workers. */
export class HeadResult {
  readonly key: string;
  readonly version: string;
  readonly size: number;
  readonly etag: string;
  readonly httpEtag: string;
  readonly checksums: Checksums;
  readonly uploaded: Date;
  readonly httpMetadata: Readonly<Record<string, unknown>>;
  readonly customMetadata: Readonly<Record<string, string>>;
  readonly range?: { readonly offset: number; readonly length: number };
  readonly storageClass: string;

  constructor({ httpMetadata, uploaded, checksums, range, ...rest }: WireObject) {
    this.key = rest.key;
    this.version = rest.version;
    this.size = rest.size;
    this.etag = rest.etag;
    this.httpEtag = `"${rest.etag}"`;
    this.checksums = new Checksums(checksums);
    this.uploaded = new Date(uploaded);
    const { cacheExpiry, ...texts } = httpMetadata;
    this.httpMetadata = cacheExpiry === undefined ? texts : { ...texts, cacheExpiry: new Date(cacheExpiry) };
    this.customMetadata = rest.customMetadata;
    if (range !== undefined) this.range = range;
    this.storageClass = rest.storageClass;
  }

  writeHttpMetadata(headers: unknown): void {
    if (!(headers instanceof NativeHeaders))
      throw new TypeError("Failed to execute 'writeHttpMetadata' on 'HeadResult': parameter 1 is not of type 'Headers'.");
    for (const [name, header] of Object.entries(HTTP_FIELDS)) {
      const value = this.httpMetadata[name];
      if (value !== undefined) headers.set(header, value instanceof Date ? value.toUTCString() : (value as string));
    }
  }
}

/** `R2ObjectBody` of `sdk/r2.ts`. */
export class GetResult extends HeadResult {
  readonly #response: Response;

  constructor(object: WireObject, body: ObjectBytes) {
    super(object);
    this.#response = new NativeResponse(body as BodyInit);
  }

  get body(): ReadableStream<Uint8Array> {
    return this.#response.body!;
  }

  get bodyUsed(): boolean {
    return this.#response.bodyUsed;
  }

  arrayBuffer(): Promise<ArrayBuffer> {
    return this.#response.arrayBuffer();
  }

  async bytes(): Promise<Uint8Array> {
    return new Uint8Array(await this.#response.arrayBuffer());
  }

  text(): Promise<string> {
    return this.#response.text();
  }

  json(): Promise<unknown> {
    return this.#response.json();
  }

  async blob(): Promise<Blob> {
    const { contentType: type } = this.httpMetadata as { contentType?: string };
    return new NativeBlob([await this.#response.arrayBuffer()], type === undefined ? {} : { type });
  }
}

/** Each as a buffer; `toJSON` has them in hex. */
class Checksums {
  readonly md5?: ArrayBuffer;
  readonly sha1?: ArrayBuffer;
  readonly sha256?: ArrayBuffer;
  readonly sha384?: ArrayBuffer;
  readonly sha512?: ArrayBuffer;
  readonly #hex: Readonly<Partial<Record<Algorithm, string>>>;

  constructor(hex: Readonly<Partial<Record<Algorithm, string>>>) {
    this.#hex = hex;
    for (const [algorithm, digits] of Object.entries(hex))
      (this as Record<string, unknown>)[algorithm] = Uint8Array.from(digits.match(/../g) ?? [], (pair) => Number.parseInt(pair, 16)).buffer;
  }

  toJSON(): Readonly<Partial<Record<Algorithm, string>>> {
    return { ...this.#hex };
  }
}
