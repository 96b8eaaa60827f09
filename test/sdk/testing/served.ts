import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { createFront } from '../../../host/platforms/node/front.ts';
import { createTestEnv, type TestEnv, type TestEnvOptions } from '../../../sdk/testing/index.ts';

export interface Served {
  readonly url: string;
  stop(): Promise<void>;
}

/** A test env of the module with this text. */
export async function testEnvOf(source: string, options: TestEnvOptions = {}): Promise<TestEnv> {
  const dir = await mkdtemp(join(tmpdir(), 'brink-testing-'));
  try {
    await writeFile(join(dir, 'main.mjs'), source);
    return await createTestEnv({ ...options, handler: import(pathToFileURL(join(dir, 'main.mjs')).href) as Promise<object> });
  } finally {
    await rm(dir, { recursive: true });
  }
}

/** Has it answer at a URL, for suites that ask there. */
export async function serve(...[test, ...others]: [TestEnv, ...TestEnv[]]): Promise<Served> {
  const { server, drain, close } = createFront(async ({ url, method, headers, body }) => {
    const response = await test.fetch(new Request(url, { method, headers, body, duplex: 'half' } as RequestInit));
    return new Response(await response.arrayBuffer(), response);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    async stop() {
      const closed = once(server, 'close');
      drain();
      close();
      await closed;
      for (const each of [test, ...others]) await each.close();
    },
  };
}
