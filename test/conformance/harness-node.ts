import { createAdminClient } from '../../host/admin/client.ts';
import type { HostEvent } from '../../host/observe/events.ts';
import { startNode } from '../../host/platforms/node/serve.ts';
import type { HostOptions, RunningHost } from '../../host/platforms/running.ts';
import { OWN_MACHINE, type TestHost } from './harness.ts';

export async function openNode(options: Partial<HostOptions> = {}): Promise<TestHost & Pick<RunningHost, 'tls'>> {
  const events: HostEvent[] = [];
  const { url, token, smtpUrl, tls, stop } = await startNode({
    port: 0,
    state: null,
    network: OWN_MACHINE,
    onEvent: (event) => void events.push(event),
    ...options,
  });
  return {
    platform: 'node',
    url,
    token,
    smtpUrl,
    admin: createAdminClient({ url, token, ...(tls && { fetch: tls.fetch }) }),
    events,
    tls,
    stop,
  };
}
