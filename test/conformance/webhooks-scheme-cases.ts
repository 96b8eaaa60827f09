import { beforeAll, describe, expect, it } from 'vitest';
import { signGithub, signSlack, signStandard, signStripe, type Signed } from '../webhooks/sign.ts';
import { eventually, type TestHost } from './harness.ts';
import { publishReceiver, type Receiver } from './webhooks-receiver.ts';

const GITHUB = "It's a Secret to Everybody";
const STRIPE = 'whsec_test_secret';
const SLACK = '8f742231b10e8888abcd99yyyzzz85a5';
const STANDARD = 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw';
const OLD = 'whsec_plJ3nmyCDGBKInavdOK15jsl';

const SECRETS = { GITHUB, STRIPE, SLACK, STANDARD, OLD };

const WEBHOOKS = [
  { path: '/hooks/github', scheme: 'github', secret: 'GITHUB' },
  { path: '/hooks/stripe', scheme: 'stripe', secret: 'STRIPE' },
  { path: '/hooks/slack', scheme: 'slack', secret: 'SLACK' },
  { path: '/hooks/standard', scheme: 'standard', secret: ['STANDARD', 'OLD', 'NOT_SET'] },
];

const hour = 3_600;
const now = () => Math.floor(Date.now() / 1000);

/** Each scheme: a delivery that comes through, and what is wrong with others. */
export function schemeCases(host: () => TestHost): void {
  describe('signatures', () => {
    let fn: Receiver;
    beforeAll(async () => {
      fn = await publishReceiver(host(), { webhooks: WEBHOOKS, secrets: SECRETS });
    });

    const comes = async (path: string, signed: Signed, status = 202) => {
      expect((await fn.post(path, signed)).status).toBe(status);
      return (await fn.came(1)).map(({ body }) => body);
    };
    const found = async (type: string) => (await fn.came(1)).map(({ body }) => body).findLast((each) => each.type === type);

    it('of GitHub: the event has the attributes of the adapter for it', async () => {
      const body = JSON.stringify({ action: 'opened', repository: { url: 'https://api.github.com/repos/a/b' }, number: 1, text: 'ä' });
      const headers = { 'x-github-event': 'issues', 'x-github-delivery': 'd-1', 'x-github-hook-id': '42' };
      const events = await comes('hooks/github', signGithub(body, { secret: GITHUB, headers }));
      expect(events.at(-1)).toEqual({
        specversion: '1.0',
        id: 'd-1',
        source: 'https://api.github.com/repos/a/b',
        type: 'com.github.issues.opened',
        time: expect.stringMatching(/^\d{4}-\d\d-\d\dT.*Z$/),
        datacontenttype: 'application/json',
        githubhookid: '42',
        data: JSON.parse(body),
      });
    });

    it('of GitHub, as a form', async () => {
      const body = new URLSearchParams({ payload: '{"ref":"refs/heads/main"}' }).toString();
      const headers = { 'x-github-delivery': 'd-form', 'content-type': 'application/x-www-form-urlencoded' };
      expect((await fn.post('hooks/github', signGithub(body, { secret: GITHUB, headers }))).status).toBe(202);
      await fn.came(2);
      expect(await found('com.github.push')).toMatchObject({
        source: `/${fn.name}/hooks/github`,
        data: { ref: 'refs/heads/main' },
      });
    });

    it('of Stripe: among several of it one has to fit', async () => {
      const body = JSON.stringify({ id: 'evt_1', object: 'event', type: 'charge.succeeded', created: 1_700_000_000, account: 'acct_1' });
      const [time, signature] = signStripe(body, { secret: STRIPE }).headers['stripe-signature']!.split(',');
      const headers = { 'stripe-signature': `${time},v1=${'0'.repeat(64)},${signature},v0=${'1'.repeat(64)}` };
      expect((await fn.post('hooks/stripe', { body, headers })).status).toBe(202);
      await fn.came(3);
      expect(await found('com.stripe.charge.succeeded')).toMatchObject({
        id: 'evt_1',
        time: '2023-11-14T22:13:20.000Z',
        stripeaccount: 'acct_1',
      });
    });

    it('of Slack: events, what is clicked on, and commands', async () => {
      const event = JSON.stringify({
        type: 'event_callback',
        event_id: 'Ev1',
        event_time: 1_700_000_000,
        team_id: 'T1',
        event: { type: 'app_mention' },
      });
      const first = await fn.post('hooks/slack', signSlack(event, { secret: SLACK }));
      expect([first.status, await first.text()]).toEqual([200, '']);
      const form = { 'content-type': 'application/x-www-form-urlencoded' };
      const clicked = new URLSearchParams({ payload: JSON.stringify({ type: 'block_actions', user: 1 }) }).toString();
      expect((await fn.post('hooks/slack', signSlack(clicked, { secret: SLACK, headers: form }))).status).toBe(200);
      const command = 'token=x&team_id=T1&command=%2Fweather&text=94070';
      expect((await fn.post('hooks/slack', signSlack(command, { secret: SLACK, headers: form }))).status).toBe(200);
      await fn.came(6);
      expect(await found('com.slack.app_mention')).toMatchObject({ id: 'Ev1', slackteam: 'T1', time: '2023-11-14T22:13:20.000Z' });
      expect(await found('com.slack.block_actions')).toMatchObject({ datacontenttype: 'application/json', data: { user: 1 } });
      expect(await found('com.slack.command')).toMatchObject({
        subject: '/weather',
        data: command,
        id: expect.stringMatching(/^[0-9a-f]{64}$/),
      });
    });

    it('of Slack: whoever asks whether the URL is right is told at once, and only if signed', async () => {
      const body = JSON.stringify({
        token: 'x',
        challenge: '3eZbrw1aBm2rZgRNFdxV2595E9CY3gmdALWMmHkvFXO7tYXAYM8P',
        type: 'url_verification',
      });
      const response = await fn.post('hooks/slack', signSlack(body, { secret: SLACK }));
      expect([response.status, await response.text()]).toEqual([200, '3eZbrw1aBm2rZgRNFdxV2595E9CY3gmdALWMmHkvFXO7tYXAYM8P']);
      expect(await fn.outcome('hooks/slack', signSlack(body, { secret: 'other' }))).toEqual([401, 'webhook-signature-invalid']);
    });

    it('of Standard Webhooks: by either of two secrets, among several', async () => {
      const body = JSON.stringify({ type: 'user.created', timestamp: '2022-11-03T20:26:10.344522Z', data: { id: 1 } });
      expect((await fn.post('hooks/standard', signStandard(body, { secret: STANDARD }))).status).toBe(202);
      const other = signStandard(body, { secret: OLD, headers: { 'webhook-id': 'msg_2' } });
      const several = `v1a,aGVsbG8= v1,aGVsbG8= ${other.headers['webhook-signature']}`;
      expect((await fn.post('hooks/standard', { body, headers: { ...other.headers, 'webhook-signature': several } })).status).toBe(202);
      await fn.came(8);
      expect(await found('user.created')).toMatchObject({ id: 'msg_2', time: '2022-11-03T20:26:10.344522Z', data: JSON.parse(body) });
    });

    const json = '{"id":"evt_2","type":"a.b"}';
    const github = { 'x-github-delivery': 'd-2' };
    const refused: readonly (readonly [what: string, path: string, signed: () => Partial<Signed>, status: number, code: string])[] = [
      ['no signature', 'github', () => ({ body: json, headers: github }), 401, 'webhook-signature-invalid'],
      ['another secret', 'github', () => signGithub(json, { secret: 'other', headers: github }), 401, 'webhook-signature-invalid'],
      ['SHA-1', 'github', () => ({ body: json, headers: { 'x-hub-signature': 'sha1=00' } }), 401, 'webhook-signature-invalid'],
      ['a body that was changed', 'github', () => ({ ...signGithub(json, { secret: GITHUB, headers: github }), body: `${json} ` }), 401, 'webhook-signature-invalid'],
      ['a signature that is no hex', 'github', () => ({ body: json, headers: { 'x-hub-signature-256': 'sha256=zz' } }), 401, 'webhook-signature-invalid'],
      ['no delivery id', 'github', () => signGithub(json, { secret: GITHUB }), 400, 'webhook-invalid'],
      ['no JSON', 'github', () => signGithub('hello', { secret: GITHUB, headers: github }), 400, 'webhook-invalid'],
      ['no time', 'stripe', () => ({ body: json, headers: { 'stripe-signature': `v1=${'0'.repeat(64)}` } }), 401, 'webhook-signature-invalid'],
      ['v0 alone', 'stripe', () => ({ body: json, headers: { 'stripe-signature': `t=${now()},v0=${'0'.repeat(64)}` } }), 401, 'webhook-signature-invalid'],
      ['a time that was changed', 'stripe', () => {
        const { headers } = signStripe(json, { secret: STRIPE, time: now() - hour });
        return { body: json, headers: { 'stripe-signature': headers['stripe-signature']!.replace(/t=\d+/, `t=${now()}`) } };
      }, 401, 'webhook-signature-invalid'],
      ['an old time', 'stripe', () => signStripe(json, { secret: STRIPE, time: now() - hour }), 401, 'webhook-expired'],
      ['a time to come', 'stripe', () => signStripe(json, { secret: STRIPE, time: now() + hour }), 401, 'webhook-expired'],
      ['no id', 'stripe', () => signStripe('{"type":"a"}', { secret: STRIPE }), 400, 'webhook-invalid'],
      ['too many signatures', 'stripe', () => ({ body: json, headers: { 'stripe-signature': `t=${now()}${`,v1=${'0'.repeat(64)}`.repeat(17)}` } }), 401, 'webhook-signature-invalid'],
      ['an old time', 'slack', () => signSlack(json, { secret: SLACK, time: now() - 301 }), 401, 'webhook-expired'],
      ['no time', 'slack', () => ({ body: json, headers: { 'x-slack-signature': `v0=${'0'.repeat(64)}` } }), 401, 'webhook-signature-invalid'],
      ['an old time', 'standard', () => signStandard(json, { secret: STANDARD, time: now() - hour }), 401, 'webhook-expired'],
      ['another id', 'standard', () => {
        const signed = signStandard(json, { secret: STANDARD });
        return { body: json, headers: { ...signed.headers, 'webhook-id': 'msg_9' } };
      }, 401, 'webhook-signature-invalid'],
      ['an id with a dot', 'standard', () => signStandard(json, { secret: STANDARD, headers: { 'webhook-id': 'a.b' } }), 401, 'webhook-signature-invalid'],
    ]; // prettier-ignore

    it.each(refused)('%s is refused: %s', async (_what, path, signed, status, code) => {
      expect(await fn.outcome(`hooks/${path}`, signed())).toEqual([status, code]);
    });

    it('say nothing of the secret, and the log says what was refused', async () => {
      const response = await fn.post('hooks/github', signGithub(json, { secret: 'other', headers: github }));
      const problem = await response.text();
      expect(problem).not.toMatch(/GITHUB|Everybody/);
      const { requestId } = JSON.parse(problem) as { requestId: string };
      const logged = await eventually(() => host().events.find((each) => each.type === 'invocation' && each.requestId === requestId));
      expect(logged).toMatchObject({ function: fn.name, path: '/hooks/github', status: 401, outcome: 'webhook-signature-invalid' });
      expect(JSON.stringify(host().events)).not.toContain(GITHUB);
    });
  });
}
