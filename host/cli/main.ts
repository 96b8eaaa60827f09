import process from 'node:process';
import { exitStatus, reportFailure } from './failure.ts';
import { createProgram } from './program.ts';

/** Runs one command line and leaves its exit status in `process.exitCode`: 0 done, 1 refused or failed, 2 not understood. */
export async function main(args: readonly string[]): Promise<void> {
  stopWithParent();
  // Whoever reads the output may stop reading: `brink logs | head`.
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code === 'EPIPE') process.exit(0);
    throw error;
  });
  try {
    await createProgram().parseAsync(args, { from: 'user' });
  } catch (error) {
    reportFailure(error, args.includes('--json'));
    process.exitCode = exitStatus(error);
  }
}

/** `bin.js` under an older Node runs this as a child; when it is killed, its end of the channel closes. */
function stopWithParent(): void {
  if (process.channel === undefined) return;
  process.once('disconnect', () => process.kill(process.pid, 'SIGTERM'));
  process.channel.unref();
}
