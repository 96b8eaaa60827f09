import { Batch } from '../../../bindings/queues/batch.ts';
import { callBy } from '../../../bindings/clients.ts';
import type { Context } from '../../../cell/context.ts';
import { incomingEmail } from '../../../cell/email.ts';
import { failureCodeOf, type Handlers } from '../../../cell/handlers.ts';
import { scheduledController } from '../../../cell/scheduled.ts';
import { RECEIVED_MAIL, type QueueFrame, type ToCell } from '../frames.ts';
import { messagesOf } from './messages.ts';
import { thrown } from './thrown.ts';
import type { Invoking, Work } from './work.ts';

type EmailFrame = Extract<ToCell, readonly ['email', ...unknown[]]>;
type ScheduledFrame = Extract<ToCell, readonly ['scheduled', ...unknown[]]>;

export function runScheduled(of: Invoking, [, id, event, call]: ScheduledFrame): void {
  const work = of.begin(id);
  const { controller, noRetry } = scheduledController(event);
  const run = (handlers: Handlers, context: Context) => handlers.call('scheduled', controller, of.env, context);
  new Promise((resolve) => resolve(of.call(id, work, call, run))).then(
    () => {
      of.out.send(['scheduled-done', id, noRetry()]);
      of.release(id, work);
    },
    (error: unknown) => of.fail(id, error),
  );
}

export function runEmail(of: Invoking, [, id, from, to, raw, call]: EmailFrame): void {
  const work = of.begin(id);
  let rejected = (): string | null => null;
  const failure = keepFailure(of, work);
  work.ended = () => {
    const failed = failure();
    if (failed === undefined) of.out.send(['email-done', id, rejected()]);
    else of.out.send(['failed', id, failureCodeOf(failed.error), thrown(failed.error)]);
  };
  const run = (handlers: Handlers, context: Context) => {
    const incoming = incomingEmail({ from, to, raw }, callBy(of.calls.of(RECEIVED_MAIL, 'The message')));
    ({ rejected } = incoming);
    return handlers.call('email', incoming.message, of.env, context);
  };
  new Promise((resolve) => resolve(of.call(id, work, call, run))).catch(work.failed).then(
    () => of.release(id, work),
    () => {},
  );
}

export function runQueue(of: Invoking, [, id, queue, heads, bodies, backlog, call]: QueueFrame): void {
  const work = of.begin(id);
  let unsent: number[] = [];
  const flush = () => {
    if (unsent.length > 0) of.out.send(['said', id, unsent]);
    unsent = [];
  };
  const say = (index: number, code: number) => {
    // Nobody listens any more.
    if (!of.runs(id)) return;
    // What is said at once leaves together, and before anything else can happen to the cell.
    if (unsent.push(index, code) === 2) queueMicrotask(flush);
  };
  const failure = keepFailure(of, work);
  work.ended = () => {
    flush();
    const failed = failure();
    if (failed !== undefined) of.out.send(['failed', id, failureCodeOf(failed.error), thrown(failed.error)]);
  };
  const batch = new Batch({ queue, messages: messagesOf(heads, bodies), backlog }, say);
  const run = (handlers: Handlers, context: Context) => handlers.call('queue', batch, of.env, context);
  new Promise((resolve) => resolve(of.call(id, work, call, run))).catch(work.failed).then(
    () => of.release(id, work),
    () => {},
  );
}

/** Work that a handler leaves to `waitUntil` is its own: what fails there is told as it fails itself, so that it comes again. */
function keepFailure({ report }: Invoking, work: Work): () => { readonly error: unknown } | undefined {
  let failure: { readonly error: unknown } | undefined;
  work.failed = (error) => {
    if (failure === undefined) failure = { error };
    else report(error);
  };
  return () => failure;
}
