import { Hono } from 'hono';

const animals = new Map([
  ['cat', { name: 'cat', legs: 4 }],
  ['hen', { name: 'hen', legs: 2 }],
]);

const app = new Hono();

app.get('/', (c) => c.text('Try /animals, or /animals/cat.\n'));

app.get('/animals', (c) => c.json([...animals.values()]));

app.get('/animals/:name', (c) => {
  const animal = animals.get(c.req.param('name'));
  return animal ? c.json(animal) : c.notFound();
});

app.post('/legs', async (c) => {
  const names = await c.req.json<string[]>();
  const legs = names.map((name) => animals.get(name)?.legs ?? 0);
  return c.json({ legs: legs.reduce((sum, each) => sum + each, 0) });
});

app.notFound((c) => c.json({ error: `Nothing is at ${c.req.path}.` }, 404));

export default app;
