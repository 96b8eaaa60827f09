/** A small document that has a bit of all. */
export function petShop(): Record<string, unknown> {
  const pet = { schema: { $ref: '#/components/schemas/Pet' } };
  return {
    openapi: '3.1.0',
    info: {
      title: 'Pets',
      version: '1',
      description: 'All **pets**.',
      license: { name: 'MIT', url: 'https://opensource.org/license/mit' },
    },
    tags: [{ name: 'Pets', description: 'Those that are here' }],
    paths: {
      '/pets': {
        get: {
          operationId: 'listPets',
          tags: ['Pets'],
          summary: 'All of a kind',
          parameters: [{ $ref: '#/components/parameters/kind' }],
          responses: {
            200: { description: 'They are', content: { 'application/json': { schema: { type: 'array', items: pet.schema } } } },
          },
        },
        post: {
          operationId: 'addPet',
          tags: ['Pets'],
          security: [{ key: [] }],
          requestBody: { required: true, content: { 'application/json': pet } },
          responses: { 201: { description: 'It is here', headers: { location: { schema: { type: 'string' } } } } },
        },
      },
      '/pets/{id}': {
        parameters: [{ name: 'id', in: 'path', required: true, schema: { type: 'integer', examples: [7] } }],
        get: {
          tags: ['Pets'],
          responses: { 200: { description: 'It is', content: { 'application/json': pet } }, 404: { $ref: '#/components/responses/gone' } },
        },
        delete: { deprecated: true, security: [{ token: ['write'] }, {}], responses: { 204: { description: 'It is gone' } } },
      },
    },
    components: {
      parameters: {
        kind: { name: 'kind', in: 'query', required: true, description: 'Of which', schema: { $ref: '#/components/schemas/Kind' } },
      },
      responses: { gone: { description: 'There is none' } },
      schemas: {
        Kind: { type: 'string', enum: ['cat', 'hen'] },
        Pet: {
          type: 'object',
          description: 'One pet',
          required: ['name'],
          properties: {
            id: { type: 'integer', readOnly: true },
            name: { type: 'string', maxLength: 80, examples: ["Kit's cat"] },
            kind: { $ref: '#/components/schemas/Kind' },
            born: { type: 'string', format: 'date', description: 'The day' },
          },
        },
      },
      securitySchemes: { key: { type: 'apiKey', in: 'header', name: 'x-api-key' }, token: { type: 'http', scheme: 'bearer' } },
    },
  };
}

/** One as larger functions have: 60 operations and 30 schemas. */
export function largeDocument(): Record<string, unknown> {
  const names = Array.from({ length: 30 }, (_, index) => `Thing${index}`);
  const schema = (name: string) => ({ $ref: `#/components/schemas/${name}` });
  const content = (name: string) => ({ 'application/json': { schema: schema(name) } });
  const fields = Array.from({ length: 12 }, (_, index) => [
    `field${index}`,
    { type: 'string', description: `What stands in the field ${index}, in a sentence`, maxLength: 100 },
  ]);
  const paths = names.map((name, index) => [
    `/things/${name}/{id}`,
    {
      parameters: [{ name: 'id', in: 'path', required: true, schema: { type: 'string', format: 'uuid' } }],
      get: {
        operationId: `get${name}`,
        tags: [`Group${index % 5}`],
        summary: `One ${name}`,
        responses: { 200: { description: 'It', content: content(name) } },
      },
      put: {
        operationId: `put${name}`,
        tags: [`Group${index % 5}`],
        requestBody: { content: content(name) },
        responses: { 200: { description: 'It', content: content(name) } },
      },
    },
  ]);
  return {
    openapi: '3.1.0',
    info: { title: 'Things', version: '1' },
    paths: Object.fromEntries(paths),
    components: {
      schemas: Object.fromEntries(
        names.map((name, index) => [
          name,
          { type: 'object', properties: { ...Object.fromEntries(fields), next: schema(names[(index + 1) % 30]!) } },
        ]),
      ),
    },
  };
}
