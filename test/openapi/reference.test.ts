import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { readOpenApi } from '../../host/openapi/read.ts';
import { PAGE_HEADERS, referencePage } from '../../host/openapi/reference/page.ts';
import { STYLE, STYLE_HASH } from '../../host/openapi/reference/style.ts';
import { largeDocument, petShop } from './documents.ts';
import { checkHarmless, tagsOf } from './harmless.ts';

const page = (document: unknown) => referencePage(readOpenApi(document, 'a.json').document, { origin: 'https://api.example.com' });

/** What a page says, without its tags. */
function textOf(text: string): string {
  return text
    .replace(/<[^>]*>/g, '')
    .replaceAll('&lt;', '<')
    .replaceAll('&gt;', '>')
    .replaceAll('&quot;', '"')
    .replaceAll('&#39;', "'")
    .replaceAll('&amp;', '&');
}

describe('referencePage()', () => {
  it('shows operations by their tags, with what each takes and gives', () => {
    const text = page(petShop());
    checkHarmless(text);
    expect(Array.from(text.matchAll(/<h2>(.*?)<\/h2>/g), ([, name]) => name)).toEqual(['Who may call', 'Pets', 'Operations', 'Schemas']);
    expect(Array.from(text.matchAll(/<article id="([^"]*)"/g), ([, id]) => id)).toEqual([
      'get-pets',
      'post-pets',
      'get-pets-id',
      'delete-pets-id',
    ]);
    for (const link of text.matchAll(/href="#([^"]*)"/g)) expect(text).toContain(`id="${link[1]}"`);
    expect(textOf(text)).toContain('string · date');
    expect(text).toContain('list of <a href="#schema-Pet">Pet</a>');
  });

  it('gives lines for a shell, with what has to be there', () => {
    const lines = Array.from(page(petShop()).matchAll(/<pre class="curl"><code>([^]*?)<\/code>/g), ([, line]) => textOf(line!));
    expect(lines).toEqual([
      "curl 'https://api.example.com/pets?kind=cat'",
      'curl -X POST \'https://api.example.com/pets\' \\\n  -H "x-api-key: $KEY" \\\n  -H \'content-type: application/json\' \\\n  -d \'{"name":"Kit\'\\\'\'s cat","kind":"cat","born":"2026-01-01"}\'',
      "curl 'https://api.example.com/pets/7'",
      'curl -X DELETE \'https://api.example.com/pets/7\' \\\n  -H "Authorization: Bearer $TOKEN"',
    ]);
  });

  it('ends where schemas do not', () => {
    const schemas = {
      Tree: {
        type: 'object',
        properties: { left: { $ref: '#/components/schemas/Tree' }, all: { items: { $ref: '#/components/schemas/Tree' } } },
      },
      Round: {
        allOf: [
          { $ref: '#/components/schemas/Round' },
          { type: 'object', properties: { a: { $ref: '#/components/schemas/Round/allOf/1' } } },
        ],
      },
      Here: {
        type: 'object',
        properties: {
          me: { $ref: '#/components/schemas/Here/properties/you' },
          you: { properties: { me: { $ref: '#/components/schemas/Here/properties/me' } } },
        },
      },
    };
    const content = (name: string) => ({
      200: { description: '', content: { 'application/json': { schema: { $ref: `#/components/schemas/${name}` } } } },
    });
    const paths = Object.fromEntries(Object.keys(schemas).map((name) => [`/${name}`, { get: { responses: content(name) } }]));
    const text = page({ openapi: '3.1.0', info: { title: 'a', version: '1' }, components: { schemas }, paths });
    checkHarmless(text);
    expect(text.length).toBeLessThan(40_000);
  });

  it('has an end also for a document that says the same in many places', () => {
    const properties = Object.fromEntries(Array.from({ length: 2_000 }, (_, index) => [`p${index}`, { type: 'string' }]));
    const response = { 200: { description: '', content: { 'application/json': { schema: { $ref: '#/components/schemas/Wide' } } } } };
    const paths = Object.fromEntries(Array.from({ length: 500 }, (_, index) => [`/${index}`, { get: { responses: response } }]));
    const text = page({
      openapi: '3.1.0',
      info: { title: 'a', version: '1' },
      components: { schemas: { Wide: { type: 'object', properties } } },
      paths,
    });
    expect(text.length).toBeLessThan(4_000_000);
  });

  it('has an end also for a document whose references multiply', () => {
    const level = (depth: number) => ({
      properties: Object.fromEntries(
        Array.from({ length: 30 }, (_, index) => [
          `p${index}`,
          { anyOf: Array.from({ length: 30 }, () => ({ $ref: `#/components/schemas/All/prefixItems/${depth + 1}` })) },
        ]),
      ),
    });
    const prefixItems = [...Array.from({ length: 9 }, (_, depth) => level(depth)), {}];
    const text = page({
      openapi: '3.1.0',
      info: { title: 'a', version: '1' },
      paths: {},
      components: { schemas: { All: { prefixItems } } },
    });
    expect(text.length).toBeLessThan(6_000_000);
  });

  it('of a common document has less than 300 KB', () => {
    const text = page(largeDocument());
    expect(text.length).toBeLessThan(300_000);
    expect(text.match(/<article id=/g)).toHaveLength(60);
  });

  it('shows all that a document says as text', () => {
    const evil = `"><script>alert('x')</script><img src=x onerror=alert(1)>`;
    const text = page(poisoned(petShop(), evil));
    checkHarmless(text);
    expect(text).not.toContain('<script');
    expect(text).not.toContain('<img');
    expect(textOf(text)).toContain(evil);
  });

  it.each([
    'javascript:alert(1)',
    'JAVASCRIPT:alert(1)',
    ' javascript:alert(1)',
    'java\nscript:alert(1)',
    'data:text/html,<script>',
    'vbscript:x',
    '//evil.example',
    '/x',
    '" onclick="x',
  ])('makes no link of %j', (url) => {
    const info = {
      title: 'a',
      version: '1',
      description: `[here](${url}) <${url}>`,
      termsOfService: url,
      contact: { url, name: 'n' },
      license: { name: 'l', url },
    };
    const text = page({ openapi: '3.1.0', info, externalDocs: { url }, paths: {} });
    checkHarmless(text);
    expect(tagsOf(text).flatMap(({ attributes }) => attributes.filter(([key, value]) => key === 'href' && value !== '#top'))).toEqual([]);
  });

  it('takes no value of a document for HTML', () => {
    const html = { isEscaped: true, toString: null, callbacks: [] };
    const text = page({
      openapi: '3.1.0',
      info: { title: 'a', version: '1' },
      paths: {},
      components: { schemas: { A: { type: 'object', default: html, const: html, properties: { a: { examples: [html] } } } } },
    });
    checkHarmless(text);
  });

  it('is shown under a policy that lets nothing in but its own style', () => {
    expect(STYLE_HASH).toBe(`sha256-${createHash('sha256').update(STYLE).digest('base64')}`);
    expect(page(petShop())).toContain(`<style>${STYLE}</style>`);
    expect(PAGE_HEADERS['content-security-policy']).toBe(
      `default-src 'none'; style-src '${STYLE_HASH}'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'`,
    );
  });
});

/** The same with this in each text that is not a word of OpenAPI. */
function poisoned(value: unknown, evil: string, key = ''): unknown {
  if (typeof value === 'string') return ['openapi', 'in', 'type', '$ref'].includes(key) ? value : `${value}${evil}`;
  if (Array.isArray(value)) return value.map((item) => poisoned(item, evil, key === 'type' || key === 'required' ? 'type' : ''));
  if (value === null || typeof value !== 'object') return value;
  return Object.fromEntries(Object.entries(value).map(([name, inner]) => [name, poisoned(inner, evil, name)]));
}
