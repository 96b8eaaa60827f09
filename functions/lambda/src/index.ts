import type {
  APIGatewayProxyEventV2,
  APIGatewayProxyStructuredResultV2,
  Context,
  ScheduledEvent,
  SQSBatchResponse,
  SQSEvent,
} from 'aws-lambda';
import { priceOf, type Order } from './price.ts';

type Event = APIGatewayProxyEventV2 | SQSEvent | ScheduledEvent;

/** As AWS Lambda has it: an HTTP API, a queue and a schedule call one handler. */
export async function handler(event: Event, context: Context): Promise<APIGatewayProxyStructuredResultV2 | SQSBatchResponse | undefined> {
  if ('Records' in event) return takeOrders(event);
  if ('detail-type' in event) return report(event);
  return quote(event, context);
}

function quote(event: APIGatewayProxyEventV2, { awsRequestId }: Context): APIGatewayProxyStructuredResultV2 {
  const { method } = event.requestContext.http;
  if (method !== 'POST') return { statusCode: 405, headers: { Allow: 'POST' } };
  const text = event.isBase64Encoded ? atob(event.body ?? '') : (event.body ?? '');
  try {
    const price = priceOf(JSON.parse(text) as Order);
    return { statusCode: 200, headers: { 'Content-Type': 'application/json' }, body: JSON.stringify({ price, quote: awsRequestId }) };
  } catch (error) {
    return { statusCode: 400, body: error instanceof Error ? error.message : 'The order cannot be read.' };
  }
}

function report({ time }: ScheduledEvent): undefined {
  console.log('report for', time);
}

/** Orders that cannot be taken are delivered again, the others of their batch are not. */
function takeOrders({ Records }: SQSEvent): SQSBatchResponse {
  const batchItemFailures = Records.flatMap(({ messageId, body }) => {
    try {
      console.log('took an order of', priceOf(JSON.parse(body) as Order));
      return [];
    } catch {
      return [{ itemIdentifier: messageId }];
    }
  });
  return { batchItemFailures };
}
