import { setTimeout as wait } from 'node:timers/promises';
import { afterEach, expect, it } from 'vitest';
import { createAdminClient } from '../../host/admin/client.ts';
import { serving, temporaryFolder, type Serving } from '../../test/cli/brink.ts';
import { eventually } from '../../test/conformance/harness.ts';
import { publishExample } from '../../test/functions/open.ts';

const TOKEN = 'a token of the test';
const ROUNDS = 3;
const folder = temporaryFolder();
let host: Serving | undefined;
afterEach(async () => {
  await host?.stop('SIGKILL');
  folder.remove();
});

const serve = async () => (host = await serving(['serve', '--port', '0', '--state', 'state'], { cwd: folder.path }));
const contentOf = (name: string) => `p { color: #${name.length} }\n`.repeat(2_000) + name;

/** Puts one after the other until the host is gone, and gives the names of those that were taken. */
async function upload(round: string): Promise<string[]> {
  const taken: string[] = [];
  for (;;) {
    const name = `${round}/${taken.length}.css`;
    const headers = { authorization: `Bearer ${TOKEN}` };
    const response = await fetch(`${host!.url}/static-deploy/_deploy/${name}`, { method: 'PUT', headers, body: contentOf(name) }).catch(
      () => null,
    );
    if (response?.status !== 202) return taken;
    taken.push(name);
  }
}

it(`publishes each upload that was taken, whatever it was doing at kill -9, ${ROUNDS} times over`, { timeout: 60_000 }, async () => {
  await serve();
  const admin = createAdminClient({ url: host!.url, token: null });
  await publishExample({ admin }, 'static-deploy');
  await admin.putSecret('static-deploy', 'DEPLOY_TOKEN', TOKEN);
  const taken: string[] = [];
  for (let round = 0; round < ROUNDS; round++) {
    const uploading = Promise.all([upload(`${round}a`), upload(`${round}b`)]);
    await wait(300 + Math.random() * 300);
    await host!.stop('SIGKILL');
    taken.push(...(await uploading).flat());
    await serve();
  }
  expect(taken.length).toBeGreaterThan(ROUNDS);
  for (const name of taken) {
    const text = await eventually(async () => {
      const response = await fetch(`${host!.url}/static-deploy/${name}`);
      const body = await response.text();
      return response.status === 200 ? body : undefined;
    }, 20_000);
    expect(text).toBe(contentOf(name));
  }
});
