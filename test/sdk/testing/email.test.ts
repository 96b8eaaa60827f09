import { expect, it } from 'vitest';
import { createTestEnv } from '../../../sdk/testing/index.ts';
import notify from '../../../functions/notify-email/src/index.ts';

const MAIL = { from: 'ada@example.org', to: 'alerts@example.com', raw: 'Subject: Disk full\n\nNow' };

it('a function gets mail, and what it sends is there to look at', async () => {
  const config = new URL('../../../functions/notify-email/brink.toml', import.meta.url);
  await using test = await createTestEnv({ config, handler: notify });
  expect(await test.email(MAIL)).toEqual({ rejected: null });
  await test.clock.advance('1s');
  expect(await test.mails()).toMatchObject([{ from: 'notices@example.com', to: ['team@example.com'], subject: 'Notice: Disk full' }]);
});

it('rejects, forwards and answers as in a host', async () => {
  const handler = {
    async email(message: { to: string; setReject(reason: string): void; forward(to: string): Promise<void> }) {
      await message.forward('team@example.com');
      message.setReject(message.to);
    },
  };
  await using test = await createTestEnv({ handler });
  expect(await test.email({ ...MAIL, from: '' })).toEqual({ rejected: 'alerts@example.com' });
  expect(await test.mails()).toEqual([{ from: '', to: ['team@example.com'], subject: 'Disk full', raw: 'Subject: Disk full\r\n\r\nNow' }]);
  await expect(test.email({ ...MAIL, raw: 'X: y\n'.repeat(1_001) })).rejects.toMatchObject({ code: 'E_VALIDATION_ERROR' });
});
