import { readData } from '../../sdk/cloud-event-http.ts';
import {
  formOf,
  header,
  hexSignature,
  hmacKey,
  jsonOf,
  seconds,
  textOf,
  timeOf,
  typePart,
  type Delivery,
  type Received,
  type Scheme,
} from './scheme.ts';

const MAX_CHALLENGE = 1_024;

/** https://docs.slack.dev/authentication/verifying-requests-from-slack */
export const slack: Scheme = {
  claim(delivery) {
    const value = header(delivery, 'x-slack-signature');
    const timestamp = header(delivery, 'x-slack-request-timestamp');
    return {
      signed: [`v0:${timestamp}:`, delivery.body],
      signatures: value.startsWith('v0=') ? hexSignature('v0', value.slice('v0='.length)) : [],
      timestamp: seconds(timestamp, 'X-Slack-Request-Timestamp'),
    };
  },
  key: (secret) => hmacKey(secret, 'v0'),
  receive(delivery) {
    const form = formOf(delivery);
    if (form !== null) return ofForm(delivery, form);
    const data = jsonOf(delivery.body);
    // https://docs.slack.dev/reference/events/url_verification
    if (data['type'] === 'url_verification') return challenged(data['challenge']);
    const event = data['event'] as { type?: unknown } | null | undefined;
    return {
      id: textOf(data['event_id']) ?? null,
      attributes: {
        type: `com.slack.${typePart(event?.type) ?? typePart(data['type']) ?? 'event'}`,
        time: timeOf(data['event_time']),
        slackteam: textOf(data['team_id']),
      },
      datacontenttype: 'application/json',
      data,
    };
  },
  // A command shows in its channel what it is answered with.
  accepted: () => new Response(null, { status: 200, headers: { 'cache-control': 'no-store' } }),
};

/** Commands are forms; of what people click on the form has JSON in it. */
function ofForm(delivery: Delivery, form: URLSearchParams): Received {
  const payload = form.get('payload');
  if (payload !== null) {
    const data = jsonOf(payload);
    const type = `com.slack.${typePart(data['type']) ?? 'interaction'}`;
    return { id: null, attributes: { type }, datacontenttype: 'application/json', data };
  }
  const datacontenttype = 'application/x-www-form-urlencoded';
  const attributes = { type: 'com.slack.command', subject: textOf(form.get('command')), slackteam: textOf(form.get('team_id')) };
  return { id: null, attributes, datacontenttype, data: readData(datacontenttype, delivery.body) };
}

function challenged(challenge: unknown): Response {
  const text = typeof challenge === 'string' ? challenge.slice(0, MAX_CHALLENGE) : '';
  return new Response(text, { headers: { 'content-type': 'text/plain; charset=utf-8', 'cache-control': 'no-store' } });
}
