import type { KVNamespace, LockManager, R2Bucket } from '../../../sdk/index.ts';

export interface Env {
  readonly UPLOADS: R2Bucket;
  readonly SITE: R2Bucket;
  readonly ENTRIES: KVNamespace;
  readonly LOCKS: LockManager;
  /** A secret: who has it may deploy. Nobody may without it. */
  readonly DEPLOY_TOKEN?: string;
}

export type Encoding = 'identity' | 'gzip' | 'br';

/** A content that a name has had. Its bytes lie in `SITE` as `objectOf` says, once for each encoding. */
export interface Release {
  /** Of its bytes, as it stands in its URL. */
  readonly hash: string;
  readonly type: string;
  readonly encodings: readonly Encoding[];
  readonly published: string;
}

/** What is known of a name. */
export interface Entry {
  /** `version` of the upload that was looked at last, null where it was deleted. One that comes again changes nothing. */
  readonly upload: string | null;
  /** Newest first. */
  readonly releases: readonly Release[];
  /** Place of the release that is served; those before it were rolled back. */
  readonly live: number;
  readonly deleted: boolean;
  /** Why the last upload was not published; null where it was. */
  readonly rejected: string | null;
}

/** Bytes of a name, as a key of the namespace; the hash and the encoding have to go into that of the bucket too. */
export const LONGEST_NAME = 500;

export function isName(name: string): boolean {
  return new TextEncoder().encode(name).length <= LONGEST_NAME && name.split('/').every((part) => part !== '');
}

const NOTHING: Entry = { upload: null, releases: [], live: 0, deleted: false, rejected: null };

export async function entryOf({ ENTRIES }: Env, name: string): Promise<Entry> {
  return (await ENTRIES.get<Entry>(name, 'json')) ?? NOTHING;
}

/** What the name stands for now. */
export function liveOf({ releases, live, deleted }: Entry): Release | null {
  return deleted ? null : (releases[live] ?? null);
}

export function objectOf(name: string, hash: string, encoding: Encoding): string {
  return `${name}@${hash}/${encoding}`;
}

/** `css/site.css` and its hash are `css/site.3b0c44298fc1c149.css`. */
export function hashedName(name: string, hash: string): string {
  const [, stem, extension = ''] = /^(.*?[^/])(\.[^./]+)?$/.exec(name)!;
  return `${stem}.${hash}${extension}`;
}

/** The name and the hash of one that `hashedName` has made, or null. */
export function parseHashedName(path: string): { name: string; hash: string } | null {
  const [, stem, hash, extension = ''] = /^(.*[^/])\.([0-9a-f]{16})(\.[^./]+)?$/.exec(path) ?? [];
  return hash === undefined ? null : { name: stem + extension, hash };
}
