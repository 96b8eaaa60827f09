import { afterAll, beforeAll, describe } from 'vitest';
import { failureSuite } from './cells-failures.ts';
import { limitSuite } from './cells-limits.ts';
import { lifeSuite } from './cells-life.ts';
import { moduleSuite } from './cells-modules.ts';
import { outboundSuite } from './cells-outbound.ts';
import { requestSuite } from './cells-requests.ts';
import { socketSuite } from './cells-sockets.ts';
import { streamSuite } from './cells-streams.ts';
import type { OpenHost, TestHost } from './harness.ts';

const SUITES = [requestSuite, streamSuite, moduleSuite, lifeSuite, outboundSuite, socketSuite, limitSuite, failureSuite];

/** What a Cell promises (`host/dispatch/cell.ts`), seen from outside; every engine passes all of it. */
export function cellSuites(platform: string, open: OpenHost, { without = [] }: { readonly without?: readonly Suite[] } = {}): void {
  describe(`cells on ${platform}`, () => {
    let host: TestHost;
    beforeAll(async () => {
      host = await open();
    });
    afterAll(() => host.stop());

    for (const suite of SUITES) if (!without.includes(suite)) suite(() => host);
  });
}

export type Suite = (host: () => TestHost) => void;
