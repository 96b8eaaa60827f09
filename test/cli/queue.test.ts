import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { MessageResult, QueueInvocationResult, QueueResult } from '../../host/admin/schemas/queues.ts';
import { eventually } from '../conformance/harness.ts';
import { brink, serving, temporaryFolder, type Serving } from './brink.ts';

const SOURCE = `export default {
  async fetch(request: Request, env: { MAILS: Queue }) {
    await env.MAILS.sendBatch((await request.json()).map((body: unknown) => ({ body })));
    return new Response();
  },
  queue({ queue, messages }: MessageBatch) {
    for (const { body, attempts } of messages) console.log(queue, body.to, attempts);
    for (const message of messages) if (message.body.to === 'later') message.retry({ delaySeconds: 7 });
    if (messages.some(({ body }) => body.to === 'nobody')) throw new Error('Nobody is there.');
  },
};`;
const CONFIG = `name = "mailer"
main = "index.ts"
[[queues.producers]]
binding = "MAILS"
queue = "mails"
[[queues.consumers]]
queue = "mails"
max_batch_size = 1
max_batch_timeout = 0
max_retries = 0
dead_letter_queue = "mails-dead"
`;

const folder = temporaryFolder();
let host: Serving;

beforeAll(async () => {
  writeFileSync(join(folder.path, 'index.ts'), SOURCE);
  writeFileSync(join(folder.path, 'brink.toml'), CONFIG);
  host = await serving(['serve', '--port', '0', '--state', 'state'], { cwd: folder.path, env: {} });
  expect((await run('publish', '.')).stderr).not.toMatch(/error/);
});
afterAll(async () => {
  await host.stop();
  folder.remove();
});

const run = (...args: readonly string[]) => brink(args, { cwd: folder.path, env: { BRINK_HOST: host.url }, stdin: '' });
const jsonOf = async <Line>(...args: readonly string[]): Promise<Line[]> => {
  const { stdout, code } = await run(...args, '--json');
  expect(code).toBe(0);
  return stdout.split('\n').flatMap((line) => (line === '' ? [] : [JSON.parse(line) as Line]));
};
const send = (...names: readonly string[]) =>
  fetch(`${host.url}/mailer/`, { method: 'POST', body: JSON.stringify(names.map((to) => ({ to }))) });
const queues = () => jsonOf<QueueResult>('queue', 'ls');
const holding = (queue: string, count: number) =>
  eventually(async () => ((await queues()).find((each) => each.queue === queue)?.messages === count ? true : undefined), 20_000);

