'use strict';

const { env } = require('cloudflare:workers');

/**
 * `notify-email` in the form that AWS Lambda began with: one function for what comes, which says by a callback that it is done.
 * An error has the queue deliver the message again, and at last makes it a dead letter.
 */
exports.handler = function (event, context, callback) {
  const [record] = event.Records;
  const notice = JSON.parse(record.body);
  const mail = {
    from: process.env.FROM,
    to: process.env.TO,
    subject: `Notice: ${notice.about}`,
    text: notice.text,
    headers: { 'X-Notice-Id': record.messageId },
  };
  env.EMAIL.send(mail).then(
    () => callback(null, `sent by ${context.functionName}`),
    (error) => callback(error),
  );
};
