import { createRoute, z } from '@hono/zod-openapi';
import { BrinkError } from '../errors.ts';
import type { AdminDeps } from './deps.ts';
import { json, problems, type AdminApp } from './route.ts';
import { KeptMailView } from './schemas/mail.ts';

const DEFAULT_LIMIT = 20;

/** The mail that functions have sent, where the host keeps it instead of sending it out. */
export function addMailbox(app: AdminApp, { mailbox }: AdminDeps): void {
  app.openapi(listMail, async (c) => {
    const mails = await mailbox.list(c.req.valid('query').limit);
    return c.json({ mails: mails.map(({ to, ...mail }) => ({ ...mail, to: [...to] })) }, 200);
  });

  app.openapi(getMail, async (c) => {
    const { id } = c.req.valid('param');
    const mail = await mailbox.get(id);
    if (mail === null)
      throw new BrinkError(
        'mail-not-found',
        `The mailbox has no message ${JSON.stringify(id.slice(0, 100))}. \`brink mail list\` shows what it has.`,
      );
    return c.body(new Uint8Array(mail.raw), 200, { 'content-type': 'message/rfc822' });
  });

  app.openapi(purgeMail, async (c) => c.json({ removed: await mailbox.purge() }, 200));
}

const listMail = createRoute({
  method: 'get',
  path: '/mail',
  summary: 'What functions have sent, where the host keeps it',
  request: { query: z.object({ limit: z.coerce.number().int().min(1).max(200).default(DEFAULT_LIMIT) }) },
  responses: { 200: json(z.object({ mails: z.array(KeptMailView) }).openapi('MailList'), 'The newest first'), ...problems },
});

const getMail = createRoute({
  method: 'get',
  path: '/mail/{id}',
  summary: 'A message as it was sent',
  request: { params: z.object({ id: z.string() }) },
  responses: {
    200: { description: 'Its bytes', content: { 'message/rfc822': { schema: z.string().openapi({ format: 'binary' }) } } },
    ...problems,
  },
});

const purgeMail = createRoute({
  method: 'delete',
  path: '/mail',
  summary: 'Removes all messages of the mailbox',
  responses: { 200: json(z.object({ removed: z.number() }).openapi('MailPurged'), 'They are gone'), ...problems },
});
