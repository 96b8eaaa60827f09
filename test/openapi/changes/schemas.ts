import fc from 'fast-check';

/** Schemas of few words, so that two of them often have to do with each other. `A` leads to itself. */
export const schemas = fc.letrec<{ schema: unknown; object: object }>((tie) => ({
  schema: fc.oneof(
    { maxDepth: 3, withCrossShrink: true },
    fc.constant({}),
    fc.constant({ $ref: '#/components/schemas/A' }),
    fc.record({ type: fc.constantFrom('string', 'number', 'integer', 'boolean', ['string', 'null'], ['number', 'string']) }),
    fc.record({ type: fc.constant('string'), minLength: fc.nat(2), maxLength: fc.integer({ min: 1, max: 3 }) }, { requiredKeys: ['type'] }),
    fc.record(
      {
        type: fc.constantFrom('integer', 'number'),
        minimum: fc.nat(2),
        exclusiveMinimum: fc.nat(2),
        maximum: fc.integer({ min: 1, max: 3 }),
        multipleOf: fc.constantFrom(1, 2),
      },
      { requiredKeys: ['type'] },
    ),
    fc.record({ enum: fc.uniqueArray(fc.constantFrom('', 'a', 'ab', 1, 2, null), { minLength: 1, maxLength: 3 }) }),
    fc.record({ const: fc.constantFrom('a', 1, null) }),
    fc.record({ type: fc.constant('array'), items: tie('schema'), maxItems: fc.nat(2) }, { requiredKeys: ['type'] }),
    tie('object'),
    fc.record({ anyOf: fc.array(tie('schema'), { minLength: 1, maxLength: 3 }) }),
    fc.record({ allOf: fc.array(tie('schema'), { minLength: 1, maxLength: 2 }) }),
  ),
  object: fc.record(
    {
      type: fc.constant('object'),
      // Both of them always: what a name means that is new is a convention, and stands in the table of cases.
      properties: fc.record({ a: tie('schema'), b: tie('schema') }),
      required: fc.subarray(['a', 'b']),
      additionalProperties: fc.oneof(fc.constant(false), fc.constant(true), tie('schema')),
    },
    { requiredKeys: ['type', 'properties'] },
  ),
}));

const leaf = fc.constantFrom<unknown>('', 'a', 'ab', 'abc', 0, 1, 2, 3, 1.5, true, null);

export const values = fc.letrec<{ value: unknown }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 3 },
    leaf,
    leaf,
    fc.array(tie('value'), { maxLength: 2 }),
    fc.record({ a: tie('value'), b: tie('value') }, { requiredKeys: [] }),
  ),
})).value;
