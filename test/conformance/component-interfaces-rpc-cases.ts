import { beforeAll, describe, expect, it } from 'vitest';
import { calcComponent, valuesComponent } from '../component/calls/own-guest.ts';
import { watComponent } from '../component/wat-component.ts';
import { publish, type TestHost } from './harness.ts';
import { publishComponent } from './publish-component.ts';

/** Has a handler of HTTP too, which traps. */
const BOTH = `(module
  (memory (export "memory") 1)
  (func (export "cabi_realloc") (param i32 i32 i32 i32) (result i32) (i32.const 64))
  (func (export "wasi:http/incoming-handler@V#handle") (param i32 i32) (unreachable))
  (func (export "ops#add") (param i32 i32) (result i32) (i32.add (local.get 0) (local.get 1))))`;
const BOTH_WORLD = `
  export wasi:http/incoming-handler@0.2.12;
  export ops: interface { resource gone; add: func(a: u32, b: u32) -> u32; }`;

/** The same functions, called by other functions over service bindings. */
export function componentInterfacesRpcCases(world: { readonly host: TestHost }): void {
  describe('as methods of a service binding', () => {
    let calc: string;
    let values: string;
    beforeAll(async () => {
      calc = (await publishComponent(world.host, await calcComponent())).name;
      values = (await publishComponent(world.host, await valuesComponent())).name;
    });

    /** What an expression gives in a function that has CALC bound, as text. */
    async function evaluate(expression: string, service = calc): Promise<unknown> {
      const text = (value: string) =>
        `JSON.stringify(${value}, (_, each) => typeof each === 'bigint' ? each + 'n' : each instanceof Uint8Array ? 'bytes ' + each : each)`;
      const source = `export default { async fetch(request, { CALC }) {
        try { return new Response(${text(`await (${expression})`)}); } catch (error) { return new Response(JSON.stringify({ thrown: error.message })); }
      } }`;
      const { url } = await publish(world.host, source, { alias: 'live', manifest: { services: [{ binding: 'CALC', service }] } });
      const answered = await (await fetch(url)).text();
      return answered === '' ? undefined : (JSON.parse(answered) as unknown);
    }

    it.each([
      ['CALC.add({ a: 1, b: 2 })', { tag: 'ok', val: 3 }],
      ['CALC["ops/add"]({ a: 1, b: 2 })', { tag: 'ok', val: 3 }],
      ['CALC.divide({ a: 1, b: 0 })', { tag: 'err', val: { tag: 'division-by-zero' } }],
      ['CALC.meanOf({ theValues: [1.5] })', 1.5],
      ['CALC.shout({ text: "hi" })', 'hi!'],
      ['CALC.meanOf({ theValues: [] }).then((none) => none === undefined)', true],
      ['CALC.reset({}).then((nothing) => nothing === undefined)', true],
    ])('%s', async (expression, value) => expect(await evaluate(expression)).toEqual(value));

    it('values are those of JavaScript', async () => {
      const list = (method: string, list: string) => evaluate(`CALC.${method}({ values: ${list} })`, values);
      expect(await list('u64s', '[2n ** 64n - 1n, 5]')).toEqual(['18446744073709551615n', '5n']);
      expect(await list('bytes', '[new Uint8Array([1, 2])]')).toEqual(['bytes 1,2']);
      expect(await evaluate('CALC.f64s({ values: [NaN, Infinity] }).then(String)', values)).toBe('NaN,Infinity');
      expect(await list('shapes', '[{ tag: "none" }, { tag: "circle", val: 1 }]')).toEqual([{ tag: 'none' }, { tag: 'circle', val: 1 }]);
    });

    it.each([
      ['CALC.add({ a: 1 })', /parameters of add of acme:calc\/ops@1.2.0 do not fit: at \/b, it is missing/],
      ['CALC.add({ a: 1, b: "2" })', /at \/b, a whole number from 0 to 4294967295 is wanted, and not the string "2"/],
      ['CALC.add(1, 2)', /wrong number of arguments/],
      ['CALC.take({})', /does not implement the method "take"/],
      ['CALC.crash({})', /trapped|unreachable/],
    ])('%s is refused', async (expression, message) => {
      expect(await evaluate(expression)).toEqual({ thrown: expect.stringMatching(message) as string });
    });

    it('are there beside a handler of HTTP, which gets all requests', async () => {
      const { name, url } = await publishComponent(world.host, await watComponent('0.2', BOTH, BOTH_WORLD));
      expect(await evaluate('CALC.add({ a: 20, b: 22 })', name)).toBe(42);
      const response = await fetch(`${url}/ops/add`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: '{"a":1,"b":2}',
      });
      expect([response.status, ((await response.json()) as { code: string }).code]).toEqual([502, 'guest-trapped']);
      expect((await world.host.admin.component(name, '1')).calls).toEqual([]);
    });
  });
}
