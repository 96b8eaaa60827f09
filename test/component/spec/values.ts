import type { Plan } from '../../../host/component/plan.ts';
import { stringOf } from './script.ts';
import type { Node } from './s-expression.ts';

/** The value that a test file writes as `(u32.const 1)`, as hosts hand it over; `type` is an index of the plan. */
export function valueOf(plan: Plan, type: number, written: readonly Node[]): unknown {
  const [word, ...rest] = written;
  const what = plan.types[type]!;
  const inner = (index: number, node: Node | undefined) => valueOf(plan, index, node?.kind === 'list' ? node.items : []);
  const text = () => textOf(rest[0]);
  switch (what.kind) {
    case 'bool':
      return text() === 'true';
    case 's64':
    case 'u64':
      return BigInt(text().replaceAll('_', ''));
    case 'f32':
    case 'f64':
      return floatOf(text());
    case 'char':
    case 'string':
    case 'enum':
      return stringOf(rest[0]);
    case 'flags': {
      const set = new Set(rest.map(stringOf));
      return Object.fromEntries(what.labels.map((label) => [label, set.has(label)]));
    }
    case 'list': {
      const items = rest.map((node) => inner(what.element, node));
      return plan.types[what.element]!.kind === 'u8' ? new Uint8Array(items as number[]) : items;
    }
    case 'map':
      return rest.map((node) => {
        const { items } = node as Extract<Node, { kind: 'list' }>;
        return [inner(what.key, items[1]), inner(what.value, items[2])];
      });
    case 'tuple':
      return what.items.map((item, index) => inner(item, rest[index]));
    case 'record':
      return Object.fromEntries(
        what.fields.map(([name, field], index) => {
          const { items } = rest[index] as Extract<Node, { kind: 'list' }>;
          return [name, items[2]?.kind === 'list' ? inner(field, items[2]) : valueOf(plan, field, items.slice(2))];
        }),
      );
    case 'variant': {
      const tag = stringOf(rest[0]);
      const payload = what.cases.find(([name]) => name === tag)![1];
      return payload === null ? { tag } : { tag, val: inner(payload, rest[1]) };
    }
    case 'option':
      return textOf(word) === 'option.none' ? undefined : inner(what.some, rest[0]);
    case 'result': {
      const tag = textOf(word) === 'result.ok' ? 'ok' : 'err';
      const payload = tag === 'ok' ? what.ok : what.error;
      return payload === null ? { tag } : { tag, val: inner(payload, rest[0]) };
    }
    case 'own':
    case 'borrow':
    case 'stream':
    case 'future':
    case 'error-context':
      throw new TypeError(`No value of ${what.kind} can be written down.`);
    default:
      return Number(text().replaceAll('_', ''));
  }
}

function floatOf(text: string): number {
  if (text.includes('nan')) return NaN;
  if (text.includes('inf')) return text.startsWith('-') ? -Infinity : Infinity;
  return Number(text.replaceAll('_', ''));
}

function textOf(node: Node | undefined): string {
  if (node?.kind !== 'atom') throw new SyntaxError('A word is missing.');
  return node.text;
}
