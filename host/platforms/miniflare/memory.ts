import { readFileSync } from 'node:fs';

/** Bytes of memory that a process has in use; null where the system does not tell. */
export function memoryOf(pid: number | undefined): number | null {
  try {
    const [, kilobytes] = /^VmRSS:\s+(\d+) kB/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))!;
    return Number(kilobytes) * 1024;
  } catch {
    return null;
  }
}
