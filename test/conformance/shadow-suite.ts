import { afterAll, beforeAll, describe } from 'vitest';
import type { HostOptions } from '../../host/platforms/running.ts';
import type { TestHost } from './harness.ts';
import { shadowCompareCases } from './shadow-compare-cases.ts';
import { shadowLifeCases } from './shadow-life-cases.ts';
import { shadowLoadCases } from './shadow-load-cases.ts';
import { shadowWriteCases } from './shadow-write-cases.ts';

/** Versions that get copies of requests, over HTTP: what every platform must do alike. */
export function shadowSuite(open: (options: Partial<HostOptions>) => Promise<TestHost>): void {
  describe('shadows', () => {
    let host: TestHost;
    beforeAll(async () => {
      host = await open({ mail: { mailbox: true }, metering: { exact: false } });
    });
    afterAll(() => host.stop());

    shadowCompareCases(() => host);
    shadowWriteCases(() => host);
    shadowLoadCases(() => host);
    shadowLifeCases(() => host);
  });
}
