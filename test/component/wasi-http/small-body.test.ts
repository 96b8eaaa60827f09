import { describe, expect, it } from 'vitest';
import { smallBody } from '../../../host/component/wasi/http/small-body.ts';

function request(body: string, length: string | null = String(body.length)): Request {
  return new Request('http://a/', { method: 'POST', body, headers: length === null ? {} : { 'content-length': length } });
}

describe('smallBody()', () => {
  it.each(['a', 'x'.repeat(65_536)])('reads one of a known length at once', async (body) => {
    const reader = smallBody(request(body))!;
    expect(new TextDecoder().decode((await reader.read()).value)).toBe(body);
    expect((await reader.read()).value).toBeUndefined();
  });

  it('of no bytes has only an end', async () => {
    expect((await smallBody(request('', '0'))!.read()).value).toBeUndefined();
  });

  it.each([null, '65537', '999999', '1e3', '-1', ''])('leaves one whose length is %j a stream', (length) => {
    expect(smallBody(request('a', length))).toBeNull();
  });

  it('fails as the body does', async () => {
    const broken = new ReadableStream({ pull: (controller) => controller.error(new TypeError('cut off')) });
    const init = { method: 'POST', body: broken, duplex: 'half', headers: { 'content-length': '5' } } as RequestInit;
    await expect(smallBody(new Request('http://a/', init))!.read()).rejects.toThrow('cut off');
  });
});
