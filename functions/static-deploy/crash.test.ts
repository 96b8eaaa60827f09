import { afterEach, expect, it } from 'vitest';
import { createAdminClient } from '../../host/admin/client.ts';
import { serving, temporaryFolder, type Serving } from '../../test/cli/brink.ts';
import { eventually } from '../../test/conformance/harness.ts';
import { publishExample } from '../../test/functions/open.ts';

const TOKEN = 'a token of the test';
const ROUNDS = 2;
const folder = temporaryFolder();
let host: Serving | undefined;
afterEach(async () => {
  await host?.stop('SIGKILL');
  folder.remove();
});

const serve = async () => (host = await serving(['serve', '--port', '0', '--state', 'state'], { cwd: folder.path }));
const contentOf = (name: string) => `p { color: #${name.length} }\n`.repeat(2_000) + name;

/** Puts one after the other until the host is gone, and notes the names of those that were taken. */
async function upload(of: string, taken: string[]): Promise<void> {
  for (let count = 0; ; count++) {
    const name = `${of}/${count}.css`;
    const headers = { authorization: `Bearer ${TOKEN}` };
    const url = `${host!.url}/static-deploy/_deploy/${name}`;
    const response = await fetch(url, { method: 'PUT', headers, body: contentOf(name) }).catch(() => null);
    if (response?.status !== 202) return;
    taken.push(name);
  }
}

it(`publishes each upload that was taken, whatever it was doing at kill -9, ${ROUNDS} times over`, async () => {
  await serve();
  const admin = createAdminClient({ url: host!.url, token: null });
  await publishExample({ admin }, 'static-deploy');
  await admin.putSecret('static-deploy', 'DEPLOY_TOKEN', TOKEN);
  const taken: string[] = [];
  for (let round = 0; round < ROUNDS; round++) {
    const uploading = Promise.all([upload(`${round}a`, taken), upload(`${round}b`, taken)]);
    const enough = taken.length + 4 + Math.random() * 12;
    await eventually(() => (taken.length >= enough ? true : undefined), 20_000);
    await host!.stop('SIGKILL');
    await uploading;
    await serve();
  }
  for (const name of taken) {
    const text = await eventually(async () => {
      const response = await fetch(`${host!.url}/static-deploy/${name}`);
      const body = await response.text();
      return response.status === 200 ? body : undefined;
    }, 20_000);
    expect(text).toBe(contentOf(name));
  }
});
