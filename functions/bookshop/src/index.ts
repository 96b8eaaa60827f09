import { createRoute, OpenAPIHono, z } from '@hono/zod-openapi';

const Book = z
  .object({ isbn: z.string().openapi({ example: '9780141439518' }), title: z.string(), pages: z.int().min(1).optional() })
  .openapi('Book');
const Problem = z.object({ error: z.string() }).openapi('Problem');

const books = new Map<string, z.infer<typeof Book>>([
  ['9780141439518', { isbn: '9780141439518', title: 'Pride and Prejudice', pages: 480 }],
  ['9780141439600', { isbn: '9780141439600', title: 'A Tale of Two Cities' }],
]);

const json = <Schema extends z.ZodType>(schema: Schema, description: string) => ({
  description,
  content: { 'application/json': { schema } },
});

const listBooks = createRoute({
  operationId: 'listBooks',
  method: 'get',
  path: '/books',
  tags: ['Books'],
  summary: 'Every book',
  request: { query: z.object({ title: z.string().optional().openapi({ description: 'A part of the title' }) }) },
  responses: { 200: json(z.array(Book), 'In no order') },
});

const getBook = createRoute({
  operationId: 'getBook',
  method: 'get',
  path: '/books/{isbn}',
  tags: ['Books'],
  summary: 'One book',
  request: { params: z.object({ isbn: z.string() }) },
  responses: { 200: json(Book, 'The book'), 404: json(Problem, 'It is not here') },
});

const addBook = createRoute({
  operationId: 'addBook',
  method: 'post',
  path: '/books',
  tags: ['Books'],
  summary: 'Adds a book',
  request: { body: { required: true, content: { 'application/json': { schema: Book } } } },
  responses: { 201: json(Book, 'It is here now'), 400: json(Problem, 'It is no book') },
});

const app = new OpenAPIHono({
  defaultHook: (result, c) => (result.success ? undefined : c.json({ error: result.error.issues[0]!.message }, 400)),
});

app.openapi(listBooks, (c) => {
  const { title = '' } = c.req.valid('query');
  return c.json(
    [...books.values()].filter((book) => book.title.includes(title)),
    200,
  );
});

app.openapi(getBook, (c) => {
  const book = books.get(c.req.valid('param').isbn);
  return book ? c.json(book, 200) : c.json({ error: 'No such book is here.' }, 404);
});

app.openapi(addBook, (c) => {
  const book = c.req.valid('json');
  books.set(book.isbn, book);
  return c.json(book, 201);
});

app.doc31('/openapi.json', { openapi: '3.1.0', info: { title: 'Bookshop', version: '1.0.0', description: 'Books, and what is in them.' } });

export default app;
