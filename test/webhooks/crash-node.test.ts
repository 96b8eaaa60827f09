import { afterAll, it, vi } from 'vitest';
import { createAdminClient } from '../../host/admin/client.ts';
import { serving, temporaryFolder, type Serving } from '../cli/brink.ts';
import { deliverAndKill } from './crash.ts';

vi.setConfig({ testTimeout: 120_000 });

/** More with BRINK_TEST_CRASH_ROUNDS. */
const ROUNDS = Number(process.env['BRINK_TEST_CRASH_ROUNDS'] ?? 2);
const folder = temporaryFolder();
let host: Serving;
afterAll(async () => {
  await host.stop('SIGKILL');
  folder.remove();
});

it(`kill -9 of the host, ${ROUNDS} times over: what was answered 202 is handled, and does not come again`, async () => {
  const serve = async () => void (host = await serving(['serve', '--port', '0', '--state', 'state'], { cwd: folder.path }));
  await serve();
  await deliverAndKill(
    {
      url: () => host.url,
      admin: () => createAdminClient({ url: host.url, token: null }),
      async kill() {
        await host.stop('SIGKILL');
        await serve();
      },
    },
    ROUNDS,
  );
});
