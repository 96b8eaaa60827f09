import process from 'node:process';
import { putEnvironment } from '../environment.ts';
import type { Settings } from '../settings.ts';

const REGION = 'us-east-1';
/** There are no accounts here. */
export const ACCOUNT = '000000000000';

/** AWS's reserved variables, as far as they say something here. https://docs.aws.amazon.com/lambda/latest/dg/configuration-envvars.html */
export function putLambdaEnvironment({ function: name, memory, lambda }: Settings, env: Readonly<Record<string, unknown>>): void {
  putEnvironment(env, {
    _HANDLER: `index.${lambda.export}`,
    AWS_REGION: REGION,
    AWS_DEFAULT_REGION: REGION,
    AWS_LAMBDA_FUNCTION_NAME: name,
    AWS_LAMBDA_FUNCTION_MEMORY_SIZE: String(memory),
    AWS_LAMBDA_FUNCTION_VERSION: '$LATEST',
    AWS_LAMBDA_INITIALIZATION_TYPE: 'on-demand',
    AWS_LAMBDA_LOG_GROUP_NAME: `/aws/lambda/${name}`,
    AWS_LAMBDA_LOG_STREAM_NAME: name,
    LAMBDA_TASK_ROOT: '/var/task',
    TZ: ':UTC',
  });
}

/** Known from the first call on: a module is loaded before it has a number. */
export function putVersion(version: number): void {
  process.env['AWS_LAMBDA_FUNCTION_VERSION'] = String(version);
}

export function region(): string {
  return process.env['AWS_REGION'] ?? REGION;
}

/** `arn:aws:{service}:{region}:{account}:{resource}` */
export function arn(service: string, resource: string): string {
  return `arn:aws:${service}:${region()}:${ACCOUNT}:${resource}`;
}
