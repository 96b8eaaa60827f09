import { describe, expect, it } from 'vitest';
import type { BrinkError } from '../../host/errors.ts';
import { parseManifest } from '../../host/registry/parse-manifest.ts';

const of = (tables: Record<string, unknown>) => parseManifest({ name: 'shop', ...tables });

describe('async and idempotency of a manifest', () => {
  it('get the defaults of keys that are left out, and come back from their own JSON', () => {
    const manifest = of({ async: { enabled: true }, idempotency: { enabled: true } });
    expect(manifest.async).toEqual({ enabled: true, max_attempts: 4, retry_delay: 1, result_ttl: 86_400, max_pending: 1_000 });
    expect(manifest.idempotency).toEqual({ enabled: true, required: false, methods: ['POST', 'PATCH'], ttl: 86_400 });
    expect(parseManifest(JSON.parse(JSON.stringify(manifest)))).toEqual(manifest);
  });

  it('are not there unless they are enabled, so that the digest of what has none stays', () => {
    const manifest = of({ async: { max_attempts: 2 }, idempotency: { enabled: false } });
    expect(Object.keys(manifest)).toEqual(Object.keys(of({})));
  });

  it.each([
    [{ async: true }, 'must be a table'],
    [{ async: { enabled: 'yes' } }, 'must be true or false'],
    [{ async: { max_attempts: 0 } }, 'must be a whole number, 1 to 100'],
    [{ async: { retry_delay: 3_601 } }, 'must be a whole number, 0 to 3600'],
    [{ async: { result_ttl: 0 } }, 'must be a whole number, 1 to 2592000'],
    [{ async: { max_pending: 1.5 } }, 'must be a whole number, 1 to 100000'],
    [{ async: { on_success: 'async:shop' } }, 'is not the name of a queue'],
    [{ async: { callback: { url: 'https://x.example' } } }, 'secret'],
    [{ async: { callback: { secret: 'KEY' } } }, 'leads nowhere'],
    [{ async: { callback: { secret: 'KEY', url: 'ftp://x.example' } } }, 'is not a URL'],
    [{ async: { callback: { secret: 'KEY', url: 'https://a:b@x.example' } } }, 'is not a URL'],
    [{ async: { callback: { secret: 'KEY', hosts: ['https://x.example'] } } }, 'is not a host'],
    [{ async: { callback: { secret: 'KEY', hosts: ['x.example'], max_attempts: 21 } } }, 'must be a whole number, 1 to 20'],
    [{ idempotency: { methods: ['post'] } }, 'is not a method'],
    [{ idempotency: { ttl: -1 } }, 'must be a whole number, 1 to 2592000'],
  ])('%j is refused', (tables, why) => {
    expect(() => of(tables)).toThrow(
      expect.objectContaining({ code: 'manifest-invalid', message: expect.stringContaining(why) as string }) as BrinkError,
    );
  });

  it('a callback gets its defaults', () => {
    const manifest = of({ async: { enabled: true, callback: { secret: 'KEY', hosts: ['X.example'] } } });
    expect(manifest.async?.callback).toEqual({ secret: 'KEY', hosts: ['x.example'], max_attempts: 10, retry_delay: 5 });
    expect(parseManifest(JSON.parse(JSON.stringify(manifest)))).toEqual(manifest);
  });

  it('have no other keys', () => {
    expect(() => of({ async: { max_atempts: 1 } })).toThrow(
      expect.objectContaining({ code: 'manifest-unknown-key', message: expect.stringContaining('max_attempts') as string }) as BrinkError,
    );
  });
});
