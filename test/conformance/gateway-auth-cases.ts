import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { exportJWK, generateKeyPair, SignJWT, type CryptoKey, type JWK, type JWTPayload } from 'jose';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { eventually, freshName, publish, type TestHost } from './harness.ts';
import { publishEcho } from './gateway-echo.ts';
import { signed, type SignOptions } from './gateway-signing.ts';

const WHO = `export default {
  fetch: (request, env, ctx) =>
    Response.json({ principal: ctx.brink.principal, user: request.headers.get('x-user'), cert: request.headers.get('x-forwarded-client-cert') }),
};`;

const SECRET = 'a shared secret that is as long as its hash, or longer than it';

export function authCases(host: () => TestHost): void {
  /** A function that tells who is calling, with the rule before it. */
  const guarded = async (auth: unknown, secrets: Record<string, string> = {}) => {
    const fn = await publish(host(), WHO, { manifest: { gateway: [{ auth }] } });
    if (Object.keys(secrets).length > 0) await host().admin.changeSecrets(fn.name, secrets);
    const call = (headers: Record<string, string> = {}, init: RequestInit = {}) => fetch(fn.url, { ...init, headers });
    return {
      ...fn,
      call,
      who: async (headers: Record<string, string>) => ((await (await call(headers)).json()) as { principal: unknown }).principal,
      outcome: async (headers: Record<string, string> = {}, init?: RequestInit) => {
        const response = await call(headers, init);
        const { code = 'ok' } = (await response.json().catch(() => ({}))) as { code?: string };
        return `${response.status} ${code}`;
      },
    };
  };

  describe('auth', () => {
    it('lets nobody in who says nothing, and says what it wants', async () => {
      const fn = await guarded({ basic: { users: 'USERS' }, keys: { header: 'authorization' } }, { USERS: 'ada:lovelace' });
      const response = await fn.call();
      expect(response.status).toBe(401);
      expect(response.headers.get('www-authenticate')).toBe('Bearer realm="brink", Basic realm="brink", charset="UTF-8"');
      expect(await response.json()).toMatchObject({ code: 'credentials-missing' });
    });

    it('is off for the paths that a block says it of', async () => {
      const fn = await publishEcho(host(), { gateway: [{ auth: { keys: {} } }, { match: { path: ['/open', '/open/*'] }, auth: false }] });
      const status = async (path: string) => (await fn.send(path)).status;
      expect([
        await status('/'),
        await status('/open'),
        await status('/open/x'),
        await status('/open/%2e%2e/x'),
        await status('/opened'),
      ]).toEqual([401, 200, 200, 401, 401]);
    });

    it('lets others by where it is optional, and still refuses what is wrong', async () => {
      const fn = await guarded({ optional: true, basic: { users: 'USERS' } }, { USERS: 'ada:lovelace' });
      expect(await fn.who({})).toBeNull();
      expect(await fn.outcome(basic('ada', 'wrong'))).toBe('401 credentials-invalid');
    });

    it('is answered with the headers of cors', async () => {
      const fn = await publishEcho(host(), { gateway: [{ cors: { origins: ['*'] }, auth: { keys: {} } }] });
      const response = await fn.send('/', { headers: { origin: 'https://app.example' } });
      expect([response.status, response.headers.get('access-control-allow-origin')]).toEqual([401, '*']);
    });

    it('fails where its secret is not set, and does not let in', async () => {
      const fn = await guarded({ basic: { users: 'USERS' } });
      expect(await fn.outcome(basic('ada', 'lovelace'))).toBe('503 auth-unavailable');
    });
  });

  describe('auth.basic', () => {
    let fn: Awaited<ReturnType<typeof guarded>>;
    beforeAll(async () => {
      fn = await guarded({ basic: { users: 'USERS' } }, { USERS: '# people\nada:love:lace\nbob:old\nbob:new\n' });
    });

    it('knows users, and a password that is being replaced', async () => {
      expect(await fn.who(basic('ada', 'love:lace'))).toEqual({ scheme: 'basic', id: 'ada', scopes: [], claims: {} });
      expect([await fn.outcome(basic('bob', 'old')), await fn.outcome(basic('bob', 'new'))]).toEqual(['200 ok', '200 ok']);
    });

    it.each([
      ['another password', basic('ada', 'lovelace')],
      ['another user', basic('eve', 'love:lace')],
      ['no password', { authorization: `Basic ${btoa('ada')}` }],
      ['a comment', basic('# people', '')],
      ['no base64', { authorization: 'Basic !!!' }],
      ['bytes that are no text', { authorization: `Basic ${btoa('ada:\xff')}` }],
    ])('refuses %s', async (_what, headers) => {
      expect(await fn.outcome(headers)).toBe('401 credentials-invalid');
    });

    it('is in the log by its name', async () => {
      await fn.call(basic('ada', 'love:lace'));
      const event = await eventually(() =>
        host().events.find(
          (each) => each.type === 'invocation' && each.function === fn.name && each.status === 200 && each.principal === 'basic:ada',
        ),
      );
      expect(JSON.stringify(event)).not.toContain('lace');
    });
  });

  describe('auth.keys', () => {
    let fn: Awaited<ReturnType<typeof guarded>>;
    beforeAll(async () => {
      fn = await guarded({ keys: {}, scopes: ['read'] });
    });

    const keyed = (token: string) => ({ 'x-api-key': token });

    it('knows a key, until it is removed', async () => {
      const key = await host().admin.createKey(fn.name, { name: 'partner', scopes: ['read', 'write'] });
      expect(await fn.who(keyed(key.token))).toEqual({ scheme: 'key', id: 'partner', scopes: ['read', 'write'], claims: {} });
      await host().admin.removeKey(fn.name, key.id);
      await eventually(async () => ((await fn.outcome(keyed(key.token))) === '401 credentials-invalid' ? true : undefined));
    });

    it('wants the scopes', async () => {
      const key = await host().admin.createKey(fn.name, { name: 'writer', scopes: ['write'] });
      expect(await fn.outcome(keyed(key.token))).toBe('403 scope-missing');
    });

    it('ends, and lets one take the place of another', async () => {
      const old = await host().admin.createKey(fn.name, { name: 'rotating', scopes: ['read'] });
      const next = await host().admin.createKey(fn.name, { name: 'rotating', scopes: ['read'], retireIn: 0 });
      await expect(host().admin.createKey(fn.name, { name: 'short', scopes: ['read'], expiresIn: 0 })).rejects.toMatchObject({
        code: 'bad-request',
      });
      await eventually(async () => ((await fn.outcome(keyed(old.token))) === '401 credentials-invalid' ? true : undefined));
      expect(await fn.outcome(keyed(next.token))).toBe('200 ok');
      const names = (await host().admin.keys(fn.name)).map(({ name }) => name);
      expect(names.filter((name) => name === 'rotating')).toHaveLength(1);
    });

    it('lets a name have two, and no third', async () => {
      for (let count = 0; count < 2; count++) await host().admin.createKey(fn.name, { name: 'twice' });
      await expect(host().admin.createKey(fn.name, { name: 'twice' })).rejects.toMatchObject({ code: 'key-limit' });
    });

    it("shows no key again, and takes no other function's", async () => {
      const key = await host().admin.createKey(fn.name, { name: 'secret', scopes: ['read'] });
      const secret = key.token.slice('brk_0123456789abcdef_'.length);
      expect(JSON.stringify(await host().admin.keys(fn.name))).not.toContain(secret);
      const other = await guarded({ keys: {} });
      expect(await other.outcome(keyed(key.token))).toBe('401 credentials-invalid');
      expect(await fn.outcome(keyed(`${key.token.slice(0, -1)}${key.token.endsWith('A') ? 'B' : 'A'}`))).toBe('401 credentials-invalid');
    });
  });

  describe('auth.jwt', () => {
    const issuer = 'https://issuer.example';
    let keys: { readonly privateKey: CryptoKey; readonly jwk: JWK };
    let served: JWK[];
    let fetched = 0;
    let stopServer: () => void;
    let jwks: string;
    let fn: Awaited<ReturnType<typeof guarded>>;

    beforeAll(async () => {
      keys = await pair('one');
      served = [keys.jwk];
      const server = createServer((_request, response) => {
        fetched++;
        response.setHeader('content-type', 'application/json').end(JSON.stringify({ keys: served }));
      });
      await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
      stopServer = () => server.close();
      jwks = `http://127.0.0.1:${(server.address() as AddressInfo).port}/jwks.json`;
      fn = await guarded({ jwt: { issuer, audience: 'desk', jwks, algorithms: ['ES256'], cookie: 'session' } });
    });
    afterAll(() => stopServer());

    const token = (claims: JWTPayload = {}, header: Record<string, unknown> = {}, key: CryptoKey | Uint8Array = keys.privateKey) =>
      new SignJWT({ iss: issuer, aud: 'desk', sub: 'ada', exp: Math.floor(Date.now() / 1000) + 60, ...claims })
        .setProtectedHeader({ alg: 'ES256', kid: 'one', ...header })
        .sign(key);
    const bearer = (text: string) => ({ authorization: `Bearer ${text}` });

    it('knows a token, its scopes and its claims', async () => {
      const principal = await fn.who(bearer(await token({ scope: 'read write', plan: 'gold' })));
      expect(principal).toMatchObject({ scheme: 'jwt', id: 'ada', scopes: ['read', 'write'], claims: { plan: 'gold', iss: issuer } });
      expect(await fn.outcome({ cookie: `a=b; session=${await token()}` })).toBe('200 ok');
    });

    it('fetches the keys once, and again for one that is new', async () => {
      const before = fetched;
      for (let count = 0; count < 5; count++) await fn.call(bearer(await token()));
      expect(fetched - before).toBeLessThanOrEqual(1);
    });

    const attacks: [string, () => Promise<string>][] = [
      ['another audience', () => token({ aud: 'other' })],
      ['another issuer', () => token({ iss: 'https://evil.example' })],
      ['one that has expired', () => token({ exp: Math.floor(Date.now() / 1000) - 120 })],
      ['one that does not expire', () => token({ exp: undefined } as unknown as JWTPayload)],
      ['one that is not valid yet', () => token({ nbf: Math.floor(Date.now() / 1000) + 120 })],
      ['another key', async () => token({}, {}, (await pair('one')).privateKey)],
      ['a key that nobody has', () => token({}, { kid: 'none' })],
      ['a path as the id of a key', () => token({}, { kid: '../../dev/null' })],
      [
        'a header that has to be understood',
        () =>
          token({}, { crit: ['exp2'], exp2: 1 }).catch(async () =>
            swapHeader(await token(), { alg: 'ES256', kid: 'one', crit: ['exp2'], exp2: 1 }),
          ),
      ],
      ['no signature', async () => `${part({ alg: 'none' })}.${(await token()).split('.')[1]}.`],
      ['"none" in other letters', async () => swapHeader(await token(), { alg: 'nOnE', kid: 'one' })],
      ['the public key as a shared secret', () => token({}, { alg: 'HS256' }, new TextEncoder().encode(JSON.stringify(keys.jwk)))],
      [
        'a key of its own in the header',
        async () => {
          const own = await pair('own');
          return token({}, { kid: 'own', jwk: own.jwk, jku: 'https://evil.example/jwks.json' }, own.privateKey);
        },
      ],
      [
        'a claim that was changed',
        async () =>
          (await token())
            .split('.')
            .with(1, part({ iss: issuer, aud: 'desk', sub: 'root', exp: 9_999_999_999 }))
            .join('.'),
      ],
      ['one that is too long', () => token({ padding: 'x'.repeat(12_000) })],
      ['what is no token', async () => 'abc.def'],
    ];

    it.each(attacks)('refuses %s', async (_what, make) => {
      const response = await fn.call(bearer(await make()));
      expect(response.status).toBe(401);
      expect(response.headers.get('www-authenticate')).toBe('Bearer realm="brink"');
      const text = await response.text();
      expect(JSON.parse(text)).toMatchObject({ code: 'credentials-invalid' });
      expect(text).not.toContain('evil');
    });

    it('takes those of a shared secret with the algorithm of it alone', async () => {
      const own = await guarded({ jwt: { issuer, audience: ['desk'], secret: 'JWT_SECRET' } }, { JWT_SECRET: SECRET });
      const secret = new TextEncoder().encode(SECRET);
      expect(await own.outcome(bearer(await token({}, { alg: 'HS256' }, secret)))).toBe('200 ok');
      expect(await own.outcome(bearer(await token({}, { alg: 'HS512' }, secret)))).toBe('401 credentials-invalid');
      expect(await own.outcome(bearer(await token()))).toBe('401 credentials-invalid');
    });

    it('is not found out where the keys cannot be had', async () => {
      const own = await guarded({ jwt: { issuer, audience: 'desk', jwks: `${jwks.replace(/:\d+/, ':1')}` } });
      expect(await own.outcome(bearer(await token()))).toBe('503 auth-unavailable');
      const event = await eventually(() => host().events.find((each) => each.type === 'exception' && each.function === own.name));
      expect(event).toMatchObject({ message: expect.stringContaining('the keys at http://127.0.0.1:1/jwks.json cannot be read') });
    });
  });

  describe('auth.signature', () => {
    let fn: Awaited<ReturnType<typeof guarded>>;
    beforeAll(async () => {
      fn = await guarded({ signature: { keys: 'KEYS', nonce: true } }, { KEYS: `a:${SECRET}\nb:old\nb:base64:bmV3` });
    });

    const send = async (options: Partial<SignOptions> = {}) => {
      const { headers, init } = await signed({
        url: fn.url,
        method: 'POST',
        body: 'hello',
        keyid: 'a',
        key: SECRET,
        nonce: crypto.randomUUID(),
        ...options,
      });
      return fn.outcome(headers, init);
    };

    it('knows a key by what it has signed, and a key that is being replaced', async () => {
      expect([await send(), await send({ keyid: 'b', key: 'old' }), await send({ keyid: 'b', key: 'new' })]).toEqual([
        '200 ok',
        '200 ok',
        '200 ok',
      ]);
      expect(await send({ method: 'GET', body: null })).toBe('200 ok');
    });

    it('gives the function the body that was signed', async () => {
      const echo = await publishEcho(host(), { gateway: [{ auth: { signature: { keys: 'KEYS' } } }] });
      await host().admin.putSecret(echo.name, 'KEYS', `a:${SECRET}`);
      const { headers, init } = await signed({
        url: `${host().url}/${echo.name}/x?y=1`,
        method: 'POST',
        body: 'the body',
        keyid: 'a',
        key: SECRET,
      });
      expect(await echo.seen('/x?y=1', { ...init, headers })).toMatchObject({ path: '/x', body: 'the body', method: 'POST' });
    });

    it.each<[string, Partial<SignOptions>]>([
      ['another key', { key: 'wrong' }],
      ['a key that nobody has', { keyid: 'c' }],
      ['one that is too old', { created: Date.now() / 1000 - 400 }],
      ['one of the future', { created: Date.now() / 1000 + 120 }],
      ['one that has expired', { expires: Date.now() / 1000 - 1 }],
      ['one that leaves the method out', { components: ['@authority', '@path', '@query', 'content-digest'] }],
      ['one that leaves the body out', { components: ['@method', '@authority', '@path', '@query'] }],
      ['another body', { sentBody: 'other' }],
      ['no nonce', { nonce: null }],
      ['what covers a header that is not there', { components: ['@method', '@authority', '@path', '@query', 'content-digest', 'x-none'] }],
    ])('refuses %s', async (_what, options) => {
      expect(await send(options)).toBe('401 credentials-invalid');
    });

    it('takes each nonce once', async () => {
      const nonce = crypto.randomUUID();
      expect([await send({ nonce }), await send({ nonce })]).toEqual(['200 ok', '401 credentials-invalid']);
    });

    it('reads no more than it keeps', async () => {
      expect(await send({ body: 'x'.repeat(2 ** 20 + 1) })).toBe('413 request-too-large');
    });
  });

  describe('auth.certificate', () => {
    const xfcc =
      'Hash=aa;Subject="CN=first, O=\\"x\\"";URI=spiffe://far/one,By=spiffe://me;Hash=bb;Subject="CN=svc,O=Example";URI=spiffe://cluster/ns/svc';

    it('believes its proxies alone', async () => {
      const fn = await guarded({ certificate: { proxies: ['127.0.0.0/8', '::1'], allow: ['spiffe://cluster/*'] } });
      expect(await fn.who({ 'x-forwarded-client-cert': xfcc })).toMatchObject({ scheme: 'certificate', id: 'spiffe://cluster/ns/svc' });
      expect(await fn.outcome({ 'x-forwarded-client-cert': 'Subject="CN=other"' })).toBe('401 credentials-invalid');
      const elsewhere = await guarded({ optional: true, certificate: { proxies: ['10.0.0.0/8'] } });
      expect(await (await elsewhere.call({ 'x-forwarded-client-cert': xfcc })).json()).toMatchObject({ principal: null, cert: null });
    });

    it('without proxies, of the connection alone: no header stands for one', async () => {
      const fn = await guarded({ certificate: {} });
      expect(await fn.outcome({ 'x-forwarded-client-cert': xfcc })).toBe('401 credentials-missing');
      const open = await guarded({ optional: true, certificate: {} });
      expect(await (await open.call({ 'x-forwarded-client-cert': xfcc })).json()).toMatchObject({ principal: null, cert: null });
    });

    it('knows a certificate by its fingerprint, as RFC 9440 sends it', async () => {
      const fn = await guarded({ certificate: { header: 'client-cert', proxies: ['127.0.0.0/8', '::1'] } });
      expect(await fn.who({ 'client-cert': `:${btoa('a certificate')}:` })).toMatchObject({
        id: '81acd762140fa692a142822d2fbe4dc6f54bcaa501f68ab37e5aeed0bafe4d99',
      });
    });
  });

  describe('auth.forward', () => {
    let gate: string;
    let fn: Awaited<ReturnType<typeof guarded>>;
    beforeAll(async () => {
      gate = freshName();
      const source = `export default {
        fetch(request) {
          const who = request.headers.get('cookie');
          if (who === 'user=ada')
            return new Response(null, { headers: { 'x-auth-subject': 'ada', 'x-user': request.headers.get('x-forwarded-method') + ' ' + request.headers.get('x-forwarded-uri') } });
          if (who === 'user=broken') throw new Error('no');
          return Response.redirect('https://login.example/', 302);
        },
      };`;
      await publish(host(), source, { name: gate });
      fn = await guarded({ forward: { function: gate, copy: ['x-user'] } });
    });

    it('asks a function, and tells the other what that says', async () => {
      const response = await fn.call({ cookie: 'user=ada', 'x-user': 'forged' });
      expect(await response.json()).toMatchObject({ principal: { scheme: 'forward', id: 'ada' }, user: `GET /${fn.name}/` });
    });

    it('gives its answer where it does not let in, and lets nobody in where it fails', async () => {
      const response = await fn.call({}, { redirect: 'manual' });
      expect([response.status, response.headers.get('location')]).toEqual([302, 'https://login.example/']);
      expect(await fn.outcome({ cookie: 'user=broken' })).toBe('503 auth-unavailable');
    });
  });

  describe('a manifest with auth', () => {
    it.each<[string, unknown, string]>([
      ['no scheme', {}, 'names no scheme'],
      [
        'a public algorithm with a secret',
        { jwt: { issuer: 'i', audience: 'a', secret: 'S', algorithms: ['RS256'] } },
        'RS256, which goes with jwks',
      ],
      [
        'a shared one with jwks',
        { jwt: { issuer: 'i', audience: 'a', jwks: 'https://i.example/k', algorithms: ['HS256'] } },
        'HS256, which goes with a secret',
      ],
      ['neither jwks nor secret', { jwt: { issuer: 'i', audience: 'a' } }, 'or secret has to be there'],
      ['no issuer', { jwt: { audience: 'a', secret: 'S' } }, 'auth.jwt.issuer'],
      ['no proxies', { certificate: { proxies: [] } }, 'names no proxy'],
      ['a proxy that is no address', { certificate: { proxies: ['localhost'] } }, 'is no address'],
    ])('is refused for %s', async (_what, auth, says) => {
      await expect(publishEcho(host(), { gateway: [{ auth }] })).rejects.toMatchObject({
        code: 'manifest-invalid',
        message: expect.stringContaining(says),
      });
    });
  });
}

function basic(user: string, password: string): { authorization: string } {
  return { authorization: `Basic ${btoa(`${user}:${password}`)}` };
}

async function pair(kid: string) {
  const { privateKey, publicKey } = await generateKeyPair('ES256', { extractable: true });
  return { privateKey, jwk: { ...(await exportJWK(publicKey)), kid, alg: 'ES256', use: 'sig' } };
}

function part(value: unknown): string {
  return btoa(JSON.stringify(value)).replaceAll('+', '-').replaceAll('/', '_').replaceAll('=', '');
}

function swapHeader(token: string, header: unknown): string {
  return token.split('.').with(0, part(header)).join('.');
}
