import { generateKeyPairSync, sign } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import type { WebhookScheme } from '../../host/registry/manifest.ts';
import { SCHEMES } from '../../host/webhooks/schemes.ts';
import { checkSigned } from '../../host/webhooks/signature.ts';
import { signStripe } from './sign.ts';

interface Vector {
  readonly what: string;
  readonly scheme: Exclude<WebhookScheme, 'cloudevents' | 'json'>;
  readonly secret: string;
  readonly body: string;
  readonly headers: Record<string, string>;
  /** Seconds since the epoch at which it was signed. */
  readonly time: number;
}

const ed25519 = generateKeyPairSync('ed25519');
const publicKey = ed25519.publicKey.export({ format: 'der', type: 'spki' }).subarray(-32).toString('base64');
const ed25519Body = '{"a":1}';

/** What the documents of the schemes give as examples; those that give none are signed by another library. */
const VECTORS: readonly Vector[] = [
  {
    what: 'GitHub, "Testing the webhook payload validation"',
    scheme: 'github',
    secret: "It's a Secret to Everybody",
    body: 'Hello, World!',
    headers: { 'x-hub-signature-256': 'sha256=757107ea0eb2509fc211221cce984b8a37570b6d7586c22c46f4379c8b043e17' },
    time: 0,
  },
  {
    what: 'Slack, "Verifying requests from Slack"',
    scheme: 'slack',
    secret: '8f742231b10e8888abcd99yyyzzz85a5',
    body: 'token=xyzz0WbapA4vBCDEFasx0q6G&team_id=T1DC2JH3J&team_domain=testteamnow&channel_id=G8PSS9T3V&channel_name=foobar&user_id=U2CERLKJA&user_name=roadrunner&command=%2Fwebhook-collect&text=&response_url=https%3A%2F%2Fhooks.slack.com%2Fcommands%2FT1DC2JH3J%2F397700885554%2F96rGlfmibIGlgcZRskXaIFfN&trigger_id=398738663015.47445629121.803a0bc887a14d10d2c447fce8b6703c',
    headers: {
      'x-slack-signature': 'v0=a2114d57b48eac39b9ad189dd8316235a7b4a8d21a10bd27519666489c69b503',
      'x-slack-request-timestamp': '1531420618',
    },
    time: 1_531_420_618,
  },
  {
    what: 'Standard Webhooks, of its libraries',
    scheme: 'standard',
    secret: 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw',
    body: '{"test": 2432232314}',
    headers: {
      'webhook-id': 'msg_p5jXN8AQM9LWM0D4loKWxJek',
      'webhook-timestamp': '1614265330',
      'webhook-signature': 'v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=',
    },
    time: 1_614_265_330,
  },
  {
    what: 'Standard Webhooks, asymmetric',
    scheme: 'standard',
    secret: `whpk_${publicKey}`,
    body: ed25519Body,
    headers: {
      'webhook-id': 'msg_1',
      'webhook-timestamp': '1700000000',
      'webhook-signature': `v1,AAAA v1a,${sign(null, Buffer.from(`msg_1.1700000000.${ed25519Body}`), ed25519.privateKey).toString('base64')}`,
    },
    time: 1_700_000_000,
  },
  {
    what: 'Stripe',
    scheme: 'stripe',
    secret: 'whsec_test',
    ...signStripe('{"id":"evt_1"}', { secret: 'whsec_test', time: 1_700_000_000 }),
    time: 1_700_000_000,
  },
];

async function check({ scheme, secret, body, headers }: Vector, now: number, tolerance = 300): Promise<void> {
  const delivery = { headers: new Headers(headers), body: new TextEncoder().encode(body) };
  const { claim, key } = SCHEMES[scheme];
  await checkSigned(claim(delivery), [await key(secret)], { now: now * 1000, tolerance });
}

describe.each(VECTORS)('$what', (vector) => {
  const timed = vector.scheme !== 'github';
  const invalid = { code: 'webhook-signature-invalid' };

  it('fits', () => check(vector, vector.time));

  it('does not fit another body or secret', async () => {
    await expect(check({ ...vector, body: `${vector.body} ` }, vector.time)).rejects.toMatchObject(invalid);
    const other = vector.secret.startsWith('whpk_') ? `whpk_${Buffer.alloc(32, 9).toString('base64')}` : 'whsec_AAAA';
    await expect(check({ ...vector, secret: other }, vector.time)).rejects.toMatchObject(invalid);
  });

  it('does not fit where any bit of it is another', async () => {
    const name = Object.keys(vector.headers).find((each) => each.includes('signature'))!;
    const signature = vector.headers[name]!;
    for (const at of [signature.length - 30, signature.length - 8]) {
      const changed = signature.slice(0, at) + (signature[at] === '1' ? '2' : '1') + signature.slice(at + 1);
      await expect(check({ ...vector, headers: { ...vector.headers, [name]: changed } }, vector.time)).rejects.toMatchObject(invalid);
    }
    await expect(check({ ...vector, headers: { ...vector.headers, [name]: signature.slice(0, -4) } }, vector.time)).rejects.toMatchObject(
      invalid,
    );
  });

  it(timed ? 'fits as long as the tolerance is, before and after' : 'fits at any time, as it has none', async () => {
    for (const at of [vector.time - 300, vector.time + 300]) await check(vector, at);
    await check(vector, vector.time + 1_000, 1_000);
    for (const at of [vector.time - 301, vector.time + 301]) {
      const late = check(vector, at);
      await (timed ? expect(late).rejects.toMatchObject({ code: 'webhook-expired' }) : late);
    }
  });
});

describe('secrets that cannot be used', () => {
  it.each([
    ['standard', 'whsec_no base64', 'no Base64'],
    ['standard', 'whpk_AA', 'no Base64'],
    ['standard', 'whsec_', 'empty'],
    ['github', '', 'empty'],
  ] as const)('%s: %o', async (scheme, secret, why) => {
    await expect(SCHEMES[scheme].key(secret)).rejects.toThrow(why);
  });
});
