import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { buildFunction } from '../../host/build/build.ts';
import { readConfig } from '../../host/build/config.ts';
import type { InvocationEvent, PolicyEvent } from '../../host/observe/events.ts';
import { encodeArtifact } from '../../host/registry/artifact.ts';
import { policyWat, type Doing } from '../policy-wat.ts';
import { artifactOf, eventually, freshName, type TestHost } from './harness.ts';

const ECHO = `export default {
  fetch: (request, env) => Response.json({ team: request.headers.get('x-team'), other: request.headers.get('x-other'), env: Object.keys(env) }),
};`;

/** As far as it may, which is 64 MiB. */
const GROW = `
  (loop $more (br_if $more (i32.ne (memory.grow (i32.const 1)) (i32.const -1))))
  (if (i32.ne (memory.size) (i32.const 1024)) (then (call $abort (i32.const 1024))))
  (unreachable)`;

const said = (result: unknown): Doing => ({ results: JSON.stringify([{ result }]) });

export function policyCases(host: () => TestHost): void {
  /** A function whose policy decides, and by which of its entrypoints: for each a path. */
  const guarded = async (entrypoints: Readonly<Record<string, Doing>>, rule: object = {}, blocks: readonly object[] = []) => {
    const name = freshName();
    const dir = await mkdtemp(join(tmpdir(), 'brink-policy-'));
    onTestFinished(() => rm(dir, { recursive: true, force: true }));
    const gateway = [
      ...blocks,
      ...Object.keys(entrypoints).map((entrypoint) => ({
        match: { path: [`/${entrypoint}`, `/${entrypoint}/*`] },
        policy: { module: 'p.wasm', entrypoint, ...rule },
      })),
    ];
    await writeFile(join(dir, 'index.js'), ECHO);
    await writeFile(join(dir, 'p.wasm'), await policyWat(entrypoints));
    await writeFile(join(dir, 'data.json'), '{"teams":{"ada":"core"}}');
    await writeFile(join(dir, 'brink.json'), JSON.stringify({ name, main: 'index.js', gateway }));
    const { bytes } = await buildFunction(await readConfig(join(dir, 'brink.json')));
    await host().admin.publish(name, bytes, {});
    const url = `${host().url}/${name}`;
    const send = (path: string, init?: RequestInit) => fetch(`${url}/${path}`, init);
    return {
      name,
      send,
      outcome: async (path: string, init?: RequestInit) => {
        const response = await send(path, init);
        const { code = 'ok' } = (await response.json()) as { code?: string };
        return `${response.status} ${code}`;
      },
      decisions: () => host().events.filter((event): event is PolicyEvent => event.type === 'policy' && event.function === name),
    };
  };

  describe('policy', () => {
    it('lets through what its policy says true of; false, and what is undefined, is a no', async () => {
      const fn = await guarded({ yes: said(true), no: said(false), undefined: { results: '[]' } });
      expect([await fn.outcome('yes'), await fn.outcome('no'), await fn.outcome('undefined'), await fn.outcome('elsewhere')]).toEqual([
        '200 ok',
        '403 policy-denied',
        '403 policy-denied',
        '200 ok',
      ]);
    });

    it('takes a decision with a reason, a status and headers for the function', async () => {
      const fn = await guarded({
        yes: said({ allow: true, headers: { 'X-Team': 'core' } }),
        no: said({ allow: false, reason: 'It is night.', status: 451, headers: { 'x-team': 'core' } }),
      });
      expect(await (await fn.send('yes', { headers: { 'x-team': 'mine', 'x-other': 'kept' } })).json()).toMatchObject({
        team: 'core',
        other: 'kept',
      });
      const refused = await fn.send('no');
      expect(refused.status).toBe(451);
      expect(refused.headers.get('content-type')).toBe('application/problem+json');
      expect(await refused.json()).toMatchObject({ code: 'policy-denied', status: 451, reason: 'It is night.' });
    });

    it('asks with the request, who sends it, its settings and its data', async () => {
      const basic = { match: { path: '/who' }, auth: { basic: { users: 'USERS' } } };
      const fn = await guarded(
        {
          method: { inputHas: '"method":"PUT"' },
          path: { inputHas: '"path":["path","a%2Fb","c"]' },
          query: { inputHas: '"query":{"q":["1","2"],"__proto__":["3"]}' },
          header: { inputHas: '"x-note":"a \\"b\\""' },
          nobody: { inputHas: '"principal":null' },
          who: { inputHas: '"principal":{"scheme":"basic","id":"ada"' },
          version: { inputHas: '"version":1,"alias":"live"' },
          settings: { inputHas: '"settings":{"most":7}' },
          data: { dataHas: '"teams":{"ada":"core"}' },
        },
        { data: 'data.json', input: { most: 7 } },
        [basic],
      );
      await host().admin.changeSecrets(fn.name, { USERS: 'ada:lovelace' });
      const cases: Record<string, RequestInit | undefined> = {
        method: { method: 'PUT', body: 'kept' },
        'path/x/../a%2fb/%63': undefined,
        'query?q=1&q=2&__proto__=3': undefined,
        header: { headers: { 'x-note': 'a "b"' } },
        nobody: undefined,
        who: { headers: { authorization: `Basic ${btoa('ada:lovelace')}` } },
        version: undefined,
        settings: undefined,
        data: undefined,
      };
      for (const [path, init] of Object.entries(cases)) expect([path, await fn.outcome(path, init)]).toEqual([path, '200 ok']);
      expect(await fn.outcome('method')).toBe('403 policy-denied');
      expect(await fn.outcome('path/a/b/c')).toBe('403 policy-denied');
      expect(await fn.outcome('who')).toBe('401 credentials-missing');
    });

    it('writes each decision down beside its invocation', async () => {
      const fn = await guarded({ yes: said({ allow: true, reason: 'It is day.' }), no: said(false) });
      await fn.send('yes');
      await fn.send('no');
      const [yes, no] = await eventually(() => (fn.decisions().length === 2 ? fn.decisions() : undefined));
      expect(yes).toMatchObject({ policy: 'p.wasm', entrypoint: 'yes', decision: 'allowed', dryRun: false, reason: 'It is day.' });
      expect(no).toMatchObject({ decision: 'denied', reason: null });
      const invocations = await eventually(() => {
        const own = host().events.filter((event): event is InvocationEvent => event.type === 'invocation' && event.function === fn.name);
        // What runs is told of when it has ended, which may be after the next was refused.
        return own.length === 2 ? own.toSorted((a, b) => b.trigger.localeCompare(a.trigger)) : undefined;
      });
      expect(invocations).toMatchObject([
        { requestId: yes!.requestId, traceId: yes!.traceId, trigger: 'http', outcome: 'ok' },
        { requestId: no!.requestId, trigger: 'gateway', outcome: 'policy-denied' },
      ]);
    });

    it('only writes them down in a dry run, and changes nothing', async () => {
      const fn = await guarded(
        {
          yes: said({ allow: true, headers: { 'x-team': 'core' } }),
          no: said({ allow: false, reason: 'night' }),
          trap: { code: '(unreachable)' },
        },
        { dry_run: true },
      );
      expect([await fn.outcome('yes'), await fn.outcome('no'), await fn.outcome('trap')]).toEqual(['200 ok', '200 ok', '200 ok']);
      expect(await (await fn.send('yes')).json()).toMatchObject({ team: null });
      const decisions = await eventually(() => (fn.decisions().length === 4 ? fn.decisions() : undefined));
      expect(decisions.map(({ decision, dryRun }) => [decision, dryRun])).toEqual([
        ['allowed', true],
        ['denied', true],
        ['failed', true],
        ['allowed', true],
      ]);
    });

    it('lets nobody in where it fails, says in the log why, and decides again afterwards', async () => {
      const failing: Record<string, [Doing, RegExp]> = {
        trap: [{ code: '(unreachable)' }, /unreachable/],
        abort: [{ code: '(call $abort (i32.const 1024)) (i32.const 0)' }, /\{\}/],
        builtin: [{ code: '(call $builtin0 (i32.const 7) (i32.const 0))' }, /not implemented: built-in function 7/],
        outside: [{ code: '(i32.const -16)' }, /./],
        memory: [{ code: GROW }, /unreachable/],
        nonsense: [{ results: '{{' }, /JSON/],
        none: [{ results: '{}' }, /no set of results/],
        several: [{ results: '[{"result":true},{"result":true}]' }, /more than one result/],
        number: [said(1), /neither true, false/],
        text: [said('true'), /neither true, false/],
        list: [said([true]), /neither true, false/],
        unsaid: [said({ reason: 'none' }), /allow of its decision/],
        truthy: [said({ allow: 'yes' }), /allow of its decision/],
        unknown: [said({ allow: true, header: {} }), /"header", which nobody knows/],
        status: [said({ allow: false, status: 200 }), /status of its decision/],
        challenge: [said({ allow: false, status: 401 }), /status of its decision/],
        smuggled: [said({ allow: true, headers: { 'x-team': 'a\r\nx-other: b' } }), /headers of its decision/],
        framing: [said({ allow: true, headers: { 'transfer-encoding': 'chunked' } }), /headers of its decision/],
        long: [said({ allow: true, reason: 'x'.repeat(70_000) }), /more than 65536 bytes/],
      };
      const fn = await guarded({ yes: said(true), ...Object.fromEntries(Object.entries(failing).map(([name, [doing]]) => [name, doing])) });
      for (const [path, [, why]] of Object.entries(failing)) {
        const response = await fn.send(path);
        const problem = (await response.json()) as { code: string };
        expect([path, response.status, problem.code]).toEqual([path, 503, 'policy-failed']);
        expect(JSON.stringify(problem)).not.toMatch(/unreachable|built-in/);
        const event = await eventually(() => fn.decisions().find(({ entrypoint }) => entrypoint === path));
        expect([path, event]).toMatchObject([path, { decision: 'failed', reason: expect.stringMatching(why) as string }]);
        expect([path, await fn.outcome('yes')]).toEqual([path, '200 ok']);
      }
    });

    it('lets nobody in by a policy that never comes to an end, and the next request is decided', async () => {
      const fn = await guarded({ yes: said(true), loop: { code: '(loop $ever (br $ever)) (unreachable)' } });
      expect(await fn.outcome('yes')).toBe('200 ok');
      const looped = await fn.outcome('loop').catch(() => 'broken off');
      // On workerd the whole runtime is started anew, as for a function that never comes back.
      expect(host().platform === 'node' ? ['503 policy-failed'] : ['503 policy-failed', 'broken off']).toContain(looped);
      const after = await eventually(async () => {
        const outcome = await fn.outcome('yes').catch(() => undefined);
        return outcome === '200 ok' ? outcome : undefined;
      });
      expect(after).toBe('200 ok');
    });

    it('is refused at publish where it cannot be asked', async () => {
      await expect(guarded({ yes: said(true) }, { entrypoint: 'brink/other' })).rejects.toMatchObject({
        code: 'startup-failed',
        message: expect.stringContaining('it has no entrypoint "brink/other", but yes') as string,
      });
      const name = freshName();
      const bytes = encodeArtifact(artifactOf(name, { 'index.js': ECHO }, { gateway: [{ policy: { module: 'p.wasm' } }] }));
      await expect(host().admin.publish(name, bytes, {})).rejects.toMatchObject({ code: 'artifact-invalid' });
    });
  });
}
