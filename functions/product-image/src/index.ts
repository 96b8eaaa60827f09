import type { ExportedHandler, Message } from '../../../sdk/index.ts';
import { inspect, isRefused } from './inspect.ts';
import { productOf, update, type Env, type Product, type Uploaded } from './product.ts';
import { originalOf, publish, refuse } from './variants.ts';

/** Deliveries after which an image is taken to be what ends its cell. */
const MOST_ATTEMPTS = 3;

/** `PUT /NAME` uploads a product's image, `GET /NAME` tells its variants, and `GET /images/…` gives them. */
export default {
  async fetch(request, env, ctx) {
    const { pathname } = new URL(request.url);
    const isRead = request.method === 'GET' || request.method === 'HEAD';
    if (isRead && /^\/images\/[0-9a-f]{16}-\d+\.webp$/.test(pathname)) return image(request, env, pathname.slice(1));
    const [, name] = /^\/([a-z0-9-]{1,64})$/.exec(pathname) ?? [];
    if (name === undefined) return Response.json({ error: 'A product has a name of a-z, 0-9 and -: /tea' }, { status: 404 });
    if (isRead) {
      const product = await productOf(env, name);
      return product ? Response.json(view(product, ctx.brink.url)) : Response.json({ error: `There is no ${name}.` }, { status: 404 });
    }
    if (request.method !== 'PUT') return Response.json({ error: 'Use GET or PUT.' }, { status: 405, headers: { allow: 'GET, HEAD, PUT' } });
    // Who may upload is the matter of the shop around this; how often is this one's.
    const { success } = await env.UPLOADS.limit({ key: ctx.brink.clientAddress ?? 'unknown' });
    if (!success) return Response.json({ error: 'Upload again in a minute.' }, { status: 429, headers: { 'retry-after': '60' } });
    return upload(request, env, { name, url: ctx.brink.url });
  },

  async queue({ messages }, env) {
    for (const message of messages) await handle(message as Message<Uploaded>, env);
  },
} satisfies ExportedHandler<Env>;

async function upload(request: Request, env: Env, { name, url }: { name: string; url: string }): Promise<Response> {
  const bytes = new Uint8Array(await request.arrayBuffer());
  const picture = inspect(bytes);
  if (isRefused(picture)) return Response.json({ error: picture.error }, { status: picture.status });
  const digest = new Uint8Array(await crypto.subtle.digest('SHA-256', bytes));
  const hash = Array.from(digest.subarray(0, 8), (byte) => byte.toString(16).padStart(2, '0')).join('');
  await env.IMAGES.put(originalOf(hash), bytes, { httpMetadata: { contentType: picture.type } });
  const uploaded = (before: Product | null): Product => ({ uploaded: hash, refused: null, published: before?.published ?? null });
  await update(env, name, uploaded);
  await env.UPLOADED.send({ product: name, hash });
  return Response.json({ ...picture, url }, { status: 202, headers: { location: url } });
}

async function handle(message: Message<Uploaded>, env: Env): Promise<void> {
  if (message.attempts > MOST_ATTEMPTS) return refuse(env, message.body, 'It takes more memory or time than there is.');
  try {
    await publish(env, message.body);
    message.ack();
  } catch (error) {
    console.error(`${message.body.product}, delivery ${message.attempts}:`, error);
    message.retry({ delaySeconds: 2 ** message.attempts });
  }
}

async function image(request: Request, { IMAGES }: Env, path: string): Promise<Response> {
  const object = await IMAGES.get(path, { onlyIf: request.headers });
  if (object === null) return new Response('There is no such image.\n', { status: 404 });
  const headers = new Headers({ etag: object.httpEtag, 'x-content-type-options': 'nosniff' });
  object.writeHttpMetadata(headers);
  if (!('body' in object)) return new Response(null, { status: 304, headers });
  if (request.method !== 'HEAD') return new Response(object.body, { headers });
  await object.body.cancel();
  return new Response(null, { headers });
}

function view({ uploaded, refused, published }: Product, url: string): unknown {
  const status = refused !== null ? 'refused' : published?.hash === uploaded ? 'published' : 'waiting';
  const variants = (published?.variants ?? []).map(({ path, ...rest }) => ({ url: new URL(path, url).href, ...rest }));
  return { status, ...(refused !== null && { error: refused }), variants };
}
