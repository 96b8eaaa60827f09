const { app } = require('@azure/functions');

app.timer('sweep', {
  schedule: '0 */15 * * * *',
  handler: (timer, context) => {
    context.log(timer.isPastDue ? 'Sweeping late' : 'Sweeping');
  },
});
