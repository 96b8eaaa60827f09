import { afterAll, beforeAll, describe } from 'vitest';
import type { OpenHost, TestHost } from './harness.ts';
import { choiceCases } from './traffic-choice-cases.ts';
import { logCases } from './traffic-log-cases.ts';
import { routeCases } from './traffic-route-cases.ts';
import { urlCases } from './traffic-url-cases.ts';
import { versionCases } from './traffic-version-cases.ts';

/** How requests find their version, over HTTP: what every platform must do alike. */
export function trafficSuite(open: OpenHost): void {
  describe('traffic', () => {
    let host: TestHost;
    beforeAll(async () => {
      host = await open();
    });
    afterAll(() => host.stop());

    urlCases(() => host);
    routeCases(() => host);
    choiceCases(() => host);
    versionCases(() => host);
    logCases(() => host);
  });
}
