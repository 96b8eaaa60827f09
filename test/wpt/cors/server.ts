import { request as nodeRequest } from 'node:http';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { publish, type TestHost } from '../../conformance/harness.ts';
import type { Exchange, Got, Sent } from './browser.ts';

/** Says what `preflight.py` and `top.txt` say besides what a rule is about. */
const SOURCE = `export default { fetch(request) {
  const headers = new Headers(JSON.parse(new URL(request.url).searchParams.get('brink-headers') ?? '[]'));
  if (!headers.has('content-type')) headers.set('content-type', 'text/plain');
  for (const name of ['origin', 'referer']) headers.set('x-' + name.replace('referer', 'referrer'), request.headers.get(name) ?? '');
  return new Response(request.method === 'HEAD' ? null : 'top', { headers });
} };`;
const SAID = ['x-did-preflight', 'x-control-request-headers', 'x-referrer', 'x-preflight-referrer', 'x-origin'];

interface Seen {
  asked: string | null;
}

/** The suite's server, where what it says of CORS is said by a rule of the gateway. */
export function createServer(host: TestHost, root: string, origin: string): Exchange {
  const functions = new Map<string, Promise<string>>();
  /** By the token of a test: its preflight. */
  const preflights = new Map<string, Seen>();

  return async (sent) => {
    const url = new URL(sent.url);
    if (url.origin === origin) return ownFile(root, url);
    const { rule, headers } = ruleOf(url.searchParams);
    const key = JSON.stringify(rule);
    let at = functions.get(key);
    if (at === undefined) {
      const gateway = rule === null ? {} : { gateway: [{ cors: rule }] };
      functions.set(key, (at = publish(host, SOURCE, { manifest: gateway }).then((published) => published.url)));
    }
    const token = url.searchParams.get('token') ?? '';
    if (url.searchParams.has('clear-stash')) {
      const known = preflights.delete(token);
      return { status: 200, headers: [['access-control-allow-origin', '*']], body: known ? '1' : '0' };
    }
    const target = new URL(await at);
    target.searchParams.set('brink-headers', JSON.stringify(headers));
    if (sent.method === 'OPTIONS')
      preflights.set(token, { asked: sent.headers.find(([name]) => name === 'access-control-request-headers')?.[1] ?? null });
    const got = await over(target, sent);
    if (sent.method === 'OPTIONS') return got;
    const seen = preflights.get(token);
    const said: [string, string][] = [['x-did-preflight', seen === undefined ? '0' : '1']];
    if (seen?.asked) said.push(['x-control-request-headers', seen.asked]);
    return { ...got, headers: [...got.headers, ...said] };
  };
}

/** What the parameters of a URL have the suite's server say, as a rule, and what else it says; null: nothing of CORS. */
function ruleOf(query: URLSearchParams): { readonly rule: object | null; readonly headers: [string, string][] } {
  const pipe = query.get('pipe');
  if (pipe === null && !query.has('token') && !query.has('allow_methods')) return { rule: null, headers: [] };
  const piped = [...(pipe ?? '').matchAll(/header\(((?:\\.|[^,\\])+), ?((?:\\.|[^)\\])*)\)/g)].map(
    ([, name, value]) => [name!.toLowerCase(), value!.replaceAll('\\', '')] as [string, string],
  );
  const of = (name: string) => piped.find(([each]) => each === `access-control-${name}`)?.[1];
  const allowed = pipe === null ? (query.get('origin') ?? '*') : of('allow-origin');
  const own = piped.filter(([name]) => !name.startsWith('access-control-'));
  if (allowed === undefined || allowed === '') return { rule: null, headers: own };
  const list = (text: string | null | undefined) => (text ?? '').split(',').flatMap((each) => (each.trim() === '' ? [] : [each.trim()]));
  const rule = {
    origins: [allowed],
    methods: list(query.get('allow_methods')),
    headers: list(query.get('allow_headers')).map((name) => name.toLowerCase()),
    expose: pipe === null ? SAID : list(of('expose-headers')),
    credentials: query.has('credentials') || of('allow-credentials') === 'true',
    max_age: Number(query.get('max_age') ?? 5),
  };
  return { rule, headers: own };
}

function ownFile(root: string, { pathname }: URL): Got {
  const file = join(root, pathname);
  return { status: 200, headers: [], body: /\.(json|txt)$/.test(pathname) && existsSync(file) ? readFileSync(file, 'utf8') : '' };
}

/** Over a socket, with the lines as they are. */
function over(url: URL, { method, headers, body }: Sent): Promise<Got> {
  return new Promise((resolve, reject) => {
    const request = nodeRequest(url, { method, headers: Object.fromEntries(headers) }, (response) => {
      let text = '';
      response.setEncoding('utf8').on('data', (chunk: string) => (text += chunk));
      response.on('end', () => {
        const lines = response.rawHeaders;
        const got = lines.flatMap((name, index) => (index % 2 === 0 ? [[name, lines[index + 1]!] as const] : []));
        resolve({ status: response.statusCode!, headers: got, body: text });
      });
    });
    request.on('error', reject).end(body ?? undefined);
  });
}
