import { describe, expect, it } from 'vitest';
import { Answer } from '../../../host/component/wasi/http/answer.ts';

describe('an answer', () => {
  it('that is there is no promise', () => {
    const answer = new Answer();
    const response = new Response('a');
    answer.resolve(response);
    answer.resolve(new Response('b'));
    answer.reject(new Error('too late'));
    expect(answer.response).toBe(response);
  });

  it('that is yet to come is one promise, for whoever asks', async () => {
    const answer = new Answer();
    const waiting = answer.response;
    expect(waiting).toBeInstanceOf(Promise);
    const response = new Response('a');
    answer.resolve(response);
    expect(await waiting).toBe(response);
    expect(await answer.response).toBe(response);
  });

  it('that failed rejects, before it is asked for and after', async () => {
    const before = new Answer();
    before.reject(new Error('first'));
    before.reject(new Error('second'));
    before.resolve(new Response('a'));
    await expect(before.response).rejects.toThrow('first');
    const after = new Answer();
    const waiting = after.response;
    after.reject(new Error('first'));
    await expect(waiting).rejects.toThrow('first');
  });

  it('that nobody asks for does not end as a rejection that nobody has seen', async () => {
    new Answer().reject(new Error('unseen'));
    await new Promise((resolve) => setTimeout(resolve, 0));
  });
});
