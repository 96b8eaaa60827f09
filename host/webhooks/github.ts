import { counted, formOf, header, hexSignature, hmacKey, invalid, jsonOf, textOf, typePart, type Scheme } from './scheme.ts';

/** https://docs.github.com/en/webhooks/using-webhooks/validating-webhook-deliveries */
export const github: Scheme = {
  claim(delivery) {
    const value = header(delivery, 'x-hub-signature-256');
    const signatures = value.startsWith('sha256=') ? hexSignature('sha256', value.slice('sha256='.length)) : [];
    return { signed: [delivery.body], signatures, timestamp: null };
  },
  key: (secret) => hmacKey(secret, 'sha256'),
  /** The attributes are those of https://github.com/cloudevents/spec/blob/main/cloudevents/adapters/github.md */
  receive(delivery) {
    const id = textOf(delivery.headers.get('x-github-delivery'));
    if (id === undefined) throw invalid('it has no X-GitHub-Delivery');
    const event = typePart(delivery.headers.get('x-github-event'));
    if (event === undefined) throw invalid('it has no X-GitHub-Event');
    const data = jsonOf(formOf(delivery)?.get('payload') ?? delivery.body);
    const action = typePart(data['action']);
    return {
      id,
      attributes: {
        type: `com.github.${event}${action === undefined ? '' : `.${action}`}`,
        source: textOf((data['repository'] as { url?: unknown } | null | undefined)?.url),
        githubhookid: textOf(delivery.headers.get('x-github-hook-id')),
      },
      datacontenttype: 'application/json',
      data,
    };
  },
  accepted: counted,
};
