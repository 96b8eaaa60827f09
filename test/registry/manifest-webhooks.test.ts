import { describe, expect, it } from 'vitest';
import type { BrinkError } from '../../host/errors.ts';
import { parseManifest } from '../../host/registry/parse-manifest.ts';
import { queueNames } from '../../host/registry/queues.ts';

const hook = { path: '/hooks', scheme: 'github', secret: 'SECRET', queue: 'hooks' };
const of = (...webhooks: readonly unknown[]) => parseManifest({ name: 'shop', webhooks });

describe('webhooks of a manifest', () => {
  it('get the defaults of keys that are left out, and come back from their own JSON', () => {
    const manifest = of(hook, { path: '/events', scheme: 'cloudevents', queue: 'events' });
    expect(manifest.webhooks).toEqual([
      { ...hook, secret: ['SECRET'], tolerance: 300, dedupe_ttl: 86_400 },
      { path: '/events', scheme: 'cloudevents', queue: 'events', secret: [], tolerance: 300, dedupe_ttl: 86_400 },
    ]);
    expect(parseManifest(JSON.parse(JSON.stringify(manifest)))).toEqual(manifest);
  });

  it('are not there where there are none, so that the digest of what has none stays', () => {
    expect(Object.keys(of())).toEqual(Object.keys(parseManifest({ name: 'shop' })));
  });

  it('require the first of their secrets, besides those that are required', () => {
    const webhooks = [
      { ...hook, secret: ['NEW', 'OLD'] },
      { ...hook, path: '/two', secret: 'A' },
    ];
    expect(parseManifest({ name: 'shop', webhooks, secrets: { required: ['A', 'B'] } }).secrets).toEqual({ required: ['A', 'B', 'NEW'] });
  });

  it('name queues that their function sends to', () => {
    expect(queueNames(of(hook)).queues).toEqual({ produces: ['hooks'], consumes: [], dead: [] });
  });

  it.each([
    [{ path: 'hooks' }, 'is not a path'],
    [{ path: '/a b' }, 'is not a path'],
    [{ path: '/a?b' }, 'without ?, # and *'],
    [{ path: '/a/*' }, 'without ?, # and *'],
    [{ scheme: 'gitlab' }, 'must be "github"'],
    [{ secret: [] }, 'is missing'],
    [{ secret: ['A', 'B', 'C', 'D', 'E'] }, 'up to 4'],
    [{ secret: 'not a name' }, 'name of a secret'],
    [{ queue: 'async:shop' }, 'is not the name of a queue'],
    [{ tolerance: 0 }, 'must be a whole number, 1 to 86400'],
    [{ dedupe_ttl: 59 }, 'must be a whole number, 60 to 2592000'],
    [{ allowed_origins: ['a.example.com'] }, 'is only of the scheme "cloudevents"'],
    [{ scheme: 'cloudevents', allowed_origins: [] }, 'is empty'],
    [{ scheme: 'cloudevents', allowed_origins: ['https://a.example.com'] }, 'is not an origin'],
  ])('%j is refused', (keys, why) => {
    expect(() => of({ ...hook, ...keys })).toThrow(
      expect.objectContaining({ code: 'manifest-invalid', message: expect.stringContaining(why) as string }) as BrinkError,
    );
  });

  it('have each path once, and no other keys', () => {
    expect(() => of(hook, hook)).toThrow(
      expect.objectContaining({ message: expect.stringContaining('webhooks[1].path stands there twice') as string }) as BrinkError,
    );
    expect(() => of({ ...hook, tollerance: 1 })).toThrow(
      expect.objectContaining({ code: 'manifest-unknown-key', message: expect.stringContaining('tolerance') as string }) as BrinkError,
    );
  });
});
