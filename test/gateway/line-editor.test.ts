import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { withHeaders } from '../../host/gateway/response.ts';
import '../../host/platforms/node/light-messages.ts';
import { LightResponse } from '../../host/platforms/node/light-response.ts';
import { LineEditor } from '../../host/gateway/line-editor.ts';

const name = fc.constantFrom('a', 'B', 'vary', 'Vary', 'x-long-name');
const value = fc.constantFrom('1', 'two', '', 'a, b');
const edit = fc.oneof(
  fc.tuple(fc.constant('set' as const), name, value),
  fc.tuple(fc.constant('append' as const), name, value),
  fc.tuple(fc.constant('delete' as const), name),
);

describe('LineEditor', () => {
  it('does what Headers does', () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(name, value)), fc.array(edit), (given, edits) => {
        const lines = given.flat();
        const editor = new LineEditor(lines);
        const headers = new Headers(given);
        for (const [what, at, text] of edits) {
          if (what === 'delete') {
            editor.delete(at);
            headers.delete(at);
          } else {
            editor[what](at, text);
            headers[what](at, text);
          }
        }
        for (const each of ['a', 'b', 'vary', 'x-long-name']) {
          expect(editor.get(each)).toBe(headers.get(each));
          expect(editor.has(each)).toBe(headers.has(each));
        }
      }),
    );
  });
});

describe('withHeaders() of a LightResponse', () => {
  const made = (lines: string[]) => LightResponse.of(200, lines, 'body', { statusText: '' });

  it('changes its lines, and no one else who has them', () => {
    const lines = ['x-own', '1'];
    const response = made(lines);
    withHeaders(response as unknown as Response, (headers) => headers.set('x-own', '2'));
    expect([LightResponse.lines(response), lines]).toEqual([
      ['x-own', '2'],
      ['x-own', '1'],
    ]);
    expect(LightResponse.given(response)).toBe('body');
  });

  it('goes by its Headers, where there are some', () => {
    const response = made(['x-own', '1']);
    response.headers.append('x-more', '2');
    expect(LightResponse.editor(response)).toBeNull();
    withHeaders(response as unknown as Response, (headers) => headers.delete('x-own'));
    expect(LightResponse.lines(response)).toEqual(['x-more', '2']);
  });
});
