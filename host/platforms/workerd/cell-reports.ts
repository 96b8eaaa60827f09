import type { Failure } from '../../cell/workerd/protocol.ts';
import { failureText } from '../../cell/failure.ts';
import type { TimeLeft } from '../../cell/time-left.ts';
import type { Invocation, LoadedVersion, ServiceInvocation } from '../../dispatch/cell.ts';
import { BrinkError } from '../../errors.ts';
import type { CellEvent } from '../../observe/events.ts';
import { requestIdOf } from '../../observe/trace.ts';
import type { WorkerdEngineOptions } from './engine.ts';

export interface CellReportsOptions extends Pick<WorkerdEngineOptions, 'events' | 'maps' | 'now'> {
  /** By which its source maps are known. */
  readonly key: string;
}

/** What a cell tells of itself: its events, and the errors of those who called it. */
export class CellReports {
  readonly #version: LoadedVersion;
  readonly #options: CellReportsOptions;

  constructor(version: LoadedVersion, options: CellReportsOptions) {
    this.#version = version;
    this.#options = options;
  }

  changed(change: CellEvent['change'], reason: string | null): void {
    this.#options.events({ type: 'cell', ...this.#about(), change, reason });
  }

  error(reason: string, cause?: unknown): BrinkError {
    return new BrinkError('cell-crashed', `${this.#name} could not finish this: ${reason.replace(/\.$/, '')}.`, { cause });
  }

  startFailed(cause: unknown): BrinkError {
    const { function: name } = this.#version;
    return new BrinkError('cell-start-failed', `Cannot start a cell for ${this.#name}. \`brink logs ${name}\` says why.`, { cause });
  }

  handlerFailed(failure: Failure, { trigger, traceparent, service }: Invocation): BrinkError {
    const { code, message } = failure;
    if (code === 'handler-missing') {
      if (trigger === 'rpc') return new BrinkError(code, `${this.#name} has no such method.`, { cause: failure });
      const handler = trigger === 'scheduled' || trigger === 'email' ? trigger : 'fetch';
      return new BrinkError(code, `${this.#name} has no ${handler} handler${placeOf(service)}.`, { details: { handler } });
    }
    const requestId = requestIdOf(traceparent);
    const stack = this.mapped(failure.stack);
    this.#options.events({ type: 'exception', ...this.#about(), message, stack, requestId });
    return new BrinkError(code, `${this.#name} ${failureText(code)}. \`brink logs ${this.#version.function}\` shows where.`, {
      details: { requestId },
      cause: { message, stack },
    });
  }

  /** Its result cannot leave the isolate. */
  resultInvalid({ message }: Error, invocation: Invocation): BrinkError {
    const text = `DataCloneError: ${message}`;
    return this.handlerFailed({ code: 'handler-threw', message: text, stack: text }, invocation);
  }

  eventFailed(failure: Failure | 'late', invocation: Invocation): BrinkError {
    if (failure !== 'late') return this.handlerFailed(failure, invocation);
    const { deadline_ms: limit } = this.#version.manifest.limits;
    return new BrinkError('deadline-exceeded', `${this.#name} did not end within ${limit} ms (limits.deadline_ms).`, {
      details: { limit },
    });
  }

  deadlineExceeded({ ms: limit, why }: TimeLeft): BrinkError {
    return new BrinkError('deadline-exceeded', `${this.#name} gave no response within ${limit} ms (${why}).`, { details: { limit } });
  }

  neverAnswers({ ms: limit }: TimeLeft): BrinkError {
    return new BrinkError('deadline-exceeded', `${this.#name} would never give a response: what its handler waits for cannot happen.`, {
      details: { limit },
    });
  }

  mapped(stack: string): string {
    return this.#options.maps.map(this.#options.key, stack);
  }

  get #name(): string {
    return `${this.#version.function}@${this.#version.number}`;
  }

  #about(): { time: number; function: string; version: number } {
    return { time: this.#options.now(), function: this.#version.function, version: this.#version.number };
  }
}

function placeOf(service: ServiceInvocation | null): string {
  return service?.entrypoint ? ` in its entrypoint ${service.entrypoint}` : '';
}
