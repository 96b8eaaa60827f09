/** Bytes of UTF-8. */
const MAX_NAME = 1_023;

/** Of `match` and `delete`. */
export interface QueryOptions {
  readonly ignoreMethod?: boolean;
}

/** What Workers refuses of `put`, in its words. @throws {TypeError} */
export function checkPut({ method }: Request, response: Response): void {
  if (!(response instanceof Response)) throw new TypeError("Failed to execute 'put' on 'Cache': parameter 2 is not of type 'Response'.");
  if (method !== 'GET') throw new TypeError('Cannot cache response to non-GET request.');
  if (response.status === 206) throw new TypeError('Cannot cache response to a range request (206 Partial Content).');
  const varies = response.headers.get('vary')?.split(',') ?? [];
  if (varies.some((name) => name.trim() === '*')) throw new TypeError("Cannot cache response with 'Vary: *' header.");
  if (response.bodyUsed)
    throw new TypeError('Body has already been used. It can only be used once. Use tee() first if you need to read it twice.');
}

/** Whether a cache has anything for a request of this method. @throws {Error} for what Workers has not */
export function isForCache({ method }: Request, options: (QueryOptions & Record<string, unknown>) | undefined): boolean {
  for (const name of ['ignoreSearch', 'ignoreVary'])
    if (options?.[name] !== undefined) throw new Error(`The '${name}' field on 'CacheQueryOptions' is not implemented.`);
  return method === 'GET' || options?.ignoreMethod === true;
}

/** The one without a name is `caches.default`. @throws {TypeError} */
export function checkName(name: unknown): string {
  const text = String(name as string);
  if (new TextEncoder().encode(text).byteLength > MAX_NAME) throw new TypeError('Cache name is too long.');
  return text;
}
