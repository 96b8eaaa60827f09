/** One exchange over HTTP, by whoever can. */
export interface Sent {
  readonly url: string;
  readonly method: string;
  readonly headers: readonly (readonly [string, string])[];
  readonly body: string | null;
}

export interface Got {
  readonly status: number;
  readonly headers: readonly (readonly [string, string])[];
  readonly body: string;
}

export type Exchange = (sent: Sent) => Promise<Got>;

interface Preflight {
  readonly until: number;
  readonly methods: readonly string[];
  readonly names: readonly string[];
}

const SAFE_METHODS = ['GET', 'HEAD', 'POST'];
const NORMALIZED = ['DELETE', 'GET', 'HEAD', 'OPTIONS', 'POST', 'PUT'];
/** https://fetch.spec.whatwg.org/#cors-safelisted-response-header-name */
const SAFE_RESPONSE = ['cache-control', 'content-language', 'content-length', 'content-type', 'expires', 'last-modified', 'pragma'];
// https://fetch.spec.whatwg.org/#cors-unsafe-request-header-byte
// oxlint-disable-next-line no-control-regex -- the standard names them
const UNSAFE_BYTE = /[\u0000-\u0008\u000a-\u001f"():<>?@[\\\]{}\u007f]/;

/**
 * `fetch` as a page has it: what the standard asks of a browser for a request to another origin, on an exchange that knows
 * nothing of it. https://fetch.spec.whatwg.org/#http-fetch
 */
export function browserFetch(origin: string, base: string, exchange: Exchange): typeof fetch {
  const preflights = new Map<string, Preflight>();
  return async (input, init) => {
    const request = new Request(input instanceof Request ? input : new URL(String(input), base), init);
    const method = NORMALIZED.includes(request.method.toUpperCase()) ? request.method.toUpperCase() : request.method;
    const { url, mode, credentials } = request;
    const headers = [...request.headers];
    const body = request.body === null ? null : await request.text();
    const sent = { url, method, headers, body };
    if (new URL(url).origin === origin) return asResponse(await exchange(sent), () => true);
    if (mode === 'no-cors') {
      await exchange(sent);
      return typed(new Response(null), 'opaque', 0);
    }
    const include = credentials === 'include';
    const unsafe = headers.filter(([name, value]) => !isSafe(name, value)).map(([name]) => name.toLowerCase());
    const names = [...new Set(unsafe)].toSorted((a, b) => (a < b ? -1 : 1));
    if (!SAFE_METHODS.includes(method) || names.length > 0) await preflight({ url, method, names, include });
    const got = await exchange({ ...sent, headers: [...headers, ['origin', origin]] });
    check(got, include);
    const exposed = listOf(got, 'access-control-expose-headers');
    const shows = (name: string) =>
      SAFE_RESPONSE.includes(name) || exposed.includes(name) || (exposed.includes('*') && !include && !name.startsWith('set-cookie'));
    return typed(
      asResponse(got, (name) => shows(name) && name !== 'set-cookie' && name !== 'set-cookie2'),
      'cors',
    );
  };

  /** https://fetch.spec.whatwg.org/#cors-preflight-fetch-0 */
  async function preflight({ url, method, names, include }: Asked): Promise<void> {
    const key = `${String(include)} ${url}`;
    const known = preflights.get(key);
    if (known !== undefined && known.until > Date.now() && allows(known, { method, names, include })) return;
    const asked: [string, string][] = [
      ['accept', '*/*'],
      ['origin', origin],
      ['access-control-request-method', method],
    ];
    if (names.length > 0) asked.push(['access-control-request-headers', names.join(',')]);
    const got = await exchange({ url, method: 'OPTIONS', headers: asked, body: null });
    check(got, include);
    if (got.status < 200 || got.status > 299) throw new TypeError(`the preflight has the status ${got.status}`);
    const seconds = Number(valueOf(got, 'access-control-max-age') ?? 5);
    const fresh: Preflight = {
      until: Date.now() + seconds * 1_000,
      methods: listOf(got, 'access-control-allow-methods', false),
      names: listOf(got, 'access-control-allow-headers'),
    };
    if (!allows(fresh, { method, names, include })) throw new TypeError('the preflight does not allow it');
    preflights.set(key, fresh);
  }

  /** https://fetch.spec.whatwg.org/#cors-check */
  function check(got: Got, include: boolean): void {
    const allowed = valueOf(got, 'access-control-allow-origin');
    if (allowed === '*' && !include) return;
    if (allowed !== origin) throw new TypeError(`Access-Control-Allow-Origin is ${String(allowed)}`);
    if (include && valueOf(got, 'access-control-allow-credentials') !== 'true') throw new TypeError('credentials are not allowed');
  }
}

interface Asked {
  readonly url: string;
  readonly method: string;
  readonly names: readonly string[];
  readonly include: boolean;
}

function allows({ methods, names: known }: Preflight, { method, names, include }: Omit<Asked, 'url'>): boolean {
  const any = (list: readonly string[]) => list.includes('*') && !include;
  if (!methods.includes(method) && !SAFE_METHODS.includes(method) && !any(methods)) return false;
  return names.every((name) => known.includes(name) || (any(known) && name !== 'authorization'));
}

/** https://fetch.spec.whatwg.org/#cors-safelisted-request-header */
function isSafe(name: string, value: string): boolean {
  if (value.length > 128) return false;
  switch (name.toLowerCase()) {
    case 'accept':
      return !UNSAFE_BYTE.test(value);
    case 'accept-language':
    case 'content-language':
      return /^[0-9A-Za-z *,.;=-]*$/.test(value);
    case 'content-type':
      return !UNSAFE_BYTE.test(value) && /^(application\/x-www-form-urlencoded|multipart\/form-data|text\/plain) *(;|$)/i.test(value);
    default:
      return false;
  }
}

function valueOf({ headers }: Got, name: string): string | null {
  const values = headers.filter(([each]) => each.toLowerCase() === name).map(([, value]) => value);
  return values.length === 0 ? null : values.join(', ');
}

function listOf(got: Got, name: string, lower = true): string[] {
  const items = (valueOf(got, name) ?? '').split(',').map((item) => item.trim());
  return items.filter((item) => item !== '').map((item) => (lower ? item.toLowerCase() : item));
}

function asResponse({ status, headers, body }: Got, shows: (name: string) => boolean): Response {
  const shown = headers.filter(([name]) => shows(name.toLowerCase())) as [string, string][];
  return new Response([204, 205, 304].includes(status) ? null : body, { status, headers: shown });
}

function typed(response: Response, type: ResponseType, status = response.status): Response {
  return Object.defineProperties(response, { type: { value: type }, status: { value: status } });
}
