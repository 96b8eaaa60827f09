import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { GROUPS, type Row } from './framing-rows.ts';
import { publish, type OpenHost, type TestHost } from './harness.ts';
import { exchange } from './raw-exchange.ts';

/** What a runtime's own parser makes of a row, where that is something else. */
export interface Differs {
  readonly status: Row['status'];
  readonly closes: boolean;
  /** That what follows the request is read as one, as the row's client may have meant it. */
  readonly second?: true;
}

/** Keeps what it is asked for, and gives back what it is sent. */
const WITNESS = `const seen = []; export default { async fetch(request) {
  const { pathname } = new URL(request.url);
  if (pathname === '/seen') return Response.json(seen.splice(0));
  seen.push(pathname);
  return new Response(await request.text());
} }`;

/** Raw bytes at the door: each row has its status, the connection ends or stays, and what follows a refused request is none. */
export function framingSuite(platform: string, open: OpenHost, differs: Readonly<Record<string, Differs>> = {}): void {
  describe(`framing of requests on ${platform}`, () => {
    let host: TestHost;
    let url: string;
    let name: string;
    beforeAll(async () => {
      host = await open();
      ({ url, name } = await publish(host, WITNESS));
      await fetch(url);
    });
    afterAll(() => host.stop());

    for (const [group, rows] of Object.entries(GROUPS)) {
      describe(group, () => {
        it.each(rows)('$name', async (row) => {
          const { status, closes, second } = { second: undefined, ...row, ...differs[`${group}: ${row.name}`] };
          await (await fetch(`${url}seen`)).json();
          const bytes = row.bytes.replaceAll('{host}', new URL(host.url).host).replaceAll('{fn}', name);
          const { answers, closed, rest } = await exchange(host.url, bytes);
          expect(answers.map((answer, index) => ([status[index]].flat().includes(answer.status) ? status[index] : answer.status))).toEqual(
            status,
          );
          expect(closed).toBe(closes);
          expect(rest).toBe('');
          if (row.body !== undefined) expect(answers[0]!.body).toBe(row.body);
          const seen = (await (await fetch(`${url}seen`)).json()) as string[];
          if (second === undefined) expect(seen).not.toContain('/smuggled');
        });
      });
    }

    it('rows of the differences are rows', () => {
      const names = Object.entries(GROUPS).flatMap(([group, rows]) => rows.map(({ name: row }) => `${group}: ${row}`));
      expect(Object.keys(differs).filter((row) => !names.includes(row))).toEqual([]);
      expect(new Set(names).size).toBe(names.length);
    });
  });
}
