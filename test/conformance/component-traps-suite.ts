import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readFile } from 'node:fs/promises';
import { guest02 } from '../component/wat-0.2.ts';
import { watComponent } from '../component/wat-component.ts';
import { eventually, type OpenHost, type TestHost } from './harness.ts';
import { publishComponent } from './publish-component.ts';

const GUESTS = new URL('../component/guests/', import.meta.url);

/** What the log tells of a trap. */
export function componentTrapsSuite(open: OpenHost): void {
  describe('a trap in a component', () => {
    let host: TestHost;
    beforeAll(async () => (host = await open()));
    afterAll(() => host.stop());

    it.each(['request', 'instance'])(
      'with debug information is logged with functions, files and lines, with isolation = "%s"',
      async (isolation) => {
        const wasm = await readFile(new URL('p2-trap.wasm', GUESTS));
        const { name, url } = await publishComponent(host, wasm, `[component]\nisolation = "${isolation}"\n`);
        for (let round = 1; round <= 2; round += 1) {
          const response = await fetch(`${url}/`);
          expect([response.status, ((await response.json()) as { code: string }).code]).toEqual([502, 'guest-trapped']);
          const exceptions = await eventually(() => {
            const found = host.events.filter((event) => event.type === 'exception' && event.function === name);
            return found.length === round ? found : undefined;
          });
          const { message, stack } = exceptions.at(-1) as { message: string; stack: string };
          expect(message).toMatch(
            /^GuestTrap: memory access out of bounds \(in handle of wasi:http\/incoming-handler@0\.2\.12; the last call of the host was .*path-with-query\)$/,
          );
          expect(stack.split('\n').slice(1)).toEqual([
            '    at fall (depth.h:5:12)',
            '    at descend (depth.h:12:5)',
            '    at handle (trap.c:26:3)',
          ]);
        }
      },
    );

    it('is logged from the bottom of a deep stack to its top', async () => {
      const depths = Array.from({ length: 30 }, (_, depth) => depth);
      const steps = depths.map((depth) => `(func $step${depth} ${depth === 29 ? 'unreachable' : `(call $step${depth + 1})`})`);
      const wat = guest02(`${steps.join('\n')}\n(func $handle (param i32 i32) (call $step0))`);
      const { name, url } = await publishComponent(host, await watComponent('0.2', wat));
      expect((await fetch(`${url}/`)).status).toBe(502);
      const { stack } = (await eventually(() => host.events.find((event) => event.type === 'exception' && event.function === name))) as {
        stack: string;
      };
      const names = stack.split('\n').map((line) => /^ {4}at (\w+) /.exec(line)?.[1]);
      expect(names.slice(1)).toEqual([...depths.map((depth) => `step${depth}`).reverse(), 'handle']);
    });
  });
}
