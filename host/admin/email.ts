import { createRoute, z } from '@hono/zod-openapi';
import { concat } from '../bytes.ts';
import { BrinkError } from '../errors.ts';
import { isMailAddress } from '../mail/address.ts';
import { MailFailure } from '../mail/failure.ts';
import { headerFields } from '../mail/headers.ts';
import { MAX_RECEIVED } from '../bindings/email/limits.ts';
import type { EmailEvent } from '../dispatch/cell.ts';
import type { AdminDeps } from './deps.ts';
import { FunctionParam, json, problems, type AdminApp } from './route.ts';
import { AddressView, EmailView } from './schemas/mail.ts';

export const MAIL_MEDIA_TYPE = 'message/rfc822';

export function addEmail(app: AdminApp, { registry, mailRoute, invokeEmail }: AdminDeps): void {
  app.openapi(runEmail, async (c) => {
    const { fn } = c.req.valid('param');
    const { from, to, reference = null } = c.req.valid('query');
    const event = eventOf(from, to, await readMail(c.req.raw));
    return c.json(await invokeEmail(fn, reference, event), 200);
  });

  app.openapi(receiveEmail, async (c) => {
    const { from, to } = c.req.valid('query');
    const event = eventOf(from, to, await readMail(c.req.raw));
    return c.json(await invokeEmail(await ownerOf(to), null, event), 200);
  });

  app.openapi(listAddresses, async (c) => {
    const addresses = await registry.live.emailAddresses();
    return c.json({ addresses: addresses.toSorted((a, b) => (a.address < b.address ? -1 : 1)) }, 200);
  });

  app.openapi(findAddress, async (c) => {
    const { address } = c.req.valid('param');
    return c.json({ address, function: await ownerOf(address) }, 200);
  });

  async function ownerOf(address: string): Promise<string> {
    const name = isMailAddress(address) ? await mailRoute(address) : null;
    if (name !== null) return name;
    throw new BrinkError(
      'address-not-found',
      `No function takes mail to ${JSON.stringify(address.slice(0, 300))}. One that should names it in email.addresses, and is what its alias live names.`,
      { details: { address: address.slice(0, 300) } },
    );
  }
}

/** @throws {BrinkError} `bad-request` for what is no message with these two */
function eventOf(from: string, to: string, raw: Uint8Array): EmailEvent {
  if (from !== '' && !isMailAddress(from)) throw badAddress('from', from);
  if (!isMailAddress(to)) throw badAddress('to', to);
  try {
    headerFields(raw);
  } catch (error) {
    if (error instanceof MailFailure) throw new BrinkError('bad-request', error.message);
    throw error;
  }
  return { from, to, raw };
}

function badAddress(path: string, address: string): BrinkError {
  return new BrinkError('bad-request', `In the query, at ${path}: ${JSON.stringify(address.slice(0, 300))} is no address.`, {
    details: { in: 'query', path },
  });
}

/** The body, read no further than a message may be long. @throws {BrinkError} `request-too-large`, `bad-request` where it breaks off */
async function readMail(request: Request): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  const reader = request.body?.getReader();
  while (reader !== undefined) {
    const { done, value } = await reader.read().catch((cause: unknown) => {
      throw new BrinkError('bad-request', 'The message broke off before its end. Send it again.', { cause });
    });
    if (done) break;
    size += value.byteLength;
    if (size > MAX_RECEIVED) {
      await reader.cancel().catch(() => {});
      throw new BrinkError('request-too-large', `A message has at most ${MAX_RECEIVED} bytes.`, { details: { limit: MAX_RECEIVED } });
    }
    chunks.push(value);
  }
  return concat(chunks);
}

const Envelope = z.object({
  from: z.string().openapi({ description: "The envelope's sender; empty for a notice of a failure" }),
  to: z.string().openapi({ description: 'The recipient' }),
});
const Message = { required: true, content: { [MAIL_MEDIA_TYPE]: { schema: z.string().openapi({ format: 'binary' }) } } } as const;

const runEmail = createRoute({
  method: 'post',
  path: '/functions/{fn}/email',
  summary: 'Runs the email handler with a message, and waits for it',
  request: {
    params: FunctionParam,
    query: Envelope.extend({
      reference: z.string().optional().openapi({ description: 'An alias, a number or a digest; `live` where absent' }),
    }),
    body: Message,
  },
  responses: { 200: json(EmailView, 'It has run'), ...problems },
});

const receiveEmail = createRoute({
  method: 'post',
  path: '/email',
  summary: 'Hands a message to the function that takes mail of its recipient, and waits for its handler',
  request: { query: Envelope, body: Message },
  responses: { 200: json(EmailView, 'It has run'), ...problems },
});

const listAddresses = createRoute({
  method: 'get',
  path: '/email/addresses',
  summary: 'Whose mail is taken, and by which function',
  responses: {
    200: json(z.object({ addresses: z.array(AddressView) }).openapi('AddressList'), 'In the order of the addresses'),
    ...problems,
  },
});

const findAddress = createRoute({
  method: 'get',
  path: '/email/addresses/{address}',
  summary: 'The function that takes mail of an address',
  request: { params: z.object({ address: z.string() }) },
  responses: { 200: json(AddressView, 'It is there'), ...problems },
});
