import { app } from '@azure/functions';

app.http('hello', {
  methods: ['GET', 'POST'],
  authLevel: 'anonymous',
  handler: async (request, context) => {
    const name = request.query.get('name') ?? ((await request.text()) || 'World');
    context.log(`Greeting ${name}`);
    return { body: `Hello, ${name}!\n` };
  },
});
