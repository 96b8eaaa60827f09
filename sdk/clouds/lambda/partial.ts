import { InvalidAnswer } from '../invalid-answer.ts';
import type { Message } from '../messages.ts';
import { isTable } from './http-answer.ts';

/**
 * `batchItemFailures` of a handler's result: those messages are retried, the others are done. A list that is empty or null
 * is a success; an identifier that is empty or names no message of the batch fails all of it.
 * https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-errorhandling.html#services-sqs-batchfailurereporting
 *
 * @param messages by the identifiers that the handler was given
 * @throws {InvalidAnswer} where the whole batch has failed
 */
export function settlePartly(result: unknown, messages: ReadonlyMap<string, Message>): void {
  const failed = failuresOf(result, messages);
  for (const [id, message] of messages) {
    if (failed.has(id)) message.retry();
    else message.ack();
  }
}

/**
 * The same of a stream, whose order is kept: from the first failure on all are retried.
 * https://docs.aws.amazon.com/lambda/latest/dg/services-ddb-batchfailurereporting.html
 */
export function settleInOrder(result: unknown, messages: ReadonlyMap<string, Message>): void {
  const failed = failuresOf(result, messages);
  let stopped = false;
  for (const [id, message] of messages) {
    stopped ||= failed.has(id);
    if (stopped) message.retry();
    else message.ack();
  }
}

function failuresOf(result: unknown, messages: ReadonlyMap<string, Message>): ReadonlySet<string> {
  const failed = new Set<string>();
  if (!isTable(result)) return failed;
  const { batchItemFailures: failures } = result;
  if (failures === undefined || failures === null) return failed;
  if (!Array.isArray(failures)) throw invalid('is no list');
  for (const failure of failures as unknown[]) {
    const id = isTable(failure) ? failure['itemIdentifier'] : undefined;
    if (typeof id !== 'string' || id === '') throw invalid('has an entry without itemIdentifier');
    if (!messages.has(id)) throw invalid(`names ${JSON.stringify(id)}, which is not in the batch`);
    failed.add(id);
  }
  return failed;
}

function invalid(what: string): InvalidAnswer {
  return new InvalidAnswer(`batchItemFailures ${what}, so the whole batch is delivered again, as on AWS.`);
}
