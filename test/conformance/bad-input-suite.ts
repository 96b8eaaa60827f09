import { afterAll, beforeAll, describe } from 'vitest';
import { codeCases } from './bad-input-code-cases.ts';
import { manifestCases } from './bad-input-manifest-cases.ts';
import { requestCases } from './bad-input-request-cases.ts';
import { uploadCases } from './bad-input-upload-cases.ts';
import type { OpenHost, TestHost } from './harness.ts';

/** Bad input, over HTTP: each is refused with its code and its place, and changes nothing. */
export function badInputSuite(open: OpenHost): void {
  describe('bad input', () => {
    let host: TestHost;
    beforeAll(async () => {
      host = await open();
    });
    afterAll(() => host.stop());

    uploadCases(() => host);
    manifestCases(() => host);
    codeCases(() => host);
    requestCases(() => host);
  });
}
