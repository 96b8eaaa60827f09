import { Command } from 'commander';
import manifest from '../../package.json' with { type: 'json' };
import { addAlias } from './commands/alias.ts';
import { addBuild } from './commands/build.ts';
import { addCells } from './commands/cells.ts';
import { addD1 } from './commands/d1.ts';
import { addDeploy } from './commands/deploy.ts';
import { addDev } from './commands/dev.ts';
import { addDiff } from './commands/diff.ts';
import { addDoctor } from './commands/doctor.ts';
import { addFreeze } from './commands/freeze.ts';
import { addGateway } from './commands/gateway.ts';
import { addHistory } from './commands/history.ts';
import { addInit } from './commands/init.ts';
import { addInspect } from './commands/inspect.ts';
import { addInvoke } from './commands/invoke.ts';
import { addLogs } from './commands/logs.ts';
import { addLs } from './commands/ls.ts';
import { addPolicy } from './commands/policy.ts';
import { addPublish } from './commands/publish.ts';
import { addMail } from './commands/mail.ts';
import { addPurge } from './commands/purge.ts';
import { addQueue } from './commands/queue.ts';
import { addRelease } from './commands/release.ts';
import { addRm } from './commands/rm.ts';
import { addRollback } from './commands/rollback.ts';
import { addRun } from './commands/run.ts';
import { addSchedules } from './commands/schedules.ts';
import { addTick } from './commands/tick.ts';
import { addKey } from './commands/key.ts';
import { addSecret } from './commands/secret.ts';
import { addServe } from './commands/serve.ts';
import { addUsage } from './commands/usage.ts';
import { addTypes } from './commands/types.ts';

const HELP = `
Functions are named fn, fn@alias, fn@3 (a version's number) or fn@3f2a9c01 (its digest).
The host is --host, else BRINK_HOST, else http://127.0.0.1:8787. Its token is BRINK_TOKEN, else that in --state (default .brink).
Exit status: 0 done, 1 refused or failed, 2 the command line was not understood.

Trust: on Node a function runs in a worker thread, which keeps its faults away from others but is no sandbox for hostile
JavaScript. On workerd an isolate is one.`;

/** The command line `brink …`. Each command is one file in `commands/`; its \`--help\` is the reference. */
export function createProgram(): Command {
  const program = new Command('brink')
    .description('Run functions: publish a handler, route to it by alias, on Node and on workerd.')
    .version(manifest.version)
    .helpOption('-h, --help', 'show help')
    .helpCommand('help [command]', 'show help for a command')
    .addHelpText('after', HELP)
    .showSuggestionAfterError()
    .exitOverride()
    // With --json the failure is written once, as JSON.
    .configureOutput({ writeErr: (text) => void (process.argv.includes('--json') || process.stderr.write(text)) });
  for (const add of COMMANDS) add(program);
  return program;
}

/** In the order of a function's life, which is how the help lists them. */
const COMMANDS: readonly ((program: Command) => void)[] = [
  addInit,
  addDev,
  addTypes,
  addBuild,
  addRun,
  addPublish,
  addAlias,
  addRelease,
  addRollback,
  addHistory,
  addDiff,
  addFreeze,
  addGateway,
  addPolicy,
  addSecret,
  addKey,
  addD1,
  addQueue,
  addMail,
  addSchedules,
  addTick,
  addLs,
  addCells,
  addPurge,
  addInspect,
  addInvoke,
  addLogs,
  addUsage,
  addRm,
  addServe,
  addDoctor,
  addDeploy,
];