describe('brink queue', () => {
  it('ls shows what functions name, with their consumers', async () => {
    expect((await run('queue', 'ls')).stdout).toMatch(
      /^QUEUE +MESSAGES +DELAYED +LEASED +FILTERED +OLDEST +CONSUMER\s*\nmails +0 +0 +0 +0 +- +mailer\s*\nmails-dead +0 +0 +0 +0 +- +-\s*\n$/,
    );
    const empty = { messages: 0, bytes: 0, delayed: 0, leased: 0, filtered: 0, oldest: null, paused: false };
    expect(await queues()).toEqual([
      { queue: 'mails', function: 'mailer', ...empty },
      { queue: 'mails-dead', function: null, ...empty },
    ]);
  });

  it('pause keeps messages back, peek shows them, resume has them delivered', async () => {
    expect(await jsonOf('queue', 'pause', 'mails')).toMatchObject([{ queue: 'mails', paused: true }]);
    await send('ada', 'nobody');
    const [first, ...rest] = await jsonOf<MessageResult>('queue', 'peek', 'mails');
    expect(rest).toHaveLength(1);
    expect(first).toEqual({
      id: expect.stringMatching(/^[0-9a-f]{32}$/) as string,
      sent: expect.any(Number) as number,
      due: expect.any(Number) as number,
      attempts: 0,
      leased: false,
      contentType: 'json',
      body: '{"to":"ada"}',
      encoding: 'utf8',
      origin: null,
      boundTo: null,
    });
    expect(first!.due).toBeGreaterThanOrEqual(first!.sent);
    expect(await jsonOf('queue', 'peek', 'mails', '-n', '1')).toEqual([first]);
    expect((await run('queue', 'peek', 'mails')).stdout).toMatch(
      /^ID +SENT +ATTEMPTS +FROM +BODY\n[0-9a-f]{32} +[-\d: ]+ +0 +- +\{"to":"ada"\}/,
    );
    expect((await run('queue', 'resume', 'mails')).stdout).toBe('mails goes on, with 2 in it\n');
    await holding('mails', 0);
    await holding('mails-dead', 1);
  });

  it('redrive sends dead letters back, or elsewhere; purge removes them, where it is told so twice', async () => {
    const [letter] = await jsonOf<MessageResult>('queue', 'peek', 'mails-dead');
    expect(letter).toMatchObject({ body: '{"to":"nobody"}', origin: 'mails', attempts: 0 });
    expect(await jsonOf('queue', 'redrive', 'mails-dead')).toEqual([{ queue: 'mails-dead', moved: 1, to: null }]);
    await holding('mails-dead', 1);
    expect((await run('queue', 'redrive', 'mails-dead', '--to', 'mails')).stdout).toBe('Moved 1 of mails-dead to mails\n');
    await holding('mails-dead', 1);
    const unsure = await run('queue', 'purge', 'mails-dead');
    expect([unsure.code, unsure.stderr]).toEqual([2, expect.stringMatching(/--yes/)]);
    expect(await jsonOf('queue', 'purge', 'mails-dead', '--yes')).toEqual([{ queue: 'mails-dead', removed: 1 }]);
    expect((await run('queue', 'peek', 'mails-dead')).stdout).toBe('mails-dead is empty.\n');
  });

  it('names the queue that is not there, and takes no count that is none', async () => {
    const { code, stderr } = await run('queue', 'peek', 'nothing', '--json');
    expect([code, JSON.parse(stderr)]).toMatchObject([1, { error: { code: 'queue-not-found', details: { queue: 'nothing' } } }]);
    expect((await run('queue', 'peek', 'mails', '-n', '101')).code).toBe(2);
  });
});

describe('brink invoke --queue', () => {
  const bodies = (...names: readonly string[]) => JSON.stringify(names.map((to) => ({ to })));

  it('runs the handler with a batch that is in no queue, and says what it did with each message', async () => {
    const [result] = await jsonOf<QueueInvocationResult>('invoke', 'mailer', '--queue', '-d', bodies('ada', 'later'));
    expect(result).toMatchObject({
      outcome: 'ok',
      version: 1,
      messages: [
        { result: 'ack', delaySeconds: null },
        { result: 'retry', delaySeconds: 7 },
      ],
    });
    expect((await queues()).every(({ messages }) => messages === 0)).toBe(true);
  });

  it('reads the batch from standard input, takes a version and a name of a queue', async () => {
    const { stdout, code } = await brink(['invoke', 'mailer@1', '--queue', 'other'], {
      cwd: folder.path,
      env: { BRINK_HOST: host.url },
      stdin: bodies('grace'),
    });
    expect([code, stdout]).toEqual([0, 'The queue handler of mailer@1 has run: ok; 1 acked, 0 retried\n']);
    expect((await run('logs', 'mailer')).stdout).toMatch(/other grace 1/);
  });

  it('fails where the handler does', async () => {
    const { stdout, code } = await run('invoke', 'mailer', '--queue', '-d', bodies('nobody'), '--json');
    expect([code, JSON.parse(stdout)]).toMatchObject([1, { outcome: 'handler-threw', messages: [{ result: 'retry' }] }]);
  });

  it('wants a list of bodies, and one handler', async () => {
    for (const data of ['{}', '[]', 'ada']) expect((await run('invoke', 'mailer', '--queue', '-d', data)).code).toBe(2);
    expect((await run('invoke', 'mailer', '--queue', '--scheduled', '-d', '[1]')).code).toBe(2);
  });
});
