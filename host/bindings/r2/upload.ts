import type { Call, OfLength } from '../binding.ts';
import { HeadResult } from './object.ts';
import { optionsOf } from './options.ts';
import { sentValue } from './value.ts';
import type { WireObject } from './wire.ts';

const MAX_PARTS = 10_000;
const utf8 = new TextEncoder();

/** An object that comes in parts. */
export class R2MultipartUpload {
  readonly key: string;
  readonly uploadId: string;
  readonly #call: Call;
  readonly #ofLength: OfLength;

  constructor({ call, ofLength, key, uploadId }: { call: Call; ofLength: OfLength; key: string; uploadId: string }) {
    this.#call = call;
    this.#ofLength = ofLength;
    this.key = key;
    this.uploadId = uploadId;
  }

  async uploadPart(...args: readonly unknown[]): Promise<{ partNumber: number; etag: string }> {
    const partNumber = numberOf(args[0]);
    optionsOf(args[2], 'UploadPartOptions');
    const what = "Failed to execute 'uploadPart' on 'R2MultipartUpload': parameter 2";
    const body = await sentValue(args[1], { ofLength: this.#ofLength, what });
    const { value } = await this.#call('putPart', [this.key, this.uploadId, partNumber], body);
    return { partNumber, etag: value as string };
  }

  async complete(parts: unknown): Promise<HeadResult> {
    if (!Array.isArray(parts))
      throw new TypeError("Failed to execute 'complete' on 'R2MultipartUpload': parameter 1 is not of type 'Array'.");
    const named = parts.map((part: unknown) => {
      const { partNumber, etag } = Object(part) as { partNumber?: unknown; etag?: unknown };
      return { partNumber: numberOf(partNumber), etag: String(etag as string) };
    });
    const { value } = await this.#call('completeUpload', [this.key, this.uploadId], utf8.encode(JSON.stringify(named)));
    return new HeadResult(value as WireObject);
  }

  async abort(): Promise<void> {
    await this.#call('abortUpload', [this.key, this.uploadId]);
  }
}

function numberOf(value: unknown): number {
  const number = Number(value) | 0;
  if (number >= 1 && number <= MAX_PARTS) return number;
  throw new TypeError(`Part number must be between 1 and ${MAX_PARTS} (inclusive). Actual value was: ${number}`);
}
