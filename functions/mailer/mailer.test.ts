import { afterAll, beforeAll, expect, it } from 'vitest';
import { eventually } from '../../test/conformance/harness.ts';
import { openExample, type OpenedExample } from '../../test/functions/open.ts';

let mailer: OpenedExample;
beforeAll(async () => {
  mailer = await openExample('mailer');
});
afterAll(() => mailer.stop());

const post = (to: string) => fetch(mailer.at, { method: 'POST', body: JSON.stringify({ to, subject: 'Hello' }) });

it('sends what it took, and what it cannot send is a dead letter', async () => {
  expect((await post('ada@example.com')).status).toBe(202);
  expect((await post('nobody')).status).toBe(202);
  const sent = await eventually(async () => {
    const names = (await (await fetch(mailer.at)).json()) as string[];
    return names.length > 0 ? names : undefined;
  });
  expect(sent).toEqual([expect.stringMatching(/^ada@example\.com\/[0-9a-f]{32}$/)]);
  const [letter] = await eventually(async () => {
    const letters = await mailer.admin.peekQueue('mails-dead');
    return letters.length > 0 ? letters : undefined;
  });
  expect(letter).toMatchObject({ body: '{"to":"nobody","subject":"Hello"}', origin: 'mails' });
});
