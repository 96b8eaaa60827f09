import {
  counted,
  header,
  hexSignature,
  hmacKey,
  invalid,
  jsonOf,
  seconds,
  textOf,
  timeOf,
  typePart,
  unsigned,
  type Scheme,
} from './scheme.ts';

/** https://docs.stripe.com/webhooks#verify-manually */
export const stripe: Scheme = {
  claim(delivery) {
    const pairs = header(delivery, 'stripe-signature').split(',').map(pairOf);
    const timestamp = pairs.find(([name]) => name === 't')?.[1];
    if (timestamp === undefined) throw unsigned('Its Stripe-Signature has no time.');
    return {
      signed: [`${timestamp}.`, delivery.body],
      signatures: pairs.flatMap(([name, value]) => (name === 'v1' ? hexSignature('v1', value) : [])),
      timestamp: seconds(timestamp, 'Stripe-Signature'),
    };
  },
  key: (secret) => hmacKey(secret, 'v1'),
  receive(delivery) {
    const data = jsonOf(delivery.body);
    const [id, type] = [textOf(data['id']), typePart(data['type'])];
    if (id === undefined || type === undefined) throw invalid('it is no event of Stripe, which has an id and a type');
    return {
      id,
      attributes: { type: `com.stripe.${type}`, time: timeOf(data['created']), stripeaccount: textOf(data['account']) },
      datacontenttype: 'application/json',
      data,
    };
  },
  accepted: counted,
};

function pairOf(pair: string): [string, string] {
  const equals = pair.indexOf('=');
  return equals === -1 ? ['', ''] : [pair.slice(0, equals).trim(), pair.slice(equals + 1).trim()];
}
