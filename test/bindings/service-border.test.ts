import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Services } from '../../host/dispatch/services.ts';
import { callService } from '../../host/platforms/node/service-calls.ts';
import { MessageWriter } from '../../host/platforms/node/worker/rpc/messages.ts';
import { RpcSession } from '../../host/platforms/node/worker/rpc/session.ts';
import { RpcTarget } from '../../host/platforms/node/worker/rpc/targets.ts';
import { writeValue } from '../../host/platforms/node/worker/rpc/values.ts';
import { LightResponse } from '../../host/platforms/node/light-response.ts';

const target = { function: 'other', alias: 'live', entrypoint: null, props: {} };
const caller = { function: 'fn', traceparent: `00-${'1'.repeat(32)}-${'1'.repeat(16)}-00`, clientAddress: null, depth: 0, due: Infinity };

describe('what a cell sends over the border of services', () => {
  it('is answered, whatever it is, and goes to the function of the binding alone', async () => {
    const services: Services = {
      async fetch(request, call) {
        expect(call).toMatchObject({ target, caller });
        expect(URL.canParse(request.url)).toBe(true);
        void [...request.headers];
        return new LightResponse('ok') as unknown as Response;
      },
      async rpc(_rpc, call) {
        expect(call).toMatchObject({ target, caller });
        return { output: new ReadableStream(), settled: Promise.resolve() };
      },
    };
    const part = fc.oneof(fc.constantFrom('GET', 'https://o/', 'call', 'get', 'x'.repeat(200), 'a b', '\n'), fc.jsonValue());
    const args = fc.oneof(
      fc.tuple(part, part, fc.oneof(fc.array(fc.string()), fc.jsonValue())).map((list) => JSON.stringify(list)),
      fc.string(),
    );
    const method = fc.oneof(fc.constantFrom('fetch', 'rpc', 'toString'), fc.string());
    const body = fc.oneof(fc.constant(null), fc.uint8Array(), fc.constant('stream' as const));
    await fc.assert(
      fc.asyncProperty(method, args, body, async (name, given, bytes) => {
        const sent = bytes === 'stream' ? new ReadableStream<Uint8Array>() : bytes;
        const signal = new AbortController().signal;
        const { text, body: out } = await callService({ method: name, args: given, body: sent }, { target, caller, services, signal });
        const outcome = JSON.parse(text) as Record<string, unknown>;
        expect(Object.keys(outcome)).toHaveLength(1);
        expect(['value', 'error']).toContain(Object.keys(outcome)[0]);
        if (out instanceof ReadableStream) await out.cancel();
      }),
      { numRuns: 400 },
    );
  });

  it('as messages of RPC reaches what it may, once, and ends the session at the worst', async () => {
    let secrets = 0;
    class Inner extends RpcTarget {
      secret = () => secrets++;
      allowed() {
        return 1;
      }
    }
    const none = { special: () => undefined, revive: () => undefined };
    const name = fc.constantFrom(
      'allowed',
      'secret',
      'constructor',
      '__proto__',
      'prototype',
      'toString',
      'apply',
      'call',
      'bind',
      'then',
      'valueOf',
    );
    const aim = fc.oneof(fc.tuple(fc.constantFrom('object', 'result'), fc.constantFrom(0, 1, 2)), fc.jsonValue());
    const path = fc.oneof(fc.array(name, { maxLength: 3 }), fc.jsonValue());
    const message = fc.oneof(
      fc.tuple(fc.constant('call'), fc.nat(3), aim, path, fc.oneof(fc.array(fc.jsonValue()), fc.jsonValue())),
      fc.tuple(fc.constant('get'), fc.nat(3), aim, path),
      fc.tuple(fc.constantFrom('result', 'error', 'drop', 'release'), fc.nat(3), fc.jsonValue()),
      fc.jsonValue(),
    );
    await fc.assert(
      fc.asyncProperty(fc.array(fc.oneof(message, fc.uint8Array()), { maxLength: 8 }), async (messages) => {
        let runs = 0;
        const session = new RpcSession({ run: () => (runs++, new Inner()), settled() {} });
        const out = new MessageWriter();
        for (const each of messages) out.send(each instanceof Uint8Array ? each : writeValue(each, none));
        out.close();
        const said = new Response(session.outgoing as ReadableStream<Uint8Array<ArrayBuffer>>).arrayBuffer();
        await session.listen(out.stream);
        expect(session.over).toBe(true);
        expect(runs).toBeLessThanOrEqual(1);
        expect((await said).byteLength).toBeLessThan(1_000_000);
      }),
      { numRuns: 400 },
    );
    expect(secrets).toBe(0);
  });
});
