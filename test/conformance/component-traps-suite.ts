import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readFile } from 'node:fs/promises';
import { build, project } from '../build/project.ts';
import { eventually, freshName, type OpenHost, type TestHost } from './harness.ts';

const GUESTS = new URL('../component/guests/', import.meta.url);

/** What the log tells of a trap. */
export function componentTrapsSuite(open: OpenHost): void {
  describe('a trap in a component with debug information', { timeout: 30_000 }, () => {
    let host: TestHost;
    beforeAll(async () => (host = await open()), 60_000);
    afterAll(() => host.stop(), 20_000);

    it.each(['request', 'instance'])('is logged with functions, files and lines, with isolation = "%s"', async (isolation) => {
      const name = freshName();
      const dir = await project({
        'brink.toml': `name = "${name}"\nmain = "trap.wasm"\n[component]\nisolation = "${isolation}"\n`,
        'trap.wasm': new Uint8Array(await readFile(new URL('p2-trap.wasm', GUESTS))),
      });
      await host.admin.publish(name, (await build(dir)).bytes, {});
      for (let round = 1; round <= 2; round += 1) {
        const response = await fetch(`${host.url}/${name}/`);
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
    });
  });
}
