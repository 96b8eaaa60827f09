import type { ComponentFunction, Plan, ValueType } from '../plan.ts';
import type { Hosts } from '../host.ts';
import { Trap } from '../trap.ts';
import type { Instance } from './instance.ts';
import type { Callable } from './lifted.ts';
import type { Imported } from './lower-host.ts';

/** The host's function behind an import. One that the host lacks was refused when the component was published. */
export function importedFunction(plan: Plan, what: Extract<ComponentFunction, { kind: 'import' }>, hosts: Hosts): Imported {
  const of = what.interface.replace(/@.*$/, '');
  const name = `${of} ${what.name}`;
  const { params } = plan.signatures[what.signature]!;
  const host =
    hosts[what.interface]?.[what.name] ??
    hosts[of]?.[what.name] ??
    (() => {
      throw new Trap(`${name} is not there on this host.`);
    });
  return { name, host, borrows: params.some(([, type]) => borrows(plan, type)) };
}

/** A host's function that is called through a component that passes it on. */
export function callableHost(instance: Instance, { host, name }: Imported): Callable {
  return {
    call(site) {
      instance.lastCall = name;
      const value: unknown = host.apply(instance.hostCall, site.args() as unknown[]);
      if (!(value instanceof Promise)) {
        site.resolve(value);
        return null;
      }
      value.then(
        (outcome: unknown) => instance.schedule(() => site.resolve(outcome)),
        (error: unknown) => instance.fail(error),
      );
      return null;
    },
  };
}

function borrows(plan: Plan, type: number): boolean {
  return partsOf(plan.types[type]!).some((part) => borrows(plan, part)) || plan.types[type]!.kind === 'borrow';
}

function partsOf(type: ValueType): number[] {
  switch (type.kind) {
    case 'record':
      return type.fields.map(([, field]) => field);
    case 'variant':
      return type.cases.flatMap(([, payload]) => (payload === null ? [] : [payload]));
    case 'list':
      return [type.element];
    case 'map':
      return [type.key, type.value];
    case 'tuple':
      return [...type.items];
    case 'option':
      return [type.some];
    case 'result':
      return [type.ok, type.error].filter((part) => part !== null);
    default:
      return [];
  }
}
