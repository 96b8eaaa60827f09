import { describe, expect, it } from 'vitest';
import { compareDocuments } from '../../../host/openapi/changes/compare.ts';
import { RULES, type Rule } from '../../../host/openapi/changes/rules.ts';
import { CASES } from './cases.ts';

describe.each(CASES)('$name', ({ from, to, there, back }) => {
  it('is found, and nothing else', () => {
    expect(rulesFrom(from, to)).toEqual([...there].toSorted());
  });

  it('is found the other way round, and nothing else', () => {
    expect(rulesFrom(to, from)).toEqual([...back].toSorted());
  });

  it('is not found in a document against itself', () => {
    expect([...rulesFrom(from, structuredClone(from)), ...rulesFrom(to, structuredClone(to))]).toEqual([]);
  });
});

describe('the rules', () => {
  it('each have a case', () => {
    const found = new Set(CASES.flatMap(({ there, back }) => [...there, ...back]));
    const elsewhere: Rule[] = ['comparison-incomplete'];
    expect(Object.keys(RULES).filter((rule) => !found.has(rule as Rule) && !elsewhere.includes(rule as Rule))).toEqual([]);
  });
});

function rulesFrom(from: unknown, to: unknown): string[] {
  return [...new Set(compareDocuments(from, to).map(({ rule }) => rule))].toSorted();
}
