import { afterAll, beforeAll, describe } from 'vitest';
import { azureCases } from './clouds-azure-cases.ts';
import { gcfCases } from './clouds-gcf-cases.ts';
import { lambdaAnswerCases } from './clouds-lambda-answer-cases.ts';
import { lambdaEventCases } from './clouds-lambda-event-cases.ts';
import { lambdaHttpCases } from './clouds-lambda-http-cases.ts';
import { lambdaInvocationCases } from './clouds-lambda-invocation-cases.ts';
import { lambdaStreamCases } from './clouds-lambda-stream-cases.ts';
import { templateCases } from './clouds-template-cases.ts';
import type { OpenHost, TestHost } from './harness.ts';

/** Functions written for other clouds: what every platform must do alike. */
export function cloudsSuite(open: OpenHost): void {
  describe('functions of other clouds', () => {
    let host: TestHost;
    beforeAll(async () => {
      host = await open();
    });
    afterAll(() => host.stop());

    lambdaHttpCases(() => host);
    lambdaAnswerCases(() => host);
    lambdaInvocationCases(() => host);
    lambdaStreamCases(() => host);
    lambdaEventCases(() => host);
    gcfCases(() => host);
    azureCases(() => host);
    templateCases(() => host);
  });
}
