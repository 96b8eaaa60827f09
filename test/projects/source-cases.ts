import { describe, expect, it } from 'vitest';
import type { Cases } from './cases.ts';

export const sourceCases: Cases = (projects) => {
  describe('sources and config', () => {
    it('text, data, wasm, JSON and CommonJS are imported by wrangler’s rules, and by the config’s own', async () => {
      const url = await projects().open('modules');
      expect(await (await fetch(`${url}/`)).json()).toEqual({
        sum: 42,
        isModule: true,
        bytes: [1, 2, 255],
        texts: ['text', 'SELECT 1;', '# read me'],
        data: { key: 'value' },
        twice: 42,
      });
      const page = await fetch(`${url}/page`);
      expect([page.headers.get('content-type'), await page.text()]).toEqual(['text/html', '<!doctype html><title>page</title>\n']);
    });

    it('an import whose name is put together finds the files that it can mean', async () => {
      const url = await projects().open('modules');
      expect(await (await fetch(`${url}/words/en`)).text()).toBe('hello');
      expect(await (await fetch(`${url}/words/fr`)).text()).toBe('bonjour');
      expect((await fetch(`${url}/words/xx`)).status).toBe(500);
    });

    it('vars come from the file, and .dev.vars goes over them', async () => {
      const url = await projects().open('cron');
      expect(await (await fetch(`${url}/`)).json()).toMatchObject({ GREETING: 'from .dev.vars', STAGE: 'none', TOKEN: 't0ken' });
      await projects().open('cron', { devVars: false });
      expect(await (await fetch(`${url}/`)).json()).toMatchObject({ GREETING: 'from the file', TOKEN: null });
    });

    it('an environment has its own name, vars and crons, and inherits no vars', async () => {
      const url = await projects().open('cron', { env: 'staging', devVars: false });
      expect(url).toMatch(/\/cron-case-staging$/);
      expect(await projects().host.admin.scheduled('cron-case-staging')).toMatchObject({ outcome: 'ok' });
      const { GREETING, STAGE, ran } = (await (await fetch(`${url}/`)).json()) as Record<string, unknown>;
      expect([GREETING, STAGE, ran]).toEqual([undefined, 'staging', [['0 3 * * MON', 'staging']]]);
    });
  });
};
