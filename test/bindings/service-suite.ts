import { afterAll, beforeAll, describe } from 'vitest';
import { publish, type OpenHost, type TestHost } from '../conformance/harness.ts';
import { serviceDifferenceCases } from './service-difference-cases.ts';
import { serviceFailureCases } from './service-failure-cases.ts';
import { serviceFetchCases } from './service-fetch-cases.ts';
import { serviceLifeCases } from './service-life-cases.ts';
import { serviceRpcCases } from './service-rpc-cases.ts';
import { serviceVersionCases } from './service-version-cases.ts';

/** One host with the functions of a case, as the cases see it. */
export interface ServiceWorld {
  readonly host: TestHost;
  /** Publishes a function as `live`; a name is new each time unless given. */
  deploy(source: string, manifest?: Record<string, unknown>, name?: string): Promise<{ name: string; version: number; url: string }>;
  /** A function whose `fetch` is the body given, with `OTHER` bound to a function. */
  caller(body: string, other: string, more?: { service?: object; manifest?: object; top?: string }): Promise<{ name: string; url: string }>;
}

/** What holds of calls between functions, on whatever platform. */
export function serviceSuite(open: OpenHost): void {
  describe('services', () => {
    let host: TestHost;
    beforeAll(async () => {
      host = await open();
    });
    afterAll(() => host.stop());

    const deploy: ServiceWorld['deploy'] = (source, manifest = {}, name) =>
      publish(host, source, { alias: 'live', manifest, ...(name !== undefined && { name }) });
    const world: ServiceWorld = {
      get host() {
        return host;
      },
      deploy,
      caller: (body, other, { service = {}, manifest = {}, top = '' } = {}) =>
        deploy(`${top}\nexport default { async fetch(request, env, ctx) { ${body} } }`, {
          services: [{ binding: 'OTHER', service: other, ...service }],
          ...manifest,
        }),
    };

    serviceFetchCases(world);
    serviceLifeCases(world);
    serviceVersionCases(world);
    serviceFailureCases(world);
    serviceRpcCases(world);
    serviceDifferenceCases(world);
  });
}
