import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { publish, type OpenHost } from '../conformance/harness.ts';
import { CALLEE, CALLER, CASES } from './rpc-cases.ts';

export interface RpcWorld {
  /** Where the caller answers. */
  readonly url: string;
  close(): Promise<void>;
}

export interface RpcSuite {
  open(): Promise<RpcWorld>;
  /** Titles of cases that come out otherwise, and why. */
  readonly deviations?: Readonly<Record<string, string>>;
}

/** What functions can do with one another by RPC. */
export function rpcSuite(name: string, { open, deviations = {} }: RpcSuite): void {
  describe(`RPC: ${name}`, () => {
    let world: RpcWorld;
    beforeAll(async () => {
      world = await open();
    });
    afterAll(() => world.close());

    for (const [index, { title, outcome }] of CASES.entries()) {
      const expected = typeof outcome === 'object' && outcome !== null && 'threw' in outcome ? outcome : { value: outcome };
      it(title, async () => {
        const got = (await (await fetch(`${world.url}?case=${index}`)).json()) as unknown;
        // One that holds by now has no reason any more.
        if (title in deviations) expect(got).not.toEqual(expected);
        else expect(got).toEqual(expected);
      });
    }
  });
}

export async function openRpcOn(open: OpenHost): Promise<RpcWorld> {
  const host = await open();
  const callee = await publish(host, CALLEE, { alias: 'live', manifest: { vars: { GREETING: 'hi' } } });
  const services = [
    { binding: 'OTHER', service: callee.name, props: { role: 'caller' } },
    { binding: 'PLAIN', service: callee.name, entrypoint: 'plain' },
    { binding: 'NAMED', service: callee.name, entrypoint: 'Named' },
  ];
  const { url } = await publish(host, CALLER, { alias: 'live', manifest: { services } });
  return { url, close: () => host.stop() };
}
