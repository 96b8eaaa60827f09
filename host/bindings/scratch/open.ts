import type { ShadowMark } from '../../registry/shadow-record.ts';
import { scratchName, scratchScope } from '../../scopes.ts';
import type { BindingScope, BindingsState, Method, Methods } from '../binding.ts';
import { openBinding } from '../kinds.ts';
import { askOf, type Ask } from './ask.ts';
import { d1Over, onlyReads } from './d1.ts';
import { kvOver, type OverOptions } from './kv.ts';
import { marksIn } from './marks.ts';
import { r2Over } from './r2.ts';
import { scratchState } from './state.ts';

export interface ScratchOptions {
  readonly mark: ShadowMark;
  /** What writes go to is made of it, apart from everything else that lies there. */
  readonly state: BindingsState;
  /** Reads what is really there. */
  readonly real: (binding: BindingScope) => Ask;
}

/**
 * A binding of a version that runs as a shadow: what it writes goes to a place of the shadow's own, or nowhere.
 *
 * | kind | reads | writes |
 * |---|---|---|
 * | kv, r2 | what is really there, but for what the shadow has written | beside it |
 * | d1 | the same, until the first write, which has it copied | to the copy |
 * | schedules | those of the shadow's own, and by their id those that are really there | kept, and never due |
 * | locks, ratelimit | | of the shadow's own |
 * | queues | the real backlog | checked, and dropped |
 * | email | | checked, and dropped |
 */
export function openScratch({ kind, scope }: BindingScope, { mark, state: given, real }: ScratchOptions): Methods {
  const state = scratchState(mark, given);
  const methods = openBinding({ kind, scope: ownScope({ kind, scope }, mark) }, state);
  const over: OverOptions = { real: real({ kind, scope }), own: askOf(methods), marks: marksIn(state.store, `${kind}/${scope}`) };
  return counted(kind, methodsOver(kind, methods, over), (count) => given.shadowWrote?.(mark, kind, count));
}

function methodsOver(kind: string, methods: Methods, { real, own, marks }: OverOptions): Methods {
  switch (kind) {
    case 'kv':
      return kvOver({ real, own, marks });
    case 'r2':
      return r2Over({ real, own, marks });
    case 'd1':
      return d1Over({ real, own, marks });
    case 'queues':
      return { ...methods, metrics: () => real('metrics', []) };
    case 'schedules':
      return { ...methods, ...schedulesOver({ real, own, marks }) };
    default:
      return methods;
  }
}

function schedulesOver({ real, own, marks }: OverOptions): Methods {
  return {
    async get(args) {
      const found = await own('get', args);
      return found.value !== null || (await marks.has(String(args[0]))) ? found : real('get', args);
    },
    async cancel(args) {
      const there = (await own('cancel', args)).value === true;
      if (there || (await marks.has(String(args[0])))) return { value: there };
      const { value } = await real('get', args);
      await marks.add(String(args[0]));
      return { value: value !== null };
    },
  };
}

/** Where it goes by scopes; elsewhere the store is one of its own. */
function ownScope({ kind, scope }: BindingScope, mark: ShadowMark): string {
  return kind === 'r2' || kind === 'd1' || kind === 'ratelimit' ? scratchScope(scratchName(mark), scope) : scope;
}

const WRITING: Readonly<Record<string, readonly string[]>> = {
  kv: ['put', 'delete', 'increment'],
  r2: ['put', 'delete', 'completeUpload'],
  queues: ['send', 'sendBatch'],
  schedules: ['create', 'cancel'],
  email: ['send'],
  d1: ['query'],
};

/** Tells of each write that did not go where it would have gone. */
function counted(kind: string, methods: Methods, wrote: (count: number) => void): Methods {
  const writing = WRITING[kind] ?? [];
  const wrapped = Object.entries(methods).map(([name, method]): [string, Method] => {
    if (!writing.includes(name)) return [name, method];
    return [
      name,
      async (args, body) => {
        const result = await method(args, body);
        if (kind === 'queues') wrote((args[0] as readonly unknown[]).length);
        else if (kind !== 'd1' || !onlyReads(body)) wrote(1);
        return result;
      },
    ];
  });
  return Object.fromEntries(wrapped);
}
