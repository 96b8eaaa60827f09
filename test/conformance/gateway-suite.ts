import { afterAll, beforeAll, describe } from 'vitest';
import { authCases } from './gateway-auth-cases.ts';
import { cacheCases } from './gateway-cache-cases.ts';
import { compressCases } from './gateway-compress-cases.ts';
import { corsCases } from './gateway-cors-cases.ts';
import { earlyHintsCases } from './gateway-early-hints-cases.ts';
import { sizeCases } from './gateway-size-cases.ts';
import { ejectionCases } from './gateway-ejection-cases.ts';
import { limitsCases } from './gateway-limits-cases.ts';
import { operatorCases } from './gateway-operator-cases.ts';
import { policyCases } from './gateway-policy-cases.ts';
import { publishPolicyCases } from './publish-policy-cases.ts';
import { resilienceCases } from './gateway-resilience-cases.ts';
import { rulesCases } from './gateway-rules-cases.ts';
import { serviceCases } from './gateway-service-cases.ts';
import type { OpenHost, TestHost } from './harness.ts';

/** Rules that stand before a function: what every platform must do alike. */
export function gatewaySuite(open: OpenHost): void {
  describe('gateway', () => {
    let host: TestHost;
    beforeAll(async () => {
      host = await open();
    });
    afterAll(() => host.stop());

    rulesCases(() => host);
    corsCases(() => host);
    authCases(() => host);
    limitsCases(() => host);
    sizeCases(() => host);
    cacheCases(() => host);
    compressCases(() => host);
    earlyHintsCases(() => host);
    policyCases(() => host);
    operatorCases(() => host);
    publishPolicyCases(() => host);
    resilienceCases(() => host);
    ejectionCases(() => host);
    serviceCases(() => host);
  });
}
