import { describe, expect, it } from 'vitest';
import { bytes, FakeStream, valueOf } from '../wasi/fake-world.ts';
import { collect, FakeFuture, fieldsOf, http, newRequest, newResponse, noTrailers, OK } from './guest.ts';

const ERR = { tag: 'err', val: undefined };
const IMMUTABLE = { tag: 'err', val: { tag: 'immutable' } };

describe('fields', () => {
  it('are set, appended, got and deleted', () => {
    const fields = http['[constructor]fields']!();
    const get = () => (http['[method]fields.get']!(fields, 'FOO') as Uint8Array[]).map((value) => new TextDecoder().decode(value));
    expect(http['[method]fields.append']!(fields, 'foo', bytes('1'))).toEqual(OK);
    expect(http['[method]fields.append']!(fields, 'foo', bytes('2'))).toEqual(OK);
    expect(get()).toEqual(['1', '2']);
    expect(http['[method]fields.set']!(fields, 'foo', [bytes('3')])).toEqual(OK);
    expect(http['[method]fields.get-and-delete']!(fields, 'foo')).toEqual({ tag: 'ok', val: [bytes('3')] });
    expect(http['[method]fields.has']!(fields, 'foo')).toBe(false);
    expect(http['[method]fields.delete']!(fields, 'foo')).toEqual(OK);
    expect(http['[method]fields.copy-all']!(fields)).toEqual([]);
  });

  it('a clone is changed alone', () => {
    const fields = fieldsOf({ a: '1' });
    const clone = http['[method]fields.clone']!(fields);
    http['[method]fields.delete']!(clone, 'a');
    expect(http['[method]fields.has']!(fields, 'a')).toBe(true);
  });

  it.each([
    ['', 'x', 'invalid-syntax'],
    ['voilà', 'x', 'invalid-syntax'],
    ['foo', 'a\nb', 'invalid-syntax'],
    ['Connection', 'x', 'forbidden'],
    ['transfer-encoding', 'chunked', 'forbidden'],
  ])('refuse %j: %j', (name, value, tag) => {
    const refused = { tag: 'err', val: { tag } };
    expect(http['[static]fields.from-list']!([[name, bytes(value)]])).toEqual(refused);
    expect(http['[method]fields.append']!(fieldsOf(), name, bytes(value))).toEqual(refused);
  });
});

