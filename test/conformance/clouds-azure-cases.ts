import { describe, expect, it } from 'vitest';
import { publishFiles } from './clouds-publish.ts';
import { eventually, type TestHost } from './harness.ts';

const REQUIRE = "const { app, output, HttpResponse } = require('@azure/functions');";

/** Functions written for Azure, in the model of version 4. */
export function azureCases(host: () => TestHost): void {
  const log = (from: number, part: string) =>
    eventually(() =>
      host()
        .events.slice(from)
        .map((each) => JSON.stringify(each))
        .find((each) => each.includes(part)),
    );

  describe('azure over HTTP', () => {
    it('routes, parameters and methods', async () => {
      const source = `import { app } from '@azure/functions';
        const show = (name: string) => async (request: any) => ({ jsonBody: { name, params: request.params, query: request.query.get('q') } });
        app.http('plain', { authLevel: 'anonymous', handler: show('plain') });
        app.get('item', { route: 'items/{id:int}', handler: show('item') });
        app.get('named', { route: 'items/{name}', handler: show('named') });
        app.get('special', { route: 'items/special', handler: show('special') });
        app.post('made', { route: 'items', handler: show('made') });
        app.deleteRequest('removed', { route: 'items/{id}', handler: show('removed') });
        app.http('rest', { route: 'files/{*path}', methods: ['GET'], handler: show('rest') });
        app.get('optional', { route: 'pages/{page?}', handler: show('optional') });
        app.get('short', show('short'));`;
      const { url } = await publishFiles(host(), { 'index.ts': source });
      const got = async (method: string, path: string) => {
        const response = await fetch(`${url}/api/${path}`, { method });
        return response.status === 200 ? response.json() : response.status;
      };
      expect(await got('GET', 'plain?q=1')).toEqual({ name: 'plain', params: {}, query: '1' });
      expect(await got('POST', 'PLAIN')).toMatchObject({ name: 'plain' });
      expect(await got('GET', 'items/12')).toMatchObject({ name: 'item', params: { id: '12' } });
      expect(await got('GET', 'items/a%20b')).toMatchObject({ name: 'named', params: { name: 'a b' } });
      expect(await got('GET', 'items/special')).toMatchObject({ name: 'special' });
      expect(await got('POST', 'items')).toMatchObject({ name: 'made' });
      expect(await got('DELETE', 'items/12')).toMatchObject({ name: 'removed', params: { id: '12' } });
      expect(await got('GET', 'files/a/b.txt')).toMatchObject({ name: 'rest', params: { path: 'a/b.txt' } });
      expect(await got('GET', 'pages')).toMatchObject({ name: 'optional', params: {} });
      expect(await got('GET', 'pages/2')).toMatchObject({ name: 'optional', params: { page: '2' } });
      expect(await got('GET', 'short')).toMatchObject({ name: 'short' });
      expect(await got('PUT', 'plain')).toBe(404);
      expect(await got('GET', 'nowhere')).toBe(404);
    });

    it('requests and responses', async () => {
      const source = `${REQUIRE} const { Readable } = require('node:stream'); const all = {
        echo: async (request, context) => ({ body: await request.text(), headers: { 'x-method': request.method, 'x-id': context.invocationId, 'x-name': context.functionName } }),
        json: () => ({ jsonBody: { a: 1 }, status: 201, cookies: [{ name: 'a', value: 'b', maxAge: 60, sameSite: 'Strict', secure: true }] }),
        instance: () => new HttpResponse({ body: 'made', headers: { 'content-type': 'text/plain' } }),
        bytes: () => ({ body: new Uint8Array([1, 2, 255]) }),
        stream: () => ({ body: Readable.from(['one ', 'two']) }),
        nothing: () => undefined,
        text: () => 'text', status: () => ({ status: 99 }), throws: () => { throw new Error('azure went wrong'); },
      };
      app.http('all', { route: '{what}', methods: ['GET', 'POST'], handler: (request, context) => all[request.params.what](request, context) });`;
      const { url } = await publishFiles(host(), { 'index.js': source }, '[azure]\nroute_prefix = ""\n');
      const echo = await fetch(`${url}/echo`, { method: 'POST', body: 'hello' });
      expect([await echo.text(), echo.headers.get('x-method'), echo.headers.get('x-name')]).toEqual(['hello', 'POST', 'all']);
      expect(echo.headers.get('x-id')).toMatch(/^[0-9a-f]{16}$/);
      const json = await fetch(`${url}/json`);
      expect([json.status, json.headers.get('content-type'), await json.text()]).toEqual([201, 'application/json', '{"a":1}']);
      expect(json.headers.getSetCookie()).toEqual([expect.stringMatching(/^a=b; Max-Age=60; Expires=.*GMT; Secure; SameSite=Strict$/)]);
      expect(await (await fetch(`${url}/instance`)).text()).toBe('made');
      expect(new Uint8Array(await (await fetch(`${url}/bytes`)).arrayBuffer())).toEqual(new Uint8Array([1, 2, 255]));
      expect(await (await fetch(`${url}/stream`)).text()).toBe('one two');
      expect((await fetch(`${url}/nothing`)).status).toBe(204);
      const before = host().events.length;
      expect((await fetch(`${url}/text`)).status).toBe(502);
      await log(before, 'The HTTP response must be an object');
      expect((await fetch(`${url}/status`)).status).toBe(502);
      expect((await fetch(`${url}/throws`)).status).toBe(500);
      await log(before, 'azure went wrong');
    });

    it('authLevel lets in who has the key, and nobody where there is none', async () => {
      const source = `${REQUIRE} app.http('kept', { authLevel: 'function', handler: () => ({ body: 'in' }) }); app.http('admin', { authLevel: 'admin', handler: () => ({ body: 'in' }) });`;
      const { url } = await publishFiles(host(), { 'index.js': source }, '[vars]\nAZURE_FUNCTION_KEY = "right"\n');
      const status = async (path: string, key?: string) =>
        (await fetch(`${url}/api/${path}`, { headers: key === undefined ? {} : { 'x-functions-key': key } })).status;
      expect(await status('kept')).toBe(401);
      expect(await status('kept', 'wrong')).toBe(401);
      expect(await status('kept', 'right')).toBe(200);
      expect(await status('kept?code=right')).toBe(200);
      expect(await status('admin', 'right')).toBe(401);
    });

    it('what is not there is named when it is published', async () => {
      await expect(publishFiles(host(), { 'index.js': `${REQUIRE} app.cosmosDB('a', { handler: () => {} });` })).rejects.toThrow(
        'app.cosmosDB of @azure/functions is not there in Brink; there are http, get,',
      );
      await expect(
        publishFiles(host(), { 'index.js': `${REQUIRE} app.http('a', { route: '{id:range(1,2)}', handler: () => {} });` }),
      ).rejects.toThrow('constraint ":range(1,2)"');
      await expect(publishFiles(host(), { 'index.js': `${REQUIRE} console.log(app.name);` }, 'handler = "azure"\n')).rejects.toThrow(
        'is not there in Brink',
      );
    });
  });

  describe('azure events', () => {
    it('timers by the expression of their schedule', async () => {
      const source = `${REQUIRE}
        app.timer('five', { schedule: '0 */5 * * * *', handler: (timer, context) => context.log('timer five', timer.isPastDue, timer.scheduleStatus.last) });
        app.timer('hour', { schedule: '0 0 * * * *', handler: (timer, context) => context.log('timer hour') });`;
      const { name } = await publishFiles(host(), { 'index.js': source });
      const before = host().events.length;
      expect((await host().admin.scheduled(name, { cron: '*/5 * * * *', scheduledTime: Date.parse('2026-01-01T00:05:00Z') })).outcome).toBe(
        'ok',
      );
      await log(before, 'timer five true 2026-01-01T00:05:00.000Z');
      expect((await host().admin.scheduled(name, { cron: '0 * * * *' })).outcome).toBe('ok');
      await log(before, 'timer hour');
      await expect(host().admin.scheduled(name, { cron: '1 1 * * *' })).rejects.toMatchObject({ code: 'handler-threw' });
      await log(before, 'No app.timer has the name null or the schedule');
    });

    it('messages of queues, with outputs to another queue', async () => {
      const queue = `az-${Math.random().toString(36).slice(2, 8)}`;
      const source = `${REQUIRE} const extra = output.storageQueue({ queueName: '${queue}-out', connection: '' });
        app.storageQueue('take', { queueName: '${queue}', connection: '', extraOutputs: [extra], return: output.storageQueue({ queueName: '${queue}-out' }),
          handler: (item, context) => {
            if (item.bad) throw new Error('bad item');
            context.extraOutputs.set(extra, ['text', { n: 2 }]);
            return { took: item, tries: context.triggerMetadata.dequeueCount };
          } });
        app.serviceBusQueue('many', { queueName: '${queue}-many', cardinality: 'many', handler: (items, context) => context.log('many', items.length) });
        app.get('send', { handler: () => ({}) });`;
      const config = `[[queues.producers]]\nbinding = "OUT"\nqueue = "${queue}-out"\n`;
      const { name } = await publishFiles(host(), { 'index.js': source }, config);
      const before = host().events.length;
      const { outcome, messages } = await host().admin.invokeQueue(name, {
        queue,
        messages: [{ body: { n: 1 } }, { body: { bad: true } }],
      });
      expect([outcome, ...messages.map(({ result }) => result)]).toEqual(['handler-threw', 'ack', 'retry']);
      const sent = await host().admin.peekQueue(`${queue}-out`);
      expect(sent.map(({ body }) => body).toSorted()).toEqual(['text', '{"n":2}', '{"took":{"n":1},"tries":1}']);
      await host().admin.invokeQueue(name, { queue: `${queue}-many`, messages: [{ body: 1 }, { body: 2 }] });
      await log(before, 'many 2');
    });

    it('hooks run around each invocation', async () => {
      const source = `${REQUIRE}
        app.hook.preInvocation((hook) => { hook.hookData.began = 'began'; const run = hook.functionHandler; hook.functionHandler = async (...args) => ({ ...(await run(...args)), status: 202 }); });
        app.hook.postInvocation((hook) => { hook.invocationContext.log('after', hook.hookData.began, hook.result.status); });
        app.get('a', () => ({ body: 'a' }));`;
      const { url } = await publishFiles(host(), { 'index.js': source });
      const before = host().events.length;
      expect((await fetch(`${url}/api/a`)).status).toBe(202);
      await log(before, 'after began 202');
    });
  });
}
