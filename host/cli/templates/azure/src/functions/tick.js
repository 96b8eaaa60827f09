import { app } from '@azure/functions';

app.timer('tick', {
  schedule: '0 */5 * * * *',
  handler: (timer, context) => {
    context.log(timer.isPastDue ? 'Ticking late' : 'Ticking');
  },
});
