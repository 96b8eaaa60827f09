import { afterAll, beforeAll, describe } from 'vitest';
import type { OpenHost, TestHost } from './harness.ts';
import { mergedCases } from './openapi-merged-cases.ts';
import { servedCases } from './openapi-served-cases.ts';
import { sourceCases } from './openapi-source-cases.ts';

/** What a function says of its API, and who is told: on every platform. */
export function openApiSuite(open: OpenHost): void {
  describe('OpenAPI', () => {
    let host: TestHost;
    beforeAll(async () => {
      host = await open();
    });
    afterAll(() => host.stop());

    sourceCases(() => host);
    servedCases(() => host);
    mergedCases(() => host);
  });
}
