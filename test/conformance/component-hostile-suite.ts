import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { CASES_02, HOSTILE_02 } from '../component/hostile-0.2.ts';
import { CASES_03, HOSTILE_03 } from '../component/hostile-0.3.ts';
import type { HostileCase } from '../component/hostile-case.ts';
import { watComponent, type WatWorld } from '../component/wat-component.ts';
import { eventually, type OpenHost, type TestHost } from './harness.ts';
import { publishComponent } from './publish-component.ts';

const DEADLINE = 1_500;

interface Guest {
  readonly world: WatWorld;
  readonly wat: string;
  readonly cases: readonly HostileCase[];
}

const GUESTS: readonly Guest[] = [
  { world: '0.2', wat: HOSTILE_02, cases: CASES_02 },
  { world: '0.3', wat: HOSTILE_03, cases: CASES_03 },
];

/**
 * Components that break every rule, from the build to HTTP: each request gets its own clear answer, and nobody else
 * notices.
 */
export function componentHostileSuite(open: OpenHost): void {
  describe.each(GUESTS)('hostile components of WASI $world', ({ world, wat, cases }) => {
    let host: TestHost;
    let other: string;
    let wasm: Uint8Array<ArrayBuffer>;
    beforeAll(async () => {
      host = await open();
      wasm = await watComponent(world, wat);
      other = (await publish('')).url;
    });
    afterAll(() => host.stop());

    function publish(component: string): Promise<{ name: string; url: string }> {
      return publishComponent(host, wasm, `[limits]\ndeadline_ms = ${DEADLINE}\n[component]\nmemory_mb = 16\n${component}`);
    }

    describe.each(['request', 'instance'])('with isolation = "%s"', (isolation) => {
      let name: string;
      let url: string;
      beforeAll(async () => ({ name, url } = await publish(`isolation = "${isolation}"\n`)));

      const indexed = cases.map((each, index) => ({ ...each, index }));
      it.each(indexed.filter((each) => each.answer !== 'spins'))('$name', async ({ index, answer, why }) => {
        const before = exceptions(name).length;
        const [answered, neighbour] = await Promise.all([answerOf(`${url}/${index}`), answerOf(`${other}/`)]);
        expect(answered).toEqual(answer);
        expect(neighbour).toEqual([200, 'secret']);
        expect(await answerOf(`${url}/`)).toEqual([200, 'secret']);
        if (why === undefined) return;
        await eventually(() =>
          exceptions(name)
            .slice(before)
            .find((message) => why.test(message)),
        );
      });
    });

    it('never coming back costs only its own cell on Node, and a restart on workerd', async () => {
      const { url } = await publish('');
      expect(await answerOf(`${url}/`)).toEqual([200, 'secret']);
      const spun = answerOf(`${url}/${cases.findIndex(({ answer }) => answer === 'spins')}`).catch(() => 'broken off');
      if (host.platform === 'node') expect(await answerOf(`${other}/`)).toEqual([200, 'secret']);
      // Open-source workerd cannot interrupt code: its supervisor starts the runtime anew, and connections break.
      expect(host.platform === 'node' ? [[504, 'deadline-exceeded']] : ['broken off', [504, 'deadline-exceeded']]).toContainEqual(
        await spun,
      );
      for (const each of [url, other]) {
        const alive = () => answerOf(`${each}/`).then((answer) => (answer[0] === 200 ? answer : undefined), () => undefined); // prettier-ignore
        expect(await eventually(alive)).toEqual([200, 'secret']);
      }
    });

    function exceptions(name: string): string[] {
      return host.events.flatMap((event) => (event.type === 'exception' && event.function === name ? [event.message] : []));
    }
  });
}

/** Status and body, or the code of a problem; or that the body was cut off. */
async function answerOf(url: string): Promise<HostileCase['answer']> {
  const response = await fetch(url, { signal: AbortSignal.timeout(50_000) });
  const text = await response.text().catch((error: unknown) => (error instanceof TypeError ? null : Promise.reject(error as Error)));
  if (text === null) return 'cut off';
  const isProblem = response.headers.get('content-type') === 'application/problem+json';
  return [response.status, isProblem ? (JSON.parse(text) as { code: string }).code : text];
}
