import { describe, expect, it } from 'vitest';
import { guestBody } from '../../../host/component/brink/queues/body.ts';
import { queues } from '../../../host/component/brink/queues/queues.ts';
import { bytes, fakeWorld, functionsOf } from '../wasi/fake-world.ts';
import { fakeQueue, fakeSchedules } from './bindings.ts';

function opened(queue: object = fakeQueue()) {
  const functions = functionsOf(queues, { world: fakeWorld({ env: { OUT: queue } }) });
  return { functions, queue: (functions['open']!('OUT') as { val: unknown }).val };
}

const message = (text: string, type = 'text', delay?: number) => ({ body: bytes(text), 'content-type': type, 'delay-seconds': delay });

describe('brink:queues/queues', () => {
  it('opens what is a queue among the bindings, and nothing else', () => {
    const { open } = functionsOf(queues, { world: fakeWorld({ env: { OUT: fakeQueue(), S: fakeSchedules() } }) });
    expect(open!('OUT')).toMatchObject({ tag: 'ok' });
    expect(open!('S')).toEqual({ tag: 'err', val: { tag: 'access-denied', val: 'The function\'s binding "S" is no queue.' } });
    expect(open!('IN')).toEqual({ tag: 'err', val: { tag: 'access-denied', val: 'The function\'s manifest names no binding "IN".' } });
  });

  it('sends bytes, text and JSON as what they are', async () => {
    const fake = fakeQueue();
    const { functions, queue } = opened(fake);
    for (const each of [message('\u00ff', 'bytes'), message('ü'), message('{"a":[1]}', 'json', 9)])
      expect(await functions['[method]queue.send']!(queue, each)).toEqual({ tag: 'ok', val: undefined });
    expect(fake.sent).toEqual([
      ['send', bytes('\u00ff'), { contentType: 'bytes' }],
      ['send', 'ü', { contentType: 'text' }],
      ['send', { a: [1] }, { contentType: 'json', delaySeconds: 9 }],
    ]);
  });

  it('sends a batch in one call', async () => {
    const fake = fakeQueue();
    const { functions, queue } = opened(fake);
    await functions['[method]queue.send-batch']!(queue, [message('a'), message('b', 'text', 3)], undefined);
    await functions['[method]queue.send-batch']!(queue, [message('c')], 60);
    expect(fake.sent).toEqual([
      [
        'sendBatch',
        [
          { body: 'a', contentType: 'text' },
          { body: 'b', contentType: 'text', delaySeconds: 3 },
        ],
        {},
      ],
      ['sendBatch', [{ body: 'c', contentType: 'text' }], { delaySeconds: 60 }],
    ]);
  });

  it('sends nothing of a body that is not what its type says', async () => {
    const fake = fakeQueue();
    const { functions, queue } = opened(fake);
    const invalid = { tag: 'err', val: { tag: 'invalid' } };
    expect(await functions['[method]queue.send']!(queue, { ...message(''), body: new Uint8Array([0xff]) })).toMatchObject(invalid);
    expect(await functions['[method]queue.send']!(queue, message('{', 'json'))).toMatchObject(invalid);
    expect(await functions['[method]queue.send-batch']!(queue, [message('a'), message('{', 'json')], undefined)).toMatchObject(invalid);
    expect(fake.sent).toEqual([]);
  });

  it('an error of the queue is the guest’s to handle', async () => {
    const { functions, queue } = opened({ ...fakeQueue(), send: () => Promise.reject(new Error('full')) });
    expect(await functions['[method]queue.send']!(queue, message('a'))).toEqual({ tag: 'err', val: { tag: 'other', val: 'full' } });
  });
});

describe('guestBody()', () => {
  const buffer = new Uint8Array([0, 1, 2, 3]).buffer;
  it.each([
    ['text', 'ü', bytes('ü')],
    ['bytes', buffer, new Uint8Array(buffer)],
    ['bytes', new Uint8Array(buffer, 1, 2), new Uint8Array([1, 2])],
    ['bytes', new DataView(buffer, 3), new Uint8Array([3])],
    ['json', { a: 1 }, bytes('{"a":1}')],
    ['json', null, bytes('null')],
    ['json', 1.5, bytes('1.5')],
  ])('%s of %j', (type, body, expected) => {
    expect(guestBody(body)).toEqual({ type, bytes: expected });
  });

  it('gives a copy, whatever the guest does to it', () => {
    const given = new Uint8Array(buffer);
    guestBody(given).bytes.fill(9);
    expect([...given]).toEqual([0, 1, 2, 3]);
  });

  it.each([undefined, () => 1, Symbol('a'), 1n])('refuses %s', (body) => {
    expect(() => guestBody(body)).toThrow(TypeError);
  });
});