describe('request', () => {
  it('begins with what the specification says', () => {
    const [request] = http['[static]request.new']!(fieldsOf(), undefined, noTrailers(), undefined) as [object];
    const got = ['method', 'path-with-query', 'scheme', 'authority', 'options'].map((name) =>
      http[`[method]request.get-${name}`]!(request),
    );
    expect(got).toEqual([{ tag: 'get' }, undefined, undefined, undefined, undefined]);
  });

  it('knows its methods and schemes by their names', () => {
    const { request } = newRequest({});
    for (const name of ['GET', 'DELETE', 'PATCH', 'CONNECT']) {
      expect(http['[method]request.set-method']!(request, { tag: 'other', val: name })).toEqual(OK);
      expect(http['[method]request.get-method']!(request)).toEqual({ tag: name.toLowerCase() });
    }
    expect(http['[method]request.set-method']!(request, { tag: 'other', val: 'coucou' })).toEqual(OK);
    for (const val of ['', 'a b', 'é']) expect(http['[method]request.set-method']!(request, { tag: 'other', val })).toEqual(ERR);
    expect(http['[method]request.get-method']!(request)).toEqual({ tag: 'other', val: 'coucou' });
    expect(http['[method]request.set-scheme']!(request, { tag: 'other', val: 'https' })).toEqual(OK);
    expect(http['[method]request.get-scheme']!(request)).toEqual({ tag: 'HTTPS' });
    expect(http['[method]request.set-scheme']!(request, { tag: 'other', val: '1' })).toEqual(ERR);
    expect(http['[method]request.set-scheme']!(request, undefined)).toEqual(OK);
    expect(http['[method]request.get-scheme']!(request)).toBeUndefined();
  });

  it.each(['/', '/a/../../b', '/?foo', 'a/b', '../..', '?foo', '/é'])('takes the path %j', (path) => {
    const { request } = newRequest({});
    expect(http['[method]request.set-path-with-query']!(request, path)).toEqual(OK);
    expect(http['[method]request.get-path-with-query']!(request)).toBe(path);
  });

  it('an empty path is a slash, and none is none', () => {
    const { request } = newRequest({});
    http['[method]request.set-path-with-query']!(request, '');
    expect(http['[method]request.get-path-with-query']!(request)).toBe('/');
    http['[method]request.set-path-with-query']!(request, undefined);
    expect(http['[method]request.get-path-with-query']!(request)).toBeUndefined();
  });

  it.each(['/a b', '/\n', '/\0'])('refuses the path %j', (path) => {
    expect(http['[method]request.set-path-with-query']!(newRequest({}).request, path)).toEqual(ERR);
  });

  it.each(['1.2.3.4:80', 'localhost', 'user@example.com', 'user:pass%20@localhost:80'])('takes the authority %j', (authority) => {
    expect(http['[method]request.set-authority']!(newRequest({}).request, authority)).toEqual(OK);
  });

  it.each(['::', ':@', '@@', '@:', ' ', '', '#', 'localhost:what', '['])('refuses the authority %j', (authority) => {
    expect(http['[method]request.set-authority']!(newRequest({}).request, authority)).toEqual(ERR);
  });

  it('has headers and options that no longer change', () => {
    const options = http['[constructor]request-options']!();
    http['[method]request-options.set-connect-timeout']!(options, 5n);
    const [request] = http['[static]request.new']!(fieldsOf({ a: '1' }), undefined, noTrailers(), options) as [object];
    const own = http['[method]request.get-options']!(request);
    expect(http['[method]request-options.get-connect-timeout']!(own)).toBe(5n);
    expect(http['[method]request-options.set-connect-timeout']!(own, 6n)).toEqual(IMMUTABLE);
    expect(http['[method]fields.set']!(http['[method]request.get-headers']!(request), 'a', [])).toEqual(IMMUTABLE);
    const clone = http['[method]request-options.clone']!(own);
    expect(http['[method]request-options.set-connect-timeout']!(clone, undefined)).toEqual(OK);
    expect(http['[method]request-options.get-connect-timeout']!(clone)).toBeUndefined();
  });

  it('that the guest made gives back its own body and trailers, and passes on how it was read', async () => {
    const trailers = noTrailers();
    const { request, sent } = newRequest({ contents: new FakeStream('body', null), trailers });
    const outcome = new FakeFuture();
    const [stream, future] = http['[static]request.consume-body']!(request, outcome) as [unknown, unknown];
    expect(await collect(stream)).toBe('body');
    expect(future).toBe(trailers);
    expect(sent()).toBe('pending');
    outcome.resolve({ tag: 'err', val: { tag: 'loop-detected' } });
    expect(sent()).toEqual({ tag: 'err', val: { tag: 'loop-detected' } });
  });

  it('that is dropped was not sent, and its body is not wanted', () => {
    const contents = new FakeStream();
    const trailers = new FakeFuture();
    const { request, sent } = newRequest({ contents, trailers });
    request[Symbol.dispose]();
    expect(contents.cancelled && trailers.cancelled).toBe(true);
    expect(sent()).toMatchObject({ tag: 'err', val: { tag: 'internal-error' } });
  });
});

describe('response', () => {
  it('is 200 at first, and has a status of three digits', () => {
    const [response] = http['[static]response.new']!(fieldsOf(), undefined, noTrailers()) as [object];
    expect(http['[method]response.get-status-code']!(response)).toBe(200);
    for (const status of [0, 42, 99, 600, 1000, 65_535]) expect(http['[method]response.set-status-code']!(response, status)).toEqual(ERR);
    for (const status of [100, 204, 599]) expect(http['[method]response.set-status-code']!(response, status)).toEqual(OK);
    expect(http['[method]response.get-status-code']!(response)).toBe(599);
  });

  it('without contents has an empty body', async () => {
    const { response } = newResponse({});
    const [stream, trailers] = http['[static]response.consume-body']!(response, new FakeFuture()) as [unknown, unknown];
    expect(await collect(stream)).toBe('');
    expect(valueOf(trailers)).toEqual(OK);
  });
});
