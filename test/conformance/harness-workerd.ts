import { createAdminClient } from '../../host/admin/client.ts';
import type { HostEvent } from '../../host/observe/events.ts';
import { startMiniflare } from '../../host/platforms/miniflare/serve.ts';
import type { HostOptions } from '../../host/platforms/running.ts';
import { OWN_MACHINE, type TestHost } from './harness.ts';

const { BRINK_TEST_SUPERVISED: supervised, BRINK_TEST_WORKERS: workers } = process.env;
/** As `brink serve` has it: behind a supervisor; and with BRINK_TEST_WORKERS functions in so many processes of their own. */
const SUPERVISED: Partial<HostOptions> = supervised || workers ? { supervision: { workers: Number(workers ?? 0) } } : {};

export async function openWorkerd(options: Partial<HostOptions> = {}): Promise<TestHost> {
  const events: HostEvent[] = [];
  const { url, token, smtpUrl, stop } = await startMiniflare({
    port: 0,
    state: null,
    network: OWN_MACHINE,
    onEvent: (event) => void events.push(event),
    ...SUPERVISED,
    ...options,
  });
  return { platform: 'workerd', url, token, smtpUrl, admin: createAdminClient({ url, token }), events, stop };
}

/** Functions run in processes of their own. */
export function openSharded(options: Partial<HostOptions> = {}): Promise<TestHost> {
  return openWorkerd({ supervision: { workers: 2 }, ...options });
}
