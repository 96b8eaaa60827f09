import { Option, type Command } from 'commander';
import type { HostOptions, RunningHost } from '../platforms/running.ts';
import { usage } from './failure.ts';

/** As `Engine.name` has them. */
export type EngineName = (typeof ENGINES)[number];

export interface EngineFlags {
  readonly engine?: EngineName;
  readonly platform?: keyof typeof PLATFORMS;
}

const ENGINES = ['node', 'workerd'] as const;
/** What `--platform` takes, by which the engine was chosen before. */
const PLATFORMS = { node: 'node', miniflare: 'workerd', workerd: 'workerd' } as const;

export function withEngineFlag(command: Command, byDefault: EngineName): Command {
  return command
    .addOption(new Option('--engine <name>', `what runs functions (default: ${byDefault})`).choices(ENGINES))
    .addOption(new Option('--platform <name>', 'its name before').choices(Object.keys(PLATFORMS)).hideHelp());
}

/** @throws {CliError} `usage` */
export function engineOf({ engine, platform }: EngineFlags, byDefault: EngineName): EngineName {
  const meant = platform === undefined ? undefined : PLATFORMS[platform];
  if (engine !== undefined && meant !== undefined && engine !== meant)
    throw usage(`--engine ${engine} and --platform ${platform} name two engines. --platform is what --engine was called before.`);
  return engine ?? meant ?? byDefault;
}

/** What starts a host here; loaded only when it is asked for. */
export async function starterOf(engine: EngineName): Promise<(options: HostOptions) => Promise<RunningHost>> {
  if (engine === 'node') return (await import('../platforms/node/serve.ts')).startNode;
  return (await import('../platforms/miniflare/serve.ts')).startMiniflare;
}
