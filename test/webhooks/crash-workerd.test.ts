import { execFileSync } from 'node:child_process';
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, it, vi } from 'vitest';
import { createAdminClient } from '../../host/admin/client.ts';
import { startMiniflare } from '../../host/platforms/miniflare/serve.ts';
import type { RunningHost } from '../../host/platforms/running.ts';
import { eventually } from '../conformance/harness.ts';
import { deliverAndKill } from './crash.ts';
import { removeFolder } from '../remove-folder.ts';

vi.setConfig({ testTimeout: 120_000 });

/** More with BRINK_TEST_CRASH_ROUNDS. */
const ROUNDS = Number(process.env['BRINK_TEST_CRASH_ROUNDS'] ?? 2);
const state = mkdtempSync(join(tmpdir(), 'brink-webhooks-'));
let host: RunningHost;
afterAll(async () => {
  await host.stop();
  removeFolder(state);
});

it(`SIGKILL of workerd, ${ROUNDS} times over: what was answered 202 is handled, and does not come again`, async () => {
  host = await startMiniflare({ port: 0, state, supervision: {} });
  await deliverAndKill(
    {
      url: () => host.url,
      admin: () => createAdminClient(host),
      async kill() {
        process.kill(runtimeOf(), 'SIGKILL');
        await eventually(async () => (await fetch(`${host.url}/hooks/`).then(({ ok }) => ok, () => false)) || undefined, 20_000); // prettier-ignore
      },
    },
    ROUNDS,
  );
});

/** The workerd that this process has. */
function runtimeOf(): number {
  const pids = execFileSync('pgrep', ['-P', String(process.pid), 'workerd'], { encoding: 'utf8' });
  return Number(pids.trim().split('\n').at(-1));
}
