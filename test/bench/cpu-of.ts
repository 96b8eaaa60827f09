import { readFileSync } from 'node:fs';

/** Of `sysconf(_SC_CLK_TCK)`, which is 100 on every Linux of today. */
const TICKS_PER_SECOND = 100;

/** CPU time that a process has taken, all threads of it, in µs; null where the system does not say (it is no Linux). */
export function cpuOf(pid: number): number | null {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    // After the name, which may have blanks and brackets in it. https://man7.org/linux/man-pages/man5/proc_pid_stat.5.html
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    return (Number(fields[11]) + Number(fields[12])) * (1e6 / TICKS_PER_SECOND);
  } catch {
    return null;
  }
}
