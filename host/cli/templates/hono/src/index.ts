import { Hono } from 'hono';

const app = new Hono();

app.get('/', (c) => c.text('Hello from template-name!\n'));
app.get('/greet/:name', (c) => c.json({ greeting: `Hello, ${c.req.param('name')}!` }));

export default app;
