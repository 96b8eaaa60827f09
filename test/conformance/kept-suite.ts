import { afterAll, beforeAll, describe } from 'vitest';
import { callbackCases } from './kept-callback-cases.ts';
import { asyncCases } from './kept-async-cases.ts';
import { idempotencyCases } from './kept-idempotency-cases.ts';
import type { OpenHost, TestHost } from './harness.ts';

/** Requests that the host keeps, for later or to run them once: what every platform must do alike. */
export function keptSuite(open: OpenHost): void {
  describe('requests that are kept', () => {
    let host: TestHost;
    beforeAll(async () => {
      host = await open();
    });
    afterAll(() => host.stop());

    asyncCases(() => host);
    callbackCases(() => host);
    idempotencyCases(() => host);
  });
}
