import process from 'node:process';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { BrinkError } from '../../../host/errors.ts';
import { openNode } from '../../conformance/harness-node.ts';
import { eventually, freshName, publish, type TestHost } from '../../conformance/harness.ts';

export interface Attack {
  readonly name: string;
  /** Statements of a fetch handler, run for each path but `/alive`; `request`, `env` and `ctx` are there. */
  readonly body?: string;
  /** All of the main module, where a handler's body is not enough. */
  readonly source?: string;
  readonly limits?: Readonly<Record<string, number>>;
  readonly modules?: Readonly<Record<string, string | Uint8Array>>;
  /** What the attacker may hear: codes, or `ok`. */
  readonly hears: readonly string[];
  /** Called after the attack, besides what all of them are held to. */
  readonly after?: (host: TestHost, name: string) => void | Promise<void>;
  /** It may break its own cell for good: then it hears so with each request. */
  readonly mayBreak?: true;
}

/** A neighbour is asked this often while an attack goes on, in ms. */
const ASK = 20;
/** Of its requests, so many have to be answered within `SLOW`: a busy machine is slow by itself. */
const SHARE = 0.5;
const SLOW = 500;
const MB = 2 ** 20;

/** Runs attacks one after the other, each by a function of its own, beside a neighbour that has to be served all the while. */
export function torture(family: string, attacks: readonly Attack[]): void {
  describe(`torture: ${family}`, () => {
    let host: TestHost;
    let neighbour: string;
    beforeAll(async () => {
      host = await openNode();
      neighbour = (await publish(host, 'export default { fetch: () => new Response("served") }', { name: 'neighbour' })).url;
      expect(await (await fetch(neighbour)).text()).toBe('served');
    });
    afterAll(() => host.stop());

    it.each(attacks)('$name', async ({ body = '', source, limits = { deadline_ms: 1_000 }, modules = {}, hears, after, mayBreak }) => {
      const handler = `async fetch(request, env, ctx) { if (new URL(request.url).pathname.endsWith('/alive')) return new Response('alive'); ${body} }`;
      const before = standing(host);
      const served = new Neighbour(neighbour);
      const name = freshName();
      const url = `${host.url}/${name}/`;
      const refused = await publish(host, source ?? `export default { ${handler} }`, { name, manifest: { limits }, modules }).then(
        () => null,
        ({ code }: BrinkError) => code,
      );
      // A start that takes long is no part of the attack.
      if (refused === null && source === undefined) await eventually(async () => ((await aliveAt(url)) ? true : undefined));
      const heard = refused ?? (await fetch(`${url}attack`).then(codeOf, () => 'broken off'));
      await after?.(host, name);
      const { answered, quick, wrong } = await served.end();
      expect(hears, `it heard ${heard}`).toContain(heard);
      expect(wrong).toEqual([]);
      expect(quick, `of ${answered} requests of the neighbour`).toBeGreaterThanOrEqual(Math.floor(answered * SHARE));
      if (mayBreak !== true) await eventually(async () => ((await aliveAt(url)) ? true : undefined));
      if (refused === null) await host.admin.removeFunction(name);
      // What it had is gone: its cells, their threads and handles, and its memory.
      await eventually(() => (cellsOf(host, name) === 0 ? true : undefined));
      await eventually(() => (same(standing(host), before) ? true : undefined));
    });
  });
}

class Neighbour {
  readonly #times: number[] = [];
  readonly #wrong: string[] = [];
  readonly #asking: Promise<void>;
  #going = true;

  constructor(url: string) {
    this.#asking = this.#ask(url);
  }

  async end(): Promise<{ answered: number; quick: number; wrong: readonly string[] }> {
    this.#going = false;
    await this.#asking;
    return { answered: this.#times.length, quick: this.#times.filter((time) => time < SLOW).length, wrong: this.#wrong };
  }

  async #ask(url: string): Promise<void> {
    while (this.#going) {
      const start = performance.now();
      const text = await fetch(url).then((response) => response.text(), String);
      if (text !== 'served') this.#wrong.push(text);
      this.#times.push(performance.now() - start);
      await new Promise((resolve) => setTimeout(resolve, ASK));
    }
  }
}

export async function codeOf(response: Response): Promise<string> {
  const text = await response.text().catch(() => 'broken off');
  if (response.headers.get('content-type') !== 'application/problem+json') return text === 'broken off' ? text : 'ok';
  return (JSON.parse(text) as { code: string }).code;
}

async function aliveAt(url: string): Promise<boolean> {
  return (await fetch(`${url}alive`).then((response) => response.text(), () => '')) === 'alive'; // prettier-ignore
}

interface Standing {
  readonly threads: number;
  readonly timers: number;
  readonly large: boolean;
}

/** Threads of cells by what the process says of its handles, and whether its memory is beyond all measure. */
function standing(host: TestHost): Standing {
  const resources = process.getActiveResourcesInfo();
  return {
    threads: cellsOf(host, null),
    timers: resources.filter((each) => each === 'Timeout' || each === 'MessagePort' || each === 'Worker').length,
    large: process.memoryUsage.rss() > 1_500 * MB,
  };
}

/** What was left over before may be gone now. */
function same(now: Standing, before: Standing): boolean {
  return now.threads <= before.threads && now.timers <= before.timers + 1 && !now.large;
}

/** How many cells of a function, or of all, have started and not ended; here none fails to start. */
function cellsOf(host: TestHost, name: string | null): number {
  let cells = 0;
  for (const event of host.events) {
    if (event.type !== 'cell' || (name !== null && event.function !== name)) continue;
    if (event.change === 'started') cells++;
    else if (event.change === 'stopped' || event.change === 'crashed') cells--;
  }
  return cells;
}
