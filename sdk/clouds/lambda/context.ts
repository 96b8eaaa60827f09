import type { Ending } from '../running.ts';
import type { Call, Settings } from '../settings.ts';
import { arn, putVersion } from './environment.ts';

/** `Context` of `@types/aws-lambda`. https://docs.aws.amazon.com/lambda/latest/dg/nodejs-context.html */
export interface LambdaContext {
  callbackWaitsForEmptyEventLoop: boolean;
  readonly functionName: string;
  readonly functionVersion: string;
  readonly invokedFunctionArn: string;
  readonly memoryLimitInMB: string;
  readonly awsRequestId: string;
  readonly logGroupName: string;
  readonly logStreamName: string;
  readonly identity: undefined;
  readonly clientContext: undefined;
  getRemainingTimeInMillis(): number;
  done(error?: unknown, result?: unknown): void;
  fail(error?: unknown): void;
  succeed(result?: unknown): void;
}

interface ContextOptions extends Ending {
  readonly settings: Settings;
}

export function createContext({ brink }: Call, { settings, succeed, fail }: ContextOptions): LambdaContext {
  const due = brink.deadline ?? Date.now() + settings.deadline;
  const version = String(brink.version);
  putVersion(brink.version);
  return {
    callbackWaitsForEmptyEventLoop: true,
    functionName: brink.function,
    functionVersion: version,
    invokedFunctionArn: arn('lambda', `function:${brink.function}:${brink.alias ?? version}`),
    memoryLimitInMB: String(settings.memory),
    awsRequestId: brink.requestId,
    logGroupName: `/aws/lambda/${brink.function}`,
    logStreamName: `${brink.function}/[${version}]`,
    identity: undefined,
    clientContext: undefined,
    getRemainingTimeInMillis: () => Math.max(0, due - Date.now()),
    done: (error, result) => (error === null || error === undefined ? succeed(result) : fail(error)),
    fail,
    succeed,
  };
}
