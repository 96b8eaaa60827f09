import { describe, expect, it } from 'vitest';
import type { Exclusion } from './exclusions.ts';
import { judge } from './outcome.ts';
import { play } from './play.ts';
import { readScript } from './script.ts';

const ADDS = `
  (core module $M (func (export "add") (param i32 i32) (result i32) (i32.add (local.get 0) (local.get 1)))
                  (func (export "trap") unreachable))
  (core instance $m (instantiate $M))
  (func (export "add") (param "a" u8) (param "b" u8) (result u8) (canon lift (core func $m "add")))
  (func (export "trap") (canon lift (core func $m "trap")))`;

async function failures(script: string): Promise<(string | null)[]> {
  return (await play(readScript(script))).map(({ failure }) => failure);
}

describe('the player of test files', () => {
  it('instantiates, calls and compares, with comments and strings in between', async () => {
    const script = `;; (nothing)
      (component definition $A ${ADDS} (; (; nested ;) " ;))
      (component instance $a $A) (component instance $b $A)
      (assert_return (invoke $a "add" (u8.const 1) (u8.const 2)) (u8.const 3))
      (assert_trap (invoke "trap") "unreachable")
      (assert_trap (invoke "add" (u8.const 1) (u8.const 2)) "dead")
      (assert_return (invoke $a "add" (u8.const 200) (u8.const 1_00)) (u8.const 44))
      (assert_malformed (component binary "\\00asm" "\\0d\\00\\01") "short")
      (assert_invalid (component (alias outer 9 0 (type))) "scopes")`;
    expect(await failures(script)).toEqual(Array(9).fill(null));
  });

  it('says what is not as it should be', async () => {
    const script = `(component ${ADDS})
      (assert_return (invoke "add" (u8.const 1) (u8.const 2)) (u8.const 4))
      (assert_trap (invoke "add" (u8.const 1) (u8.const 2)) "no reason")
      (assert_invalid (component) "no reason")
      (assert_invalid (component (import "m" (core module))) "not because it is not supported")
      (assert_malformed (component quote "(nonsense)") "not ours")
      (assert_nothing)`;
    expect(await failures(script)).toEqual([
      null,
      '3 came back, and not 4',
      'no trap: no reason',
      'taken, though invalid: no reason',
      expect.stringContaining('a core module import'),
      expect.stringContaining('the text cannot be parsed'),
      'The directive assert_nothing is not known here.',
    ]);
  });

  it('takes no trap for granted where a component is not there to be called', async () => {
    const script = '(component (import "m" (core module))) (assert_trap (invoke "f") "whatever")';
    expect((await failures(script))[1]).toBe('The component could not be instantiated.');
  });

  it('finds threads, and has functions of the same type stand in for theirs', async () => {
    const script = `(component
      (core type $start (func (param i32)))
      (core module $Table (table (export "t") 1 funcref))
      (core instance $table (instantiate $Table))
      (alias core export $table "t" (core table $t))
      (core func $new (canon thread.new-indirect $start (core table $t)))
      (canon thread.index (core func $index)) ${ADDS})
      (assert_return (invoke "add" (u8.const 1) (u8.const 2)) (u8.const 3))`;
    expect(await failures(script)).toEqual([null, null]);
  });
});

it('an exclusion is of some calls, of some failures, or of a whole file', () => {
  const outcome = { line: 1, kind: 'trap', call: 'f', failure: 'no trap: x' };
  const excluded = (exclusion: Partial<Exclusion>) => judge(outcome, [{ file: 'a.wast', reason: 'r', ...exclusion }]).excluded !== null;
  expect([excluded({}), excluded({ calls: ['f'] }), excluded({ failure: /no trap/ })]).toEqual([true, true, true]);
  expect([excluded({ calls: ['g'] }), excluded({ failure: /other/ })]).toEqual([false, false]);
});
