import { serve } from '@hono/node-server';
import { Hono } from 'hono';

/** The bare server that everything is compared with. */
const app = new Hono();
app.get('/', (c) => c.text('hello'));
app.post('/', async (c) => c.body(await c.req.arrayBuffer()));
// What functions/shipping says, without a look at what it is asked but for its syntax.
const HEAVIEST = { home: 31_500, union: 31_500, abroad: 20_000 };
app.post('/quotes/heaviest', async (c) => c.json(HEAVIEST[(await c.req.json<{ to: keyof typeof HEAVIEST }>()).to]));
serve({ fetch: app.fetch, hostname: '127.0.0.1', port: 0 }, ({ port }) => process.send!({ port }));
