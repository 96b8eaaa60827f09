import { expect, it } from 'vitest';
import { bodyInit } from '../../../host/component/wasi/http/body-init.ts';
import { Fields } from '../../../host/component/wasi/http/fields.ts';

const utf8 = new TextEncoder();

function typed(type: string): Fields {
  const fields = Fields.empty();
  fields.append('content-type', utf8.encode(type));
  return fields;
}

it.each(['hello', 'grüße', '\ufeffwith a mark', 'x'.repeat(1000)])(
  'small text becomes a string that has the same bytes: %s',
  async (text) => {
    const body = bodyInit(utf8.encode(text), typed('text/plain'));
    expect(typeof body).toBe('string');
    expect(new Uint8Array(await new Response(body).arrayBuffer())).toEqual(utf8.encode(text));
  },
);

it('bytes stay bytes where they are no text, have no type of text, or are many', () => {
  const invalid = new Uint8Array([0xff, 0xfe]);
  expect(bodyInit(invalid, typed('text/plain'))).toBe(invalid);
  const bytes = utf8.encode('hello');
  expect(bodyInit(bytes, typed('image/png'))).toBe(bytes);
  expect(bodyInit(bytes, Fields.empty())).toBe(bytes);
  const many = utf8.encode('x'.repeat(20_000));
  expect(bodyInit(many, typed('text/plain'))).toBe(many);
  expect(bodyInit(null, typed('text/plain'))).toBeNull();
});
