import { createAdminClient } from '../../host/admin/client.ts';
import type { HostEvent } from '../../host/observe/events.ts';
import { startMiniflare } from '../../host/platforms/miniflare/serve.ts';
import type { HostOptions } from '../../host/platforms/running.ts';
import { OWN_MACHINE, type TestHost } from './harness.ts';

export async function openWorkerd(options: Partial<HostOptions> = {}): Promise<TestHost> {
  const events: HostEvent[] = [];
  const { url, token, stop } = await startMiniflare({
    port: 0,
    state: null,
    network: OWN_MACHINE,
    onEvent: (event) => void events.push(event),
    ...options,
  });
  return { platform: 'workerd', url, token, admin: createAdminClient({ url, token }), events, stop };
}
