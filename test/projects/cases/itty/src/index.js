import { AutoRouter, error, withParams } from 'itty-router';
import { todos } from './todos';

const stamp = (response) => {
  response.headers.set('x-stamped', 'yes');
};
const router = AutoRouter({ finally: [stamp] });

router
  .get('/todos', ({ query }) => todos.filter(({ done }) => !query.done || String(done) === query.done))
  .get('/todos/:id', withParams, ({ id }) => todos[Number(id)] ?? error(404, 'No such todo'))
  .post('/todos', async (request) => ({ made: await request.json() }))
  // What is an own property of a request is what the router put there, and nothing else.
  .get('/own/:id', (request) => Object.keys(request).sort())
  .get('/throws', () => {
    throw new Error('broken');
  });

export default { ...router };
