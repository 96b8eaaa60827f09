import { afterAll, beforeAll, describe } from 'vitest';
import type { OpenHost, TestHost } from './harness.ts';
import { sourceCases } from './openapi-source-cases.ts';

/** What a function says of its API, and who is told: on every platform. */
export function openApiSuite(open: OpenHost): void {
  describe('OpenAPI', { timeout: 30_000 }, () => {
    let host: TestHost;
    beforeAll(async () => {
      host = await open();
    }, 60_000);
    afterAll(() => host.stop(), 20_000);

    sourceCases(() => host);
  });
}
