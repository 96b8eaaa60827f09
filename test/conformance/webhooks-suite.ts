import { afterAll, beforeAll, describe } from 'vitest';
import type { OpenHost, TestHost } from './harness.ts';
import { cloudEventCases } from './webhooks-cloudevents-cases.ts';
import { jsonCases } from './webhooks-json-cases.ts';
import { outCases } from './webhooks-out-cases.ts';
import { deliveryCases } from './webhooks-delivery-cases.ts';
import { schemeCases } from './webhooks-scheme-cases.ts';

/** What is posted to a webhook comes out of a queue: what every platform must do alike. */
export function webhooksSuite(open: OpenHost): void {
  describe('webhooks', { timeout: 30_000 }, () => {
    let host: TestHost;
    beforeAll(async () => {
      host = await open();
    }, 60_000);
    afterAll(() => host.stop(), 20_000);

    schemeCases(() => host);
    deliveryCases(() => host);
    cloudEventCases(() => host);
    jsonCases(() => host);
    outCases(() => host);
  });
}
