import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import process from 'node:process';
import { createInterface } from 'node:readline';
import { afterAll, describe, expect, it } from 'vitest';
import { createAdminClient } from '../../host/admin/client.ts';
import type { HostEvent } from '../../host/observe/events.ts';
import { startMiniflare } from '../../host/platforms/miniflare/serve.ts';
import { encodedOf, eventually } from './function.ts';
import { removeFolder } from '../remove-folder.ts';

const state = mkdtempSync(join(tmpdir(), 'brink-workerd-'));
afterAll(() => removeFolder(state));

const HELLO = 'export default { fetch: () => new Response("hello") }';

describe('the runner', () => {
  it('starts the runtime anew when a function never returns', async () => {
    const events: HostEvent[] = [];
    const { url, token, stop } = await startMiniflare({ port: 0, state: null, onEvent: (event) => void events.push(event) });
    const admin = createAdminClient({ url, token });
    await admin.publish('hello', encodedOf('hello', HELLO));
    await admin.publish('spin', encodedOf('spin', 'export default { fetch() { for (;;) {} } }'));
    await expect(fetch(`${url}/spin/`)).rejects.toThrow();
    const answer = await eventually(() =>
      fetch(`${url}/hello/`).then(
        (response) => response.text(),
        () => undefined,
      ),
    );
    expect(answer).toBe('hello');
    expect(events).toContainEqual(expect.objectContaining({ type: 'cell', change: 'crashed', function: '*' }));
    await stop();
    await expect(fetch(url)).rejects.toThrow();
  });

  it('keeps functions and token in its state directory', async () => {
    const first = await startMiniflare({ port: 0, state });
    await createAdminClient(first).publish('hello', encodedOf('hello', HELLO));
    await first.stop();
    expect(readFileSync(join(state, 'token'), 'utf8').trim()).toBe(first.token);
    expect(statSync(join(state, 'token')).mode & 0o777).toBe(0o600);
    const second = await startMiniflare({ port: 0, state });
    expect(second.token).toBe(first.token);
    expect(await (await fetch(`${second.url}/hello/`)).text()).toBe('hello');
    await second.stop();
  });

  it('lets what runs finish before it stops', async () => {
    const { url, token, stop } = await startMiniflare({ port: 0, state: null });
    const source = `let begun = 0;
      export default { async fetch({ url }) {
        if (url.endsWith('/begun')) return new Response(String(begun));
        begun++;
        await scheduler.wait(300);
        return new Response('done');
      } }`;
    await createAdminClient({ url, token }).publish('slow', encodedOf('slow', source, { scaling: { max_cells: 1 } }));
    const answer = fetch(`${url}/slow/`).then((response) => response.text());
    // The request has to be there first.
    await eventually(async () => (await (await fetch(`${url}/slow/begun`)).text()) === '1' || undefined);
    await stop();
    expect(await answer).toBe('done');
  });

  it('says that a port is taken', async () => {
    const { url, stop } = await startMiniflare({ port: 0, state: null });
    await expect(startMiniflare({ port: Number(new URL(url).port), state: null })).rejects.toMatchObject({ code: 'port-in-use' });
    await stop();
  });

  it.skipIf(process.platform === 'win32')('leaves no runtime behind when it is killed', async () => {
    const script = `
      const { startMiniflare } = await import(${JSON.stringify(new URL('../../host/platforms/miniflare/serve.ts', import.meta.url).href)});
      console.log((await startMiniflare({ port: 0, state: null })).url);`;
    const runner = spawn(process.execPath, ['--input-type=module', '-e', script], { stdio: ['ignore', 'pipe', 'inherit'] });
    const url = await new Promise<string>((resolve) => createInterface(runner.stdout).once('line', resolve));
    expect((await fetch(`${url}/_brink/health`)).status).toBe(200);
    runner.kill('SIGKILL');
    // An orphan would go on answering.
    await eventually(() =>
      fetch(`${url}/_brink/health`).then(
        () => undefined,
        () => true,
      ),
    );
  });
});
