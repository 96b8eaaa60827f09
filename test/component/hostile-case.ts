/** Something that a guest does, and what its client gets. */
export interface HostileCase {
  readonly name: string;
  /** Instructions, with `$request`, and `$n` to work with. */
  readonly wat: string;
  /** Status and code of the problem, or the body; or that the body is cut off; or that its code never comes back. */
  readonly answer: readonly [status: number, codeOrBody: string] | 'cut off' | 'spins';
  /** What the log says. */
  readonly why?: RegExp;
}

export const trap = (name: string, wat: string, why: RegExp): HostileCase => ({ name, wat, answer: [502, 'guest-trapped'], why });
/** The trap comes after the answer, and takes nothing of it back. */
export const answered = (name: string, wat: string, why: RegExp, body = 'secret'): HostileCase => ({ name, wat, answer: [200, body], why });
export const invalid = (name: string, wat: string): HostileCase => ({ name, wat, answer: [502, 'response-invalid'] });
export const late = (name: string, wat: string): HostileCase => ({ name, wat, answer: [504, 'deadline-exceeded'] });
export const fine = (name: string, wat: string, body = 'secret'): HostileCase => ({ name, wat, answer: [200, body] });
export const cut = (name: string, wat: string, why?: RegExp): HostileCase => ({ name, wat, answer: 'cut off', ...(why && { why }) });

export const spin: HostileCase = { name: 'a loop without end', wat: '(loop $more (br $more))', answer: 'spins' };

/**
 * Runs the case whose number the path at `$at` is, `$length` long with its slash; `otherwise` where it is none.
 *
 * @param result what the function returns where a case does not
 */
export function dispatched(cases: readonly HostileCase[], otherwise: string, result = ''): string {
  const blocks = cases.map((_, index) => `(block $case${index}`).reverse();
  const targets = cases.map((_, index) => `$case${index}`);
  const bodies = cases.map(({ wat }) => `)\n ${wat}\n (return ${result})`);
  return `
    (local.set $case (i32.const -1))
    (if (i32.gt_u (local.get $length) (i32.const 1)) (then
      (local.set $case (i32.const 0))
      (loop $digits
        (local.set $at (i32.add (local.get $at) (i32.const 1)))
        (local.set $length (i32.sub (local.get $length) (i32.const 1)))
        (local.set $case (i32.add (i32.mul (local.get $case) (i32.const 10)) (i32.sub (i32.load8_u (local.get $at)) (i32.const 48))))
        (br_if $digits (i32.gt_u (local.get $length) (i32.const 1))))))
    (block $none ${blocks.join(' ')}
      (br_table ${targets.join(' ')} $none (local.get $case))
    ${bodies.join('\n')})
    ${otherwise} ${result}`;
}
