import { textOf, valueOf, type Message } from '../messages.ts';
import { arn } from './environment.ts';
import { isTable } from './http-answer.ts';

/**
 * A message as SNS's notification. One whose body is an object with a string `Message` says its `Subject` and
 * `MessageAttributes` itself, as `Publish` of SNS takes them.
 * https://docs.aws.amazon.com/lambda/latest/dg/with-sns.html
 */
export function snsEvent({ id, timestamp, body }: Message, queue: string): { Records: unknown[] } {
  const value = valueOf(body);
  const said = isTable(value) && typeof value['Message'] === 'string' ? value : { Message: textOf(body) };
  const topic = arn('sns', queue);
  const record = {
    EventSource: 'aws:sns',
    EventVersion: '1.0',
    EventSubscriptionArn: `${topic}:brink`,
    Sns: {
      Type: 'Notification',
      MessageId: id,
      TopicArn: topic,
      Subject: said['Subject'] ?? null,
      Message: said['Message'],
      Timestamp: timestamp.toISOString(),
      // Nobody signs: messages come from this host's queues alone.
      SignatureVersion: '1',
      Signature: '',
      SigningCertUrl: '',
      UnsubscribeUrl: '',
      MessageAttributes: said['MessageAttributes'] ?? {},
    },
  };
  return { Records: [record] };
}
