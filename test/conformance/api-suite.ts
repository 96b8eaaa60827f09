import { existsSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { buildFunction } from '../../host/build/build.ts';
import { readConfig } from '../../host/build/config.ts';
import { apiCases, counterCase, type ApiCase } from '../component/api-cases.ts';
import { leaveOut } from '../left-out.ts';
import type { OpenHost, TestHost } from './harness.ts';

const FUNCTIONS = new URL('../../functions/', import.meta.url).pathname;

/** Folders by language. What is larger than 300 KB is not committed, and tested where it has been built. */
const FOLDERS = {
  typescript: 'api',
  rust: 'api-rust',
  c: 'api-c',
  go: 'components/go',
  python: 'components/python',
  javascript: 'components/javascript',
} as const;

/** The same API in six languages: what one answers, all answer, on every platform. */
export function apiSuite(open: OpenHost): void {
  describe('the example API', () => {
    let host: TestHost;
    let peer: Server;
    let cases: (language: string) => ApiCase[];
    beforeAll(async () => {
      host = await open();
      peer = createServer((request, response) => {
        const found = request.url === '/teapot?a=1';
        response.writeHead(found ? 418 : 404, { 'content-type': 'text/plain' }).end(found ? 'short and stout' : 'not here');
      });
      await new Promise<void>((done) => peer.listen(0, '127.0.0.1', done));
      const origin = `http://127.0.0.1:${(peer.address() as AddressInfo).port}`;
      cases = (language) => apiCases({ language, origin, nobody: 'http://127.0.0.1:1/' });
    });
    afterAll(async () => {
      peer.close();
      await host.stop();
    });

    it.for(Object.entries(FOLDERS))('in %s', async ([language, folder], test) => {
      if (language !== 'typescript' && !existsSync(`${FUNCTIONS}${folder}/api.wasm`))
        leaveOut(test, `functions/${folder}/api.wasm is not there; build.sh beside it makes it`);
      const { bytes, artifact } = await buildFunction(await readConfig(FUNCTIONS + folder));
      await host.admin.publish(artifact.manifest.name, bytes, {});
      const url = `${host.url}/${artifact.manifest.name}`;
      for (const each of cases(language)) await check(url, each);
      for (const n of [1, 2, 3]) await check(url, counterCase(n));
    });
  });
}

async function check(url: string, { name, request, expect: wanted }: ApiCase): Promise<void> {
  const { method, path, headers, body } = request;
  const response = await fetch(url + path, {
    method,
    redirect: 'manual',
    ...(headers && { headers }),
    ...(body !== undefined && { body }),
  });
  const bytes = new Uint8Array(await response.arrayBuffer());
  expect(response.status, name).toBe(wanted.status);
  for (const [header, value] of Object.entries(wanted.headers ?? {}))
    expect(header === 'set-cookie' ? response.headers.getSetCookie() : response.headers.get(header), `${name}: ${header}`).toEqual(value);
  if (wanted.body instanceof Uint8Array) expect(bytes, name).toEqual(wanted.body);
  else if (wanted.body !== undefined) expect(new TextDecoder().decode(bytes), name).toBe(wanted.body);
  if (wanted.json !== undefined) expect(JSON.parse(new TextDecoder().decode(bytes)), name).toMatchObject(wanted.json as object);
}
