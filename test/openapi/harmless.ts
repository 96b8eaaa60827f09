import { expect } from 'vitest';

const TAGS = new Set(
  'html head meta title style body nav p a details summary ul ol li span main h1 h2 h3 h4 small header div pre code strong em dl dt dd section article b'.split(
    ' ',
  ),
);
const ATTRIBUTES = new Set(['lang', 'charset', 'name', 'content', 'class', 'id', 'href', 'rel', 'open', 'aria-label']);

/** What a browser would take for tags, with their attributes. */
export function tagsOf(text: string): { name: string; attributes: [name: string, value: string][] }[] {
  const body = text.replace('<!doctype html>', '');
  return Array.from(body.matchAll(/<([^>]*)>/g), ([, inside]) => {
    const [, name = '', rest = ''] = /^\/?([^\s/]*)(.*)$/s.exec(inside!)!;
    return {
      name,
      attributes: Array.from(rest.matchAll(/([^\s=]+)(?:="([^"]*)")?/g), ([, key, value = '']): [string, string] => [key!, value]),
    };
  });
}

/** Whether a page has tags of ours alone, and links that lead nowhere but to pages. */
export function checkHarmless(text: string): void {
  for (const { name, attributes } of tagsOf(text)) {
    expect(TAGS, name).toContain(name);
    for (const [key, value] of attributes) {
      expect(ATTRIBUTES, `${name} ${key}`).toContain(key);
      if (key === 'href') expect(value).toMatch(/^(#|https?:|mailto:)/);
    }
  }
}
