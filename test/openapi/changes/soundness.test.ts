import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { compareDocuments } from '../../../host/openapi/changes/compare.ts';
import { accepts } from './accepts.ts';
import { withBody, withResponse, withSchemas } from './documents.ts';
import { schemas, values } from './schemas.ts';

const runs = { numRuns: 1_500, seed: 7 };
const A = { type: 'object', properties: { a: { $ref: '#/components/schemas/A' }, b: { type: 'string' } } };
const drawn = fc.tuple(schemas.schema, schemas.schema, fc.uniqueArray(values, { minLength: 20, maxLength: 20 }));

describe('two schemas that were drawn', () => {
  it('of what is sent: one value that is taken no more is a change that breaks, or may', () => {
    let refused = 0;
    fc.assert(
      fc.property(drawn, ([from, to, all]) => {
        const lost = all.find((value) => takes(from, value) && !takes(to, value));
        if (lost === undefined) return;
        refused++;
        expect(graves(withBody(from, rest), withBody(to, rest)), JSON.stringify({ from, to, lost })).not.toEqual([]);
      }),
      runs,
    );
    expect(refused).toBeGreaterThan(100);
  });

  it('of what is got: one value that there was not is a change that breaks, or may', () => {
    let come = 0;
    fc.assert(
      fc.property(drawn, ([from, to, all]) => {
        const more = all.find((value) => !takes(from, value) && takes(to, value));
        if (more === undefined) return;
        come++;
        expect(graves(withResponse(from, rest), withResponse(to, rest)), JSON.stringify({ from, to, more })).not.toEqual([]);
      }),
      runs,
    );
    expect(come).toBeGreaterThan(100);
  });

  it('have no change against themselves, whatever the order of their keys', () => {
    fc.assert(
      fc.property(schemas.schema, (schema) => {
        const other = reversed(schema);
        expect(compareDocuments(withBody(schema, rest), withBody(other, { ...rest, info: {} }))).toEqual([]);
        expect(compareDocuments(withResponse(schema, rest), withResponse(other, { ...rest, info: {} }))).toEqual([]);
      }),
      runs,
    );
  });
});

const rest = withSchemas({ A });

function takes(schema: unknown, value: unknown): boolean {
  return accepts(schema, value, { A });
}

function graves(from: unknown, to: unknown): string[] {
  return compareDocuments(from, to).flatMap(({ rule, severity }) => (severity === 'compatible' ? [] : [rule]));
}

function reversed(schema: unknown): unknown {
  if (Array.isArray(schema)) return schema.map(reversed);
  if (typeof schema !== 'object' || schema === null) return schema;
  return Object.fromEntries(
    Object.entries(schema)
      .toReversed()
      .map(([key, value]) => [key, reversed(value)]),
  );
}
