import { WorkerEntrypoint } from 'cloudflare:workers';
import type { FunctionCalls } from '../../bindings/binding.ts';
import type { Delivered } from '../../bindings/queues/deliver.ts';
import type { QueueBatch, ScheduledEvent, ScheduledOutcome } from '../../dispatch/cell.ts';
import type { QueueConsumer } from '../../dispatch/consumers.ts';
import type { Invoked } from '../../dispatch/event-calls.ts';
import { BrinkError, toBrinkError, type Code } from '../../errors.ts';
import type { HostEvent } from '../../observe/events.ts';
import type { ChangeRule } from '../../registry/change-rules.ts';
import type { LiveSchedule } from '../../registry/declared.ts';

/** An answer, as calls between Workers carry it: an error's class and code would not arrive. */
type Answer<Value> = { readonly value: Value } | { readonly failure: { readonly code: Code; readonly message: string } };

/** What the objects that keep bindings ask of the host Worker, each call in an invocation of its own. */
export interface FunctionCallsStub {
  scheduled(name: string, reference: string | null, event: ScheduledEvent): Promise<Answer<ScheduledOutcome & Invoked>>;
  schedules(name: string): Promise<Answer<readonly LiveSchedule[] | null>>;
  consumer(queue: string): Promise<Answer<QueueConsumer | null>>;
  queue(name: string, bound: number | null, batch: QueueBatch): Promise<Answer<Delivered>>;
  releases(name: string): Promise<Answer<number | null>>;
  changeRules(binding: RuleScope): Promise<Answer<readonly ChangeRule[]>>;
  notice(event: HostEvent): Promise<void>;
}

type RuleScope = Pick<ChangeRule, 'kind' | 'scope'>;

export interface FunctionCallsOptions {
  /** The host, and where its events go. */
  calls(env: unknown): FunctionCalls;
  changeRules(env: unknown, binding: RuleScope): readonly ChangeRule[] | Promise<readonly ChangeRule[]>;
  emit(env: unknown, event: HostEvent): void;
}

export function createFunctionCallsEntrypoint({ calls, changeRules, emit }: FunctionCallsOptions) {
  return class FunctionCallsEntrypoint extends WorkerEntrypoint implements FunctionCallsStub {
    scheduled(name: string, reference: string | null, event: ScheduledEvent): Promise<Answer<ScheduledOutcome & Invoked>> {
      return answered(() => calls(this.env).scheduled(name, reference, event));
    }

    consumer(queue: string): Promise<Answer<QueueConsumer | null>> {
      return answered(() => calls(this.env).consumer(queue));
    }

    queue(name: string, bound: number | null, batch: QueueBatch): Promise<Answer<Delivered>> {
      return answered(() => calls(this.env).queue(name, bound, batch));
    }

    schedules(name: string): Promise<Answer<readonly LiveSchedule[] | null>> {
      return answered(() => calls(this.env).schedules(name));
    }

    releases(name: string): Promise<Answer<number | null>> {
      return answered(() => calls(this.env).releases(name));
    }

    changeRules(binding: RuleScope): Promise<Answer<readonly ChangeRule[]>> {
      return answered(async () => changeRules(this.env, binding));
    }

    async notice(event: HostEvent): Promise<void> {
      emit(this.env, event);
    }
  };
}

/** The same calls on the object's side. */
export function functionCallsBy(stub: () => FunctionCallsStub): FunctionCalls {
  return {
    scheduled: async (name, reference, event) => valueOf(await stub().scheduled(name, reference, event)),
    consumer: async (queue) => valueOf(await stub().consumer(queue)),
    queue: async (name, bound, batch) => valueOf(await stub().queue(name, bound, batch)),
    schedules: async (name) => valueOf(await stub().schedules(name)),
    releases: async (name) => valueOf(await stub().releases(name)),
  };
}

export async function changeRulesBy(stub: () => FunctionCallsStub, binding: RuleScope): Promise<readonly ChangeRule[]> {
  return valueOf(await stub().changeRules(binding));
}

async function answered<Value>(call: () => Promise<Value>): Promise<Answer<Value>> {
  try {
    return { value: await call() };
  } catch (cause) {
    const { code, message } = toBrinkError(cause);
    return { failure: { code, message } };
  }
}

function valueOf<Value>(answer: Answer<Value>): Value {
  if ('value' in answer) return answer.value;
  throw new BrinkError(answer.failure.code, answer.failure.message);
}
