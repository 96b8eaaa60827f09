import { describe, expect, it } from 'vitest';
import {
  messagingMessage,
  messagingTypes,
  producer,
  requestReply,
  type MessagingMessage,
} from '../../../host/component/brink/queues/messaging.ts';
import { bytes, fakeWorld, functionsOf } from '../wasi/fake-world.ts';
import { fakeQueue, fakeSchedules } from './bindings.ts';

const types = functionsOf(messagingTypes, { world: fakeWorld({ env: {} }) });

function made(text: string, contentType?: string): MessagingMessage {
  const message = types['[constructor]message']!(bytes(text)) as MessagingMessage;
  if (contentType !== undefined) types['[method]message.set-content-type']!(message, contentType);
  return message;
}

function opened(queue: object = fakeQueue()) {
  const { send } = functionsOf(producer, { world: fakeWorld({ env: { OUT: queue, S: fakeSchedules() } }) });
  return (topic: string, message: MessagingMessage) => send!({}, topic, message);
}

describe('wasi:messaging', () => {
  it('a message is what was made of it', () => {
    const call = (name: string, ...args: unknown[]) => types[`[method]message.${name}`]!(message, ...args);
    const message = made('a');
    expect([call('topic'), call('content-type'), call('metadata'), call('data')]).toEqual([undefined, undefined, undefined, bytes('a')]);
    call('set-content-type', 'text/x');
    call('set-data', bytes('b'));
    call('set-metadata', [
      ['k', '1'],
      ['l', '2'],
    ]);
    call('add-metadata', 'k', '3');
    expect([call('content-type'), call('data'), call('metadata')]).toEqual([
      'text/x',
      bytes('b'),
      [
        ['l', '2'],
        ['k', '3'],
      ],
    ]);
    for (const key of ['l', 'k', 'none']) call('remove-metadata', key);
    expect(call('metadata')).toBeUndefined();
  });

  it('one that came says from where, and what it is', () => {
    const came = (body: unknown) => messagingMessage({ id: 'x', body } as never, 'orders');
    expect(came('ü')).toMatchObject({ topic: 'orders', contentType: 'text/plain;charset=utf-8', data: bytes('ü') });
    expect(came({ a: 1 })).toMatchObject({ contentType: 'application/json', data: bytes('{"a":1}') });
    expect(came(new Uint8Array([7]))).toMatchObject({ contentType: undefined, data: new Uint8Array([7]) });
    expect(() => came(undefined)).toThrow('The message x cannot be given to a component: A undefined is neither bytes, text nor JSON.');
  });

  it('sends to the queue that the topic names, as what the content type says', async () => {
    const fake = fakeQueue();
    const send = opened(fake);
    for (const message of [made('\u00ff'), made('ü', 'Text/Plain; charset=utf-8'), made('{"a":1}', 'application/json'), made('{', 'x/y')])
      expect(await send('OUT', message)).toEqual({ tag: 'ok', val: undefined });
    expect(fake.sent).toEqual([
      ['send', bytes('\u00ff'), { contentType: 'bytes' }],
      ['send', 'ü', { contentType: 'text' }],
      ['send', { a: 1 }, { contentType: 'json' }],
      ['send', bytes('{'), { contentType: 'bytes' }],
    ]);
  });

  it('what cannot be sent is an error', async () => {
    const fake = fakeQueue();
    const send = opened(fake);
    const denied = (val: string) => ({ tag: 'err', val: { tag: 'permission-denied', val } });
    expect(await send('IN', made('a'))).toEqual(denied('The function\'s manifest names no binding "IN".'));
    expect(await send('S', made('a'))).toEqual(denied('The function\'s binding "S" is no queue.'));
    const other = { tag: 'err', val: { tag: 'other' } };
    expect(await send('OUT', made('{', 'application/json'))).toMatchObject(other);
    const noted = made('a');
    types['[method]message.add-metadata']!(noted, 'k', 'v');
    expect(await send('OUT', noted)).toEqual({
      tag: 'err',
      val: { tag: 'other', val: 'Queues keep no metadata, and the message has 1.' },
    });
    expect(fake.sent).toEqual([]);
    const full = opened({ ...fakeQueue(), send: () => Promise.reject(new Error('full')) });
    expect(await full('OUT', made('a'))).toEqual({ tag: 'err', val: { tag: 'connection', val: 'full' } });
  });

  it('has no replies', () => {
    const functions = functionsOf(requestReply, { world: fakeWorld({ env: {} }) });
    const none = { tag: 'err', val: { tag: 'other', val: 'Queues have no replies: send to another queue, and consume that.' } };
    expect([functions['request']!(), functions['reply']!()]).toEqual([none, none]);
  });
});
