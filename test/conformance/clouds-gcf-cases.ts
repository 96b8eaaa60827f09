import { describe, expect, it } from 'vitest';
import { publishFiles } from './clouds-publish.ts';
import { eventually, type TestHost } from './harness.ts';

const REQUIRE = "const functions = require('@google-cloud/functions-framework');";

/** Functions written for Google Cloud. */
export function gcfCases(host: () => TestHost): void {
  /** One function, whose first part of the path says what it does. */
  const oneOf = async (handlers: string, config = '') => {
    const source = `${REQUIRE} const all = ${handlers}; functions.http('api', (req, res) => all[req.path.split('/')[1]](req, res));`;
    const { url } = await publishFiles(host(), { 'index.js': source }, config);
    return (path: string, init: RequestInit = {}) => fetch(`${url}/${path}`, { redirect: 'manual', ...init });
  };

  describe('gcf over HTTP', () => {
    it('a function that is registered, of CommonJS or an ES module, or exported', async () => {
      const text = async (files: Record<string, string>, config = '') =>
        (await fetch(`${(await publishFiles(host(), files, config)).url}/?name=Ada`)).text();
      expect(
        await text({ 'index.js': `${REQUIRE} functions.http('hello', (req, res) => { res.send('Hello ' + req.query.name); });` }),
      ).toBe('Hello Ada');
      expect(
        await text({
          'index.mjs':
            "import { http } from '@google-cloud/functions-framework'; http('hello', (req, res) => res.send('Hi ' + req.query.name));",
        }),
      ).toBe('Hi Ada');
      expect(
        await text(
          { 'index.js': "exports.hello = (req, res) => res.send('Hey ' + req.query.name); exports.other = () => {};" },
          'handler = "gcf"\n[gcf]\ntarget = "hello"\n',
        ),
      ).toBe('Hey Ada');
    });

    it('which of several is meant has to be said', async () => {
      const files = {
        'index.js': `${REQUIRE} functions.http('a', (req, res) => res.send('a')); functions.http('b', (req, res) => res.send('b'));`,
      };
      await expect(publishFiles(host(), files)).rejects.toThrow(
        'registers several functions: "a", "b". Name the one that is meant: [gcf] target = "NAME"',
      );
      const { url } = await publishFiles(host(), files, '[gcf]\ntarget = "b"\n');
      expect(await (await fetch(`${url}/`)).text()).toBe('b');
    });

    it('req: what the client sent', async () => {
      const call = await oneOf(`{
        show: (req, res) => res.json({
          method: req.method, url: req.url, path: req.path, query: req.query, params: req.params, own: req.get('X-Own'), type: req.headers['content-type'],
          is: req.is('json', 'text/*'), accepts: req.accepts('html', 'json'), ip: req.ip, protocol: req.protocol, hostname: req.hostname,
          body: Buffer.isBuffer(req.body) ? ['buffer', ...req.body] : req.body, raw: req.rawBody && req.rawBody.toString(),
        }),
        piped: (req, res) => { res.type('text/plain'); req.pipe(res); },
      }`);
      const show = async (init: RequestInit) => (await call('show/it?a=1&a=2&b=x%20y', init)).json();
      expect(await show({ headers: { 'x-own': '1', accept: 'application/json;q=0.5, text/html' } })).toEqual({
        method: 'GET',
        url: '/show/it?a=1&a=2&b=x%20y',
        path: '/show/it',
        query: { a: ['1', '2'], b: 'x y' },
        params: { 0: 'show/it' },
        own: '1',
        is: false,
        accepts: 'html',
        ip: expect.any(String),
        protocol: 'http',
        hostname: '127.0.0.1',
        body: {},
      });
      const post = (type: string, body: string) => show({ method: 'POST', headers: { 'content-type': type }, body });
      expect(await post('application/json; charset=utf-8', '{"a":[1]}')).toMatchObject({ body: { a: [1] }, raw: '{"a":[1]}', is: 'json' });
      expect(await post('application/x-www-form-urlencoded', 'a=1&b=x+y&a=2')).toMatchObject({ body: { a: ['1', '2'], b: 'x y' } });
      expect(await post('text/plain', 'plain')).toMatchObject({ body: 'plain', is: 'text/*' });
      expect(await post('application/octet-stream', '\x01\x02')).toMatchObject({ body: ['buffer', 1, 2] });
      expect((await call('show', { method: 'POST', headers: { 'content-type': 'application/json' }, body: '{"a":' })).status).toBe(400);
      expect((await call('show', { method: 'POST', headers: { 'content-type': 'application/json' }, body: '5' })).status).toBe(400);
      expect(await (await call('piped', { method: 'POST', body: 'through' })).text()).toBe('through');
    });

    it('res: status, headers, bodies, redirects and cookies', async () => {
      const call = await oneOf(`{
        html: (req, res) => res.status(201).set('X-Own', 'a').send('<b>'),
        json: (req, res) => res.set({ 'X-A': 1, 'X-B': ['b', 'c'] }).json({ a: 1 }),
        object: (req, res) => res.send({ b: 2 }),
        bytes: (req, res) => res.send(Buffer.from([1, 2, 255])),
        status: (req, res) => res.sendStatus(404),
        nothing: (req, res) => res.status(204).end(),
        moved: (req, res) => res.redirect(301, '/else where?a=1'),
        found: (req, res) => res.redirect('https://example.com/'),
        cookies: (req, res) => res.cookie('a', 'x y', { httpOnly: true, maxAge: 5000, sameSite: 'lax' }).clearCookie('b').append('X-C', 'd').type('txt').end('c'),
        written: (req, res) => { res.writeHead(202, { 'Content-Type': 'text/csv' }); res.write('a,'); res.write('b'); res.end('\\n'); },
        later: async (req, res) => { await new Promise((resolve) => setTimeout(resolve, 5)); res.send('later'); },
        callback: (req, res) => { setTimeout(() => res.send('called back'), 5); },
        finished: (req, res) => { res.on('finish', () => console.log('gcf has finished')); res.send('x'); },
      }`);
      const got = async (path: string) => {
        const response = await call(path);
        return [response.status, response.headers.get('content-type'), await response.text()];
      };
      const html = await call('html');
      expect([html.status, html.headers.get('x-own'), html.headers.get('content-type'), await html.text()]).toEqual([
        201,
        'a',
        'text/html; charset=utf-8',
        '<b>',
      ]);
      const json = await call('json');
      expect([json.headers.get('x-a'), json.headers.get('x-b'), await json.json()]).toEqual(['1', 'b, c', { a: 1 }]);
      expect(await got('object')).toEqual([200, 'application/json; charset=utf-8', '{"b":2}']);
      expect(new Uint8Array(await (await call('bytes')).arrayBuffer())).toEqual(new Uint8Array([1, 2, 255]));
      expect(await got('status')).toEqual([404, 'text/plain; charset=utf-8', 'Not Found']);
      expect(await got('nothing')).toEqual([204, null, '']);
      const moved = await call('moved');
      expect([moved.status, moved.headers.get('location')]).toEqual([301, '/else%20where?a=1']);
      const found = await call('found');
      expect([found.status, found.headers.get('location')]).toEqual([302, 'https://example.com/']);
      const cookies = (await call('cookies')).headers;
      expect(cookies.getSetCookie()).toEqual([
        expect.stringMatching(/^a=x%20y; Max-Age=5; Path=\/; Expires=.*GMT; HttpOnly; SameSite=Lax$/),
        'b=; Path=/; Expires=Thu, 01 Jan 1970 00:00:00 GMT',
      ]);
      expect(cookies.get('x-c')).toBe('d');
      expect(await got('written')).toEqual([202, 'text/csv', 'a,b\n']);
      expect((await got('later'))[2]).toBe('later');
      expect((await got('callback'))[2]).toBe('called back');
      const before = host().events.length;
      await call('finished');
      await eventually(() =>
        host()
          .events.slice(before)
          .find((each) => JSON.stringify(each).includes('gcf has finished')),
      );
      const head = await call('html', { method: 'HEAD' });
      expect([head.status, await head.text()]).toEqual([201, '']);
    });

    it('errors are answered 500, what never ends 504, and what breaks after its beginning breaks off', async () => {
      const call = await oneOf(
        `{
        plain: () => { throw new Error('gcf plain'); },
        async: async () => { throw new Error('gcf async'); },
        twice: (req, res) => { res.send('once'); res.send('twice'); },
        never: () => {},
        late: async (req, res) => { res.write('some'); await new Promise((resolve) => setTimeout(resolve, 50)); throw new Error('gcf late'); },
      }`,
        '[limits]\ndeadline_ms = 3_000\n',
      );
      for (const how of ['plain', 'async']) {
        const before = host().events.length;
        const response = await call(how);
        expect([response.status, ((await response.json()) as { code: string }).code]).toEqual([500, 'handler-threw']);
        await eventually(() =>
          host()
            .events.slice(before)
            .find((each) => JSON.stringify(each).includes(`gcf ${how}`)),
        );
      }
      const before = host().events.length;
      expect(await (await call('twice')).text()).toBe('once');
      await eventually(() =>
        host()
          .events.slice(before)
          .find((each) => JSON.stringify(each).includes('Cannot send headers after they are sent')),
      );
      const never = await call('never');
      expect([never.status, ((await never.json()) as { code: string }).code]).toEqual([504, 'deadline-exceeded']);
      await expect((async () => (await call('late')).text())()).rejects.toThrow();
    });
  });

  describe('gcf events', () => {
    const EVENT = { specversion: '1.0', id: 'a1', source: '/test', type: 'com.example.made', data: { n: 1 } };

    it('CloudEvents over HTTP, structured and binary', async () => {
      const source = `${REQUIRE} functions.cloudEvent('take', (event) => { if (event.type === 'bad') throw new Error('bad event'); console.log('got', JSON.stringify(event)); });`;
      const { url } = await publishFiles(host(), { 'index.js': source });
      const send = (headers: Record<string, string>, body: string) => fetch(`${url}/`, { method: 'POST', headers, body });
      const logged = async (from: number) => {
        const line = await eventually(() =>
          host()
            .events.slice(from)
            .map((each) => JSON.stringify(each))
            .find((each) => each.includes('got {')),
        );
        return JSON.parse(/got (\{.*?\})"[,}]/.exec(line)![1]!.replaceAll('\\"', '"')) as unknown;
      };
      let before = host().events.length;
      expect((await send({ 'content-type': 'application/cloudevents+json' }, JSON.stringify(EVENT))).status).toBe(204);
      expect(await logged(before)).toEqual(EVENT);
      before = host().events.length;
      const headers = {
        'content-type': 'application/json',
        'ce-specversion': '1.0',
        'ce-id': 'a1',
        'ce-source': '/test',
        'ce-type': 'com.example.made',
        'ce-own': 'x%20y',
      };
      expect((await send(headers, '{"n":1}')).status).toBe(204);
      expect(await logged(before)).toEqual({ ...EVENT, own: 'x y', datacontenttype: 'application/json' });
      expect((await send({ 'content-type': 'application/json' }, '{}')).status).toBe(400);
      expect((await send({ ...headers, 'ce-type': 'bad' }, '{}')).status).toBe(500);
    });

    it('messages of a queue: CloudEvents, events of buckets, and anything else as of Pub/Sub', async () => {
      const queue = 'orders';
      const source = `${REQUIRE} functions.cloudEvent('take', (event) => console.log('took', event.type, event.source, JSON.stringify(event.data)));`;
      const { name } = await publishFiles(host(), { 'index.js': source });
      const before = host().events.length;
      const bucket = {
        account: 'brink',
        action: 'PutObject',
        bucket: 'pictures',
        object: { key: 'a b.png', size: 3, eTag: 'e' },
        eventTime: '2026-01-01T00:00:00.000Z',
      };
      const { messages } = await host().admin.invokeQueue(name, {
        queue,
        messages: [EVENT, bucket, { hello: 1 }].map((body) => ({ body })),
      });
      expect(messages.map(({ result }) => result)).toEqual(['ack', 'ack', 'ack']);
      const line = (part: string) =>
        eventually(() =>
          host()
            .events.slice(before)
            .map((each) => JSON.stringify(each))
            .find((each) => each.includes(part)),
        );
      expect(await line('took com.example.made /test')).toContain('n');
      expect(await line('took google.cloud.storage.object.v1.finalized //storage.googleapis.com/projects/_/buckets/pictures')).toContain(
        'a b.png',
      );
      expect(
        await line(`took google.cloud.pubsub.topic.v1.messagePublished //pubsub.googleapis.com/projects/brink/topics/${queue}`),
      ).toContain(btoa('{"hello":1}'));
    });

    it('one message that fails is delivered again, the others are not; (data, context) of the first generation', async () => {
      const source = `${REQUIRE} functions.event('take', (data, context, callback) => {
        const body = JSON.parse(Buffer.from(data.data, 'base64').toString());
        console.log('context', context.eventType, context.resource.name);
        if (body.bad) callback(new Error('bad message')); else callback();
      });`;
      const { name } = await publishFiles(host(), { 'index.js': source });
      const before = host().events.length;
      const { outcome, messages } = await host().admin.invokeQueue(name, {
        queue: 'orders',
        messages: [{ body: {} }, { body: { bad: true } }, { body: {} }],
      });
      expect([outcome, ...messages.map(({ result }) => result)]).toEqual(['handler-threw', 'ack', 'retry', 'ack']);
      await eventually(() =>
        host()
          .events.slice(before)
          .find((each) => JSON.stringify(each).includes('context google.pubsub.topic.publish projects/brink/topics/orders')),
      );
    });

    it('schedules: a POST of Cloud Scheduler, or a CloudEvent', async () => {
      const http = await publishFiles(host(), {
        'index.js': `${REQUIRE} functions.http('take', (req, res) => { console.log('job', req.method, req.get('x-cloudscheduler-jobname')); res.sendStatus(req.get('x-cloudscheduler') ? 200 : 500); });`,
      });
      const event = await publishFiles(host(), {
        'index.js': `${REQUIRE} functions.cloudEvent('take', (event) => console.log('job', event.type, event.time));`,
      });
      const before = host().events.length;
      const at = { cron: '*/5 * * * *', scheduledTime: Date.parse('2026-01-01T00:00:00Z') };
      expect((await host().admin.scheduled(http.name, at)).outcome).toBe('ok');
      expect((await host().admin.scheduled(event.name, at)).outcome).toBe('ok');
      for (const part of ['job POST */5 * * * *', 'job google.cloud.scheduler.job.v1.executed 2026-01-01T00:00:00.000Z'])
        await eventually(() =>
          host()
            .events.slice(before)
            .find((each) => JSON.stringify(each).includes(part)),
        );
    });
  });
}
