import { afterAll, beforeAll, describe } from 'vitest';
import type { HostOptions } from '../../host/platforms/running.ts';
import type { TestHost } from './harness.ts';
import { eventCases } from './protocols-event-cases.ts';
import { rpcCases } from './protocols-rpc-cases.ts';
import { socketCases } from './protocols-socket-cases.ts';

/** What a request may be besides one question and one answer, through the rules of a gateway. */
export function protocolsSuite(open: (options: Partial<HostOptions>) => Promise<TestHost>): void {
  describe('protocols', () => {
    let host: TestHost;
    beforeAll(async () => void (host = await open({ metering: { exact: false }, front: { idleTimeout: 1_000 } })));
    afterAll(() => host.stop());

    socketCases(() => host);
    eventCases(() => host);
    rpcCases(() => host);
  });
}
