import { afterAll, beforeAll, describe } from 'vitest';
import type { OpenHost, TestHost } from './harness.ts';
import { releaseGuardCases } from './release-guard-cases.ts';
import { releaseFreezeCases } from './release-freeze-cases.ts';
import { releaseHandCases } from './release-hand-cases.ts';

/** How a version goes live, over HTTP: what every platform must do alike. */
export function releaseSuite(open: OpenHost): void {
  describe('releases', () => {
    let host: TestHost;
    beforeAll(async () => {
      host = await open();
    });
    afterAll(() => host.stop());

    releaseGuardCases(() => host);
    releaseHandCases(() => host);
    releaseFreezeCases(() => host);
  });
}
