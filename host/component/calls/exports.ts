import { BrinkError } from '../../errors.ts';
import { interfaceName } from '../describe/interface-name.ts';
import type { Plan, Signature, ValueType } from '../plan.ts';
import type { Exported } from '../runtime/call.ts';
import { camelCase, sameInCamelCase } from './labels.ts';

/** A function that a component exports of its own: no handler of WASI or of Brink. */
export interface OwnExport extends Exported {
  /** Where it is called: `/ops/add`, and nowhere else. */
  readonly path: string;
  readonly signature: Signature;
  /** Why it cannot be called from outside of a component; null where it can. */
  readonly impossible: string | null;
}

type Plans = Pick<Plan, 'exports' | 'functions' | 'signatures' | 'types'>;

/** Namespaces whose interfaces say by themselves who calls them. */
const KNOWN = /^(?:wasi|brink):/;

/** All of them, in the order in which the component has them. */
export function ownExports(plan: Plans): readonly OwnExport[] {
  const own = Object.entries(plan.exports).filter(([name]) => !KNOWN.test(name));
  const prefixes = prefixesOf(own.map(([name]) => name));
  return own.flatMap(([full, functions]) =>
    Object.entries(functions).map(([name, index]) => {
      const signature = plan.signatures[plan.functions[index]!.signature]!;
      return {
        interface: full,
        name,
        path: `${prefixes.get(full)!}/${name}`,
        signature,
        impossible: whyImpossible(plan.types, name, signature),
      };
    }),
  );
}

/** @throws {BrinkError} component-unsupported where one of them cannot be called */
export function checkOwnExports(exports: readonly OwnExport[]): void {
  const found = exports.find(({ impossible }) => impossible !== null);
  if (found === undefined) return;
  throw new BrinkError(
    'component-unsupported',
    `The component exports ${nameOf(found)}, which cannot be called as JSON over HTTP: ${found.impossible}. Leave it out of the world that it is built for, or export wasi:http beside it.`,
    { details: { interface: found.interface, function: found.name } },
  );
}

/** For messages: `add of acme:calc/ops@1.2.0`. */
export function nameOf({ interface: full, name }: Exported): string {
  return full === '' ? name : `${name} of ${full}`;
}

/** By the whole name of an interface: its own name, where no other has the same. */
function prefixesOf(names: readonly string[]): ReadonlyMap<string, string> {
  const own = names.map((name) => interfaceName(name)?.interface ?? name);
  const alone = (at: number) => own.indexOf(own[at]!) === own.lastIndexOf(own[at]!);
  return new Map(names.map((name, at) => [name, name === '' ? '' : `/${alone(at) ? own[at]! : name}`]));
}

function whyImpossible(types: readonly ValueType[], name: string, { params, result }: Signature): string | null {
  if (name.startsWith('[')) return 'it belongs to a resource, which does not outlive a call';
  const clash = sameInCamelCase(params.map(([param]) => param));
  if (clash !== null) return `its parameters ${clash.join(' and ')} are both ${camelCase(clash[0])} in JSON`;
  const checked = new Set<number>();
  for (const [param, type] of params) {
    const why = whyNot(types, type, checked);
    if (why !== null) return `its parameter ${param} has ${why}`;
  }
  const why = result === null ? null : whyNot(types, result, checked);
  return why === null ? null : `its result has ${why}`;
}

/** What of a type has no place in JSON. */
function whyNot(types: readonly ValueType[], index: number, checked: Set<number>): string | null {
  if (checked.has(index)) return null;
  checked.add(index);
  const type = types[index]!;
  const clash = sameInCamelCase(labelsOf(type));
  if (clash !== null) return `a ${type.kind} whose ${clash.join(' and ')} are both ${camelCase(clash[0])} in JSON`;
  switch (type.kind) {
    case 'own':
    case 'borrow':
      return 'a resource, which does not outlive a call';
    case 'stream':
    case 'future':
      return `a ${type.kind}, which JSON cannot hold`;
    case 'error-context':
      return 'an error-context, which JSON cannot hold';
    default: {
      for (const part of partsOf(type)) {
        const why = whyNot(types, part, checked);
        if (why !== null) return why;
      }
      return null;
    }
  }
}

/** Those that become names in JSON. */
function labelsOf(type: ValueType): readonly string[] {
  if (type.kind === 'record') return type.fields.map(([name]) => name);
  return type.kind === 'flags' ? type.labels : [];
}

export function partsOf(type: ValueType): readonly number[] {
  switch (type.kind) {
    case 'record':
      return type.fields.map(([, of]) => of);
    case 'variant':
      return type.cases.flatMap(([, of]) => (of === null ? [] : [of]));
    case 'list':
      return [type.element];
    case 'map':
      return [type.key, type.value];
    case 'tuple':
      return type.items;
    case 'option':
      return [type.some];
    case 'result':
      return [type.ok, type.error].filter((of) => of !== null);
    default:
      return [];
  }
}
