import { serve } from '@hono/node-server';
import { Hono } from 'hono';

/** The bare server that everything is compared with. */
const app = new Hono();
app.get('/', (c) => c.text('hello'));
app.post('/', async (c) => c.body(await c.req.arrayBuffer()));
serve({ fetch: app.fetch, hostname: '127.0.0.1', port: 0 }, ({ port }) => process.send!({ port }));
