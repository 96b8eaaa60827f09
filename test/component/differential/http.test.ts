import { fork, type ChildProcess } from 'node:child_process';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { prepareComponent } from '../../../host/component/prepare.ts';
import { serveComponent } from '../../../host/component/serve/serve.ts';
import { settingsOf } from '../../../host/component/serve/settings.ts';
import { isBlocking } from '../../../host/component/wasi/hosts.ts';
import { componentAt, guestPath, settingsFor } from '../../bench/components.ts';

interface Answer {
  readonly status: number;
  readonly type: string | null;
  readonly body: string;
}

type Ask = RequestInit & { readonly path?: string };

const CASES: Readonly<Record<string, readonly Ask[]>> = {
  'p2-hello': [{}, { path: '/a/b?c=d', headers: { 'x-one': '1' } }],
  'p2-composed': [{}],
  'p2-echo': [
    { method: 'POST', body: '' },
    { method: 'POST', body: 'hällo', headers: { 'content-type': 'text/x-test' } },
    { method: 'POST', body: 'much '.repeat(40_000) },
    { path: '/poll', method: 'POST', body: 'polled '.repeat(1000) },
  ],
};

describe.each(Object.entries(CASES))('%s, served by jco and by us', (guest, cases) => {
  let server: ChildProcess;
  let jcos: string;
  let ours: (request: Request) => Promise<Response>;
  beforeAll(async () => {
    server = fork(new URL('./jco-server.ts', import.meta.url), [guestPath(guest)], { execArgv: [] });
    const { port } = await new Promise<{ port: number }>((done, failed) => {
      server.once('message', done).once('exit', (code) => failed(new Error(`jco's server ended with ${code}.`)));
    });
    jcos = `http://127.0.0.1:${port}`;
    ours = handlerOf(guest);
  });
  afterAll(() => server.disconnect());

  it.each(cases)('answers alike: %o', async ({ path = '/', ...init }) => {
    const theirs = await answerOf(await fetch(jcos + path, init));
    expect(await answerOf(await ours(new Request(`http://127.0.0.1${path}`, init)))).toEqual(theirs);
    expect(theirs.status).toBe(200);
  });
});

function handlerOf(guest: string): (request: Request) => Promise<Response> {
  const { plan, modules } = prepareComponent(componentAt(guest), isBlocking);
  const compiled = modules.map((module) => new WebAssembly.Module(module));
  const handlers = serveComponent(plan, compiled, settingsOf(settingsFor('request')));
  return async (request) => handlers.fetch!(request, {}, { waitUntil: () => undefined });
}

async function answerOf(response: Response): Promise<Answer> {
  return { status: response.status, type: response.headers.get('content-type'), body: await response.text() };
}
