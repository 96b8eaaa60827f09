import { afterAll, beforeAll, describe } from 'vitest';
import type { OpenHost, TestHost } from './harness.ts';
import { cloudEventCases } from './webhooks-cloudevents-cases.ts';
import { jsonCases } from './webhooks-json-cases.ts';
import { outCases } from './webhooks-out-cases.ts';
import { deliveryCases } from './webhooks-delivery-cases.ts';
import { schemeCases } from './webhooks-scheme-cases.ts';

/** What is posted to a webhook comes out of a queue: what every platform must do alike. */
export function webhooksSuite(open: OpenHost): void {
  describe('webhooks', () => {
    let host: TestHost;
    beforeAll(async () => {
      host = await open();
    });
    afterAll(() => host.stop());

    schemeCases(() => host);
    deliveryCases(() => host);
    cloudEventCases(() => host);
    jsonCases(() => host);
    outCases(() => host);
  });
}
