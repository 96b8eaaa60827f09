import { Hono } from 'hono';
import { etag } from 'hono/etag';
import { HTTPException } from 'hono/http-exception';
import { decode, jwt, sign } from 'hono/jwt';
import { poweredBy } from 'hono/powered-by';
import { streamSSE } from 'hono/streaming';
import { Page } from './page';

interface Bindings {
  SECRET: string;
  LIMITS: { max: number };
  LIVE: boolean;
}

const app = new Hono<{ Bindings: Bindings }>();

app.use(poweredBy());
app.use('/cached/*', etag());
app.use('/private/*', (c, next) => jwt({ secret: c.env.SECRET, alg: 'HS256' })(c, next));

app.get('/', (c) => c.html(<Page titles={['a', '<b>']} />));
app.get('/vars', (c) => c.json({ max: c.env.LIMITS.max, live: c.env.LIVE }));
app.get('/cached/text', (c) => c.text('the same each time'));
app.get('/token', async (c) => c.text(await sign({ sub: 'ann' }, c.env.SECRET)));
app.get('/private/me', (c) => c.json(decode(c.req.header('authorization')!.slice('Bearer '.length)).payload));
app.post('/form', async (c) => {
  const { name, file } = await c.req.parseBody();
  return c.json({ name, file: file instanceof File ? [file.name, await file.text()] : null });
});
app.get('/events', (c) =>
  streamSSE(c, async (stream) => {
    for (const id of ['1', '2']) await stream.writeSSE({ id, data: `event ${id}` });
  }),
);
app.get('/no-response', () => 'a string' as unknown as Response);
app.onError((error, c) => (error instanceof HTTPException ? error.getResponse() : c.text(`caught ${error.name}`, 500)));

export default app;
