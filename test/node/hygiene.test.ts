import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, it } from 'vitest';
import { openNode } from '../conformance/harness-node.ts';
import type { TestHost } from '../conformance/harness.ts';
import { ON_NODE, WITH_NODEJS_COMPAT } from '../conformance/hygiene-cases.ts';
import { expectOutcomes, outcomesOf } from '../conformance/hygiene-suite.ts';

describe('what of Node a function can touch', () => {
  let host: TestHost;
  let server: Server;
  beforeAll(async () => {
    host = await openNode();
    server = createServer((_, response) => void response.end());
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  });
  afterAll(async () => {
    await host.stop();
    server.close();
  });

  it('is nothing that leads out of it', async () => {
    expectOutcomes(ON_NODE, await outcomesOf(host, ON_NODE));
  });

  it('with nodejs_compat, is what computes', async () => {
    const vars = { ORIGIN: `http://127.0.0.1:${(server.address() as AddressInfo).port}` };
    const outcomes = await outcomesOf(host, WITH_NODEJS_COMPAT, { compatibility_flags: ['nodejs_compat'], vars });
    expectOutcomes(WITH_NODEJS_COMPAT, outcomes);
  });
});
