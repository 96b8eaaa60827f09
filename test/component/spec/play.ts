import { isDeepStrictEqual, inspect } from 'node:util';
import { parse } from '@bytecodealliance/jco';
import { prepareComponent, type Prepared } from '../../../host/component/prepare.ts';
import { Instance } from '../../../host/component/runtime/instance.ts';
import { BrinkError } from '../../../host/errors.ts';
import { fakeWorld } from '../wasi/fake-world.ts';
import { outcomeOf, type Outcome } from './outcome.ts';
import type { Call, Directive, Source } from './script.ts';
import { withoutThreads } from './stand-ins.ts';
import { valueOf } from './values.ts';

/** Time after which a call that nothing can wake counts as waiting for ever. */
const PATIENCE = 300;

/** Does what a test file asks for, one after the other. */
export async function play(script: readonly Directive[]): Promise<Outcome[]> {
  const player = new Player();
  const outcomes: Outcome[] = [];
  for (const directive of script) {
    try {
      await player.step(directive);
      outcomes.push(outcomeOf(directive, null));
    } catch (error) {
      outcomes.push(outcomeOf(directive, messageOf(error)));
    }
  }
  return outcomes;
}

class Player {
  readonly #components = new Map<string, Ready>();
  readonly #instances = new Map<string, Instance | Error>();
  #last: Ready | null = null;
  #current: Instance | Error = new Missing('Nothing was instantiated.');

  /** @throws where a thing is not as it should be */
  async step(directive: Directive): Promise<void> {
    switch (directive.kind) {
      case 'component': {
        const { name, start } = directive;
        this.#current = new Missing('The component could not be instantiated.');
        const ready = await prepare(directive.source);
        this.#last = ready;
        if (name !== null) this.#components.set(name, ready);
        if (start) this.#instantiate(ready, name);
        return;
      }
      case 'instance':
        this.#instantiate(this.#componentOf(directive.of), directive.name);
        return;
      case 'call':
        await this.#call(directive.call);
        return;
      case 'return': {
        const { value, plan, type } = await this.#call(directive.call);
        const wanted = type === null ? undefined : valueOf(plan, type, directive.results[0]!.items);
        if (!isDeepStrictEqual(value, wanted)) throw new Error(`${inspect(value)} came back, and not ${inspect(wanted)}`);
        return;
      }
      case 'trap': {
        const { of, message } = directive;
        const error = await failureOf(async () => {
          if ('args' in of) await this.#call(of);
          else this.#instantiate('instance' in of ? this.#componentOf(of.instance) : await prepare(of), null);
        });
        if (error === null) throw new Error(`no trap: ${message}`);
        if (error instanceof Missing || error instanceof Waits || error instanceof BrinkError) throw error;
        return;
      }
      case 'refused': {
        const error = await failureOf(() => prepare(directive.source));
        if (error === null) throw new Error(`taken, though ${directive.as}: ${directive.message}`);
        if (!refuses(error)) throw error;
        return;
      }
      case 'unknown':
        throw new Error(`The directive ${directive.word} is not known here.`);
    }
  }

  #componentOf(name: string | null): Ready {
    const ready = name === null ? this.#last : this.#components.get(name);
    if (!ready) throw new Missing(`There is no component ${name}.`);
    return ready;
  }

  #instantiate({ prepared, modules }: Ready, name: string | null): void {
    try {
      this.#current = new Instance(prepared.plan, modules, () => ({ hosts: {}, idle() {}, reset() {} }));
    } catch (error) {
      this.#current = error as Error;
    }
    if (name !== null) this.#instances.set(name, this.#current);
    if (this.#current instanceof Error) throw this.#current;
  }

  #call({ instance: name, name: fn, args }: Call): Promise<{ value: unknown; plan: Prepared['plan']; type: number | null }> {
    const instance = name === null ? this.#current : this.#instances.get(name);
    if (instance === undefined) throw new Missing(`There is no instance ${name}.`);
    if (instance instanceof Error) throw instance;
    const { plan } = instance;
    const signature = plan.signatures[plan.functions[plan.exports['']![fn]!]!.signature]!;
    const given = signature.params.map(([, type], index) => valueOf(plan, type, args[index]!.items));
    return new Promise((resolve, reject) => {
      const late = setTimeout(() => reject(new Waits()), PATIENCE);
      instance.call({ interface: '', name: fn }, given, {
        invocation: fakeWorld().invocation,
        returned(value) {
          clearTimeout(late);
          // It may trap when it has given its result, in a post-return function for example.
          setImmediate(() => (instance.dead === null ? resolve({ value, plan, type: signature.result }) : reject(instance.dead)));
        },
        failed(error) {
          clearTimeout(late);
          reject(error);
        },
      });
    });
  }
}

interface Ready {
  readonly prepared: Prepared;
  readonly modules: readonly WebAssembly.Module[];
}

/** A call has nothing to call. */
class Missing extends Error {}

class Waits extends Error {
  override readonly message = 'the call waits for ever';
}

/** The text is not even one that can be made a binary of. */
class TextError extends Error {}

async function prepare(source: Source): Promise<Ready> {
  const bytes = 'bytes' in source ? source.bytes : await binaryOf(withoutThreads(source.text));
  const prepared = prepareComponent(bytes, () => false);
  return { prepared, modules: prepared.modules.map((module) => new WebAssembly.Module(module)) };
}

async function binaryOf(text: string): Promise<Uint8Array<ArrayBuffer>> {
  try {
    return new Uint8Array(await parse(text));
  } catch (error) {
    throw new TextError(`the text cannot be parsed: ${messageOf(error)}`);
  }
}

/** What may be valid, and is refused because we lack it, does not count; nor what the parser of the text refuses. */
function refuses(error: Error): boolean {
  if (error instanceof WebAssembly.CompileError) return true;
  if (!(error instanceof BrinkError)) return false;
  return error.code === 'component-invalid' || /The specification has no such|It has left the specification/.test(error.message);
}

async function failureOf(step: () => unknown): Promise<Error | null> {
  try {
    await step();
    return null;
  } catch (error) {
    return error as Error;
  }
}

function messageOf(error: unknown): string {
  const { message, payload } = error as { message?: string; payload?: unknown };
  const text = typeof payload === 'string' ? payload : (message ?? inspect(error));
  return (/kind: (?:Custom|Parse)?\("?([^"]*)/.exec(text)?.[1] ?? text).split('\n')[0]!;
}
