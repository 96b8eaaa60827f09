const { app, output } = require('@azure/functions');

const shipments = output.storageQueue({ queueName: 'shipments', connection: 'AzureWebJobsStorage' });

app.http('parcels', {
  methods: ['GET', 'POST'],
  authLevel: 'anonymous',
  route: 'parcels/{number:int}',
  extraOutputs: [shipments],
  handler: async (request, context) => {
    const number = Number(request.params.number);
    context.log(`Parcel ${number} was asked for by "${request.method}"`);
    if (request.method === 'GET') return { jsonBody: { number, state: 'unknown' } };
    const { to } = await request.json();
    if (typeof to !== 'string') return { status: 400, body: 'Say where to: { "to": "…" }' };
    context.extraOutputs.set(shipments, { number, to });
    return { status: 202, headers: { Location: `/api/parcels/${number}` } };
  },
});
