import type { Algorithm } from '../../stores/objects.ts';

/** The R2 binding of the host Worker, as much of it as is needed. https://developers.cloudflare.com/r2/api/workers/workers-api-reference/ */
export interface R2Binding {
  head(key: string): Promise<R2Object | null>;
  get(key: string, options: { range?: R2Range | Headers }): Promise<(R2Object & { readonly body: ReadableStream<Uint8Array> }) | null>;
  put(key: string, value: Uint8Array | ReadableStream<Uint8Array>, options: R2PutOptions): Promise<R2Object | null>;
  delete(keys: readonly string[]): Promise<void>;
  list(options: R2ListOptions): Promise<R2Page>;
  createMultipartUpload(key: string, options: R2Metadata): Promise<R2Upload>;
  resumeMultipartUpload(key: string, uploadId: string): R2Upload;
}

export interface R2Upload {
  readonly uploadId: string;
  uploadPart(
    partNumber: number,
    value: Uint8Array | ReadableStream<Uint8Array>,
  ): Promise<{ readonly partNumber: number; readonly etag: string }>;
  complete(parts: readonly { readonly partNumber: number; readonly etag: string }[]): Promise<R2Object>;
  abort(): Promise<void>;
}

export interface R2Object {
  readonly key: string;
  readonly version: string;
  readonly size: number;
  readonly etag: string;
  readonly uploaded: Date;
  readonly checksums: { toJSON(): Readonly<Partial<Record<Algorithm, string>>> };
  readonly httpMetadata?: Readonly<Record<string, string | Date>>;
  readonly customMetadata?: Readonly<Record<string, string>>;
  readonly range?: { readonly offset?: number; readonly length?: number };
  readonly storageClass: string;
}

interface R2Range {
  readonly offset?: number;
  readonly length?: number;
  readonly suffix?: number;
}

export interface R2Metadata {
  readonly httpMetadata?: Readonly<Record<string, string | Date>>;
  readonly customMetadata?: Readonly<Record<string, string>>;
  readonly storageClass?: string;
}

/** With at most one checksum, by its algorithm. */
export interface R2PutOptions extends R2Metadata, Partial<Record<Algorithm, string>> {
  readonly onlyIf?: { readonly etagMatches?: string; readonly etagDoesNotMatch?: string; readonly uploadedBefore?: Date };
}

interface R2ListOptions {
  readonly prefix: string;
  readonly limit: number;
  readonly startAfter?: string;
  readonly cursor?: string;
  readonly delimiter?: string;
  readonly include: readonly ('httpMetadata' | 'customMetadata')[];
}

interface R2Page {
  readonly objects: readonly R2Object[];
  readonly delimitedPrefixes: readonly string[];
  readonly truncated: boolean;
  readonly cursor?: string;
}
