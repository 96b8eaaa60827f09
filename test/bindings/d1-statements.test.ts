import { DatabaseSync } from 'node:sqlite';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parametersOf } from '../../host/bindings/d1/parameters.ts';
import { statementsOf } from '../../host/bindings/d1/statements.ts';
import { tokensOf } from '../../host/bindings/d1/tokens.ts';

/** Pieces of which SQL is made that takes care. */
// prettier-ignore
const PIECES = [
  'SELECT', 'a', 'FROM', ',', ' ', '\n', '(', ')', '1', '1.5e3', "'", '"', '`', '[', ']', '--', '/*', '*/', '?', '?2', ':a', '@b', '$c',
  '$d::e', '$f(x)', "'it''s'", '"a""b"', ';', '-', '/', '*', '\u00e4', '||', "x'01'", '\\', '\t',
];

describe('statementsOf()', () => {
  const trigger = 'CREATE TRIGGER t AFTER INSERT ON a BEGIN SELECT CASE 1 WHEN 1 THEN 2 END; INSERT INTO b VALUES (1); END;';

  it.each([
    ['nothing', ' \n -- remark\n ; ;;', []],
    ['one without an end', 'SELECT 1', ['SELECT 1']],
    ['several', 'SELECT 1; SELECT 2;\n\nSELECT 3', ['SELECT 1;', 'SELECT 2;', 'SELECT 3']],
    ['remarks before, between and within', '-- a\nSELECT /* ; */ 1; -- b ;\nSELECT 2 -- c', ['SELECT /* ; */ 1;', 'SELECT 2 -- c']],
    ['semicolons in text and names', `SELECT ';', ";", \`;\`, [;]; SELECT 'it''s;'`, [`SELECT ';', ";", \`;\`, [;];`, "SELECT 'it''s;'"]],
    ['a trigger, which has statements in it', `${trigger} SELECT 1`, [trigger, 'SELECT 1']],
    [
      'a temporary one',
      'create temp trigger t after insert on a begin select 1; end; select 2',
      ['create temp trigger t after insert on a begin select 1; end;', 'select 2'],
    ],
    ['a table of that name', 'CREATE TABLE trigger_of (a); SELECT 1', ['CREATE TABLE trigger_of (a);', 'SELECT 1']],
    ['text without an end', "SELECT 1; SELECT 'a; b", ['SELECT 1;', "SELECT 'a; b"]],
  ])('takes apart %s', (_what, sql, statements) => {
    expect(statementsOf(sql)).toEqual(statements);
  });
});

describe('tokensOf()', () => {
  it('loses nothing', () => {
    fc.assert(
      fc.property(
        fc.oneof(
          fc.string(),
          fc.array(fc.constantFrom(...PIECES)).map((parts) => parts.join('')),
        ),
        (sql) => {
          expect(Array.from(tokensOf(sql), ({ text }) => text).join('')).toBe(sql);
        },
      ),
      { numRuns: 2_000 },
    );
  });
});

describe('parametersOf()', () => {
  it('finds those that SQLite finds, in whatever it takes', () => {
    const database = new DatabaseSync(':memory:', { enableDoubleQuotedStringLiterals: true });
    database.exec('CREATE TABLE t (a, b)');
    const value = fc.constantFrom(
      '?',
      '?2',
      '?1',
      ':a',
      '@b',
      '$c',
      '$d::e',
      '$f(x)',
      ':a',
      "'?'",
      '"?"',
      '`a`',
      '[a]',
      '1',
      "x'3f'",
      'a',
      '/* ? */ 1',
      '-- :x\n 2',
      "'it''s ?'",
      'a.b',
      '-?',
      '(?)',
      ':ä',
      '?3.5',
    );
    let taken = 0;
    fc.assert(
      fc.property(fc.array(value, { minLength: 1, maxLength: 6 }), (values) => {
        const sql = `SELECT ${values.join(', ')} FROM t AS a`;
        const names = parametersOf(sql);
        let statement;
        try {
          statement = database.prepare(sql);
        } catch {
          return;
        }
        taken++;
        // SQLite knows each name, and no number beyond the last.
        const named = Object.fromEntries(names.flatMap((name) => (name === null ? [] : [[name, 0]])));
        const others = names.filter((name) => name === null).map(() => 0);
        statement.all(named, ...others);
        expect(() => statement.all(named, ...others, 0)).toThrow('column index out of range');
      }),
      { numRuns: 2_000 },
    );
    expect(taken).toBeGreaterThan(500);
  });
});
