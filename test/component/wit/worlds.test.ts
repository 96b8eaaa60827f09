import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { prepareComponent } from '../../../host/component/prepare.ts';
import { exportsOf } from '../../../host/component/serve/generation.ts';
import { checkImports, isBlocking } from '../../../host/component/wasi/hosts.ts';
import { componentOf, declared, GENERATIONS, WIT } from './wit.ts';

const HANDLERS: Readonly<Record<string, readonly string[]>> = {
  'http-service': ['fetch'],
  'scheduled-service': ['scheduled'],
  'queue-service': ['queue'],
  'email-service': ['email'],
  service: ['fetch', 'scheduled', 'queue', 'email'],
};

/** Of one generation: the draft that it is made of is there for WASI 0.2 alone. */
const OF_ONE: Readonly<Record<string, Readonly<Record<string, readonly string[]>>>> = { '0.2': { 'message-service': ['queue'] } };

describe.each(GENERATIONS)('the worlds of wit/%s', (generation) => {
  const folder = join(WIT, generation);

  it('are those that are known here', async () => {
    const text = await readFile(join(folder, 'function.wit'), 'utf8');
    expect(declared('world', text).toSorted()).toEqual(['imports', ...Object.keys({ ...HANDLERS, ...OF_ONE[generation] })].toSorted());
  });

  it.each(Object.entries({ ...HANDLERS, ...OF_ONE[generation] }))(
    'a component of %s has what this host calls, and finds all that it imports',
    async (world, handlers) => {
      const { plan } = prepareComponent(await componentOf(folder, world), isBlocking);
      checkImports(plan);
      const { handlers: exported } = exportsOf(plan);
      expect(Object.keys(exported)).toEqual(handlers);
      expect(Object.values(exported).map(({ version }) => version)).toEqual(handlers.map(() => generation));
    },
  );

  it('a component of imports exports no handler', async () => {
    const { plan } = prepareComponent(await componentOf(folder, 'imports'), isBlocking);
    expect(() => exportsOf(plan)).toThrow('The component exports no handler.');
  });
});

describe('packages of Brink', () => {
  it.each(['email', 'locks', 'queues', 'schedules'])('brink:%s is the same in both generations, but for what is async', async (name) => {
    const [two, three] = await Promise.all(
      GENERATIONS.map((each) => readFile(join(WIT, each, 'deps', `brink-${name}`, 'package.wit'), 'utf8')),
    );
    const differs = ['  use wasi:io/poll', '    /// Ready when', '    /// Returns when', '    subscribe:', '    until-lost:'];
    const same = (text: string) =>
      text
        .replaceAll('async func', 'func')
        .replace(/@0\.[23]\.0;/, ';')
        .split('\n')
        .filter((line) => line !== '' && !differs.some((begin) => line.startsWith(begin)));
    expect(same(three!)).toEqual(same(two!));
  });
});
