const { app } = require('@azure/functions');

app.storageQueue('shipments', {
  queueName: 'shipments',
  connection: 'AzureWebJobsStorage',
  handler: (shipment, context) => {
    context.log(`Parcel ${shipment.number} goes to ${shipment.to}, at try ${context.triggerMetadata.dequeueCount}`);
  },
});
