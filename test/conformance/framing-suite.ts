import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { GROUPS, type Row } from './framing-rows.ts';
import { publish, type OpenHost, type TestHost } from './harness.ts';
import { exchange, type ExchangeOptions } from './raw-exchange.ts';

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
  if (pathname === '/unread') return new Response('no need');
  if (pathname === '/late') await scheduler.wait(100);
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

    const send = (path: string, headers: string, options: ExchangeOptions = {}) =>
      exchange(host.url, `POST /${name}${path} HTTP/1.1\r\nHost: ${new URL(host.url).host}\r\n${headers}\r\n`, options);

    it('100 comes when the function reads its body, and not where it does not', async () => {
      const expecting = 'Expect: 100-continue\r\nContent-Length: 3\r\n';
      const read = await send('/echo', expecting);
      expect([read.answers.map(({ status }) => status), read.closed]).toEqual([[100], false]);
      const unread = await send('/unread', expecting);
      expect([unread.answers.map(({ status, body }) => [status, body]), unread.closed]).toEqual([[[200, 'no need']], true]);
    });

    it('a client that ends its side still gets its answer', async () => {
      const { answers, closed } = await send('/late', 'Content-Length: 0\r\n', { end: true, silence: 1_000 });
      expect([answers.map(({ status }) => status), closed]).toEqual([[200], true]);
    });

    it('rows of the differences are rows', () => {
      const names = Object.entries(GROUPS).flatMap(([group, rows]) => rows.map(({ name: row }) => `${group}: ${row}`));
      expect(Object.keys(differs).filter((row) => !names.includes(row))).toEqual([]);
      expect(new Set(names).size).toBe(names.length);
    });
  });
}
