import type { Factory } from '../settings.ts';

/** `terminal-input` and `terminal-output`: resources of which there are none. */
export const terminal: Factory = () => ({});
export const terminalStdin: Factory = () => ({ 'get-terminal-stdin': () => undefined });
export const terminalStdout: Factory = () => ({ 'get-terminal-stdout': () => undefined });
export const terminalStderr: Factory = () => ({ 'get-terminal-stderr': () => undefined });
