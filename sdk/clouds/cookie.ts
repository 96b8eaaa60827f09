/** As Express takes them: `maxAge` in milliseconds. */
export interface CookieOptions {
  readonly path?: string;
  readonly domain?: string;
  readonly expires?: Date;
  readonly maxAge?: number;
  readonly httpOnly?: boolean;
  readonly secure?: boolean;
  readonly sameSite?: boolean | 'lax' | 'strict' | 'none';
  readonly encode?: (value: string) => string;
}

/** A line of Set-Cookie. RFC 6265, section 4.1 */
export function cookieOf(name: string, options: CookieOptions & { readonly value: string }): string {
  const { value, path, domain, expires, maxAge, httpOnly, secure, sameSite, encode = encodeURIComponent } = options;
  const until = maxAge === undefined ? expires : new Date(Date.now() + maxAge);
  return [
    `${name}=${encode(value)}`,
    ...(maxAge === undefined ? [] : [`Max-Age=${Math.floor(maxAge / 1_000)}`]),
    ...(domain === undefined ? [] : [`Domain=${domain}`]),
    ...(path === undefined ? [] : [`Path=${path}`]),
    ...(until === undefined ? [] : [`Expires=${until.toUTCString()}`]),
    ...(httpOnly === true ? ['HttpOnly'] : []),
    ...(secure === true ? ['Secure'] : []),
    ...(sameSite === undefined || sameSite === false ? [] : [`SameSite=${sameSite === true ? 'Strict' : capital(sameSite)}`]),
  ].join('; ');
}

function capital(word: string): string {
  return word[0]!.toUpperCase() + word.slice(1);
}
