import { createAdminClient } from '../../host/admin/client.ts';
import type { HostEvent } from '../../host/observe/events.ts';
import { startMiniflare } from '../../host/platforms/miniflare/serve.ts';
import type { HostOptions } from '../../host/platforms/running.ts';
import { OWN_MACHINE, type TestHost } from './harness.ts';

/** With BRINK_TEST_SUPERVISED as `brink serve` has it: behind a supervisor. */
const SUPERVISED: Partial<HostOptions> = process.env['BRINK_TEST_SUPERVISED'] ? { supervision: {} } : {};

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
