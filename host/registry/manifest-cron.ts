const FIELDS = [
  { name: 'minute', min: 0, max: 59, names: '' },
  { name: 'hour', min: 0, max: 23, names: '' },
  { name: 'day of month', min: 1, max: 31, names: '' },
  { name: 'month', min: 1, max: 12, names: 'JAN|FEB|MAR|APR|MAY|JUN|JUL|AUG|SEP|OCT|NOV|DEC' },
  { name: 'day of week', min: 0, max: 7, names: 'SUN|MON|TUE|WED|THU|FRI|SAT' },
] as const;

/** What is wrong with a cron expression of five fields (crontab(5), with the `L`, `W` and `#` that Workers takes), or null. */
export function cronProblem(cron: string): string | null {
  const parts = cron.trim().split(/\s+/);
  if (parts.length !== FIELDS.length)
    return `has ${cron.trim() === '' ? 0 : parts.length} fields instead of 5 (minute hour day month weekday), as in "*/5 * * * *"`;
  for (const [index, field] of FIELDS.entries()) {
    const wrong = parts[index]!.split(',').find((term) => !isTerm(term, field));
    if (wrong !== undefined)
      return `has ${JSON.stringify(wrong)} as its ${field.name}, which takes ${field.min}-${field.max}, "*", "a-b" and "a/step"`;
  }
  return null;
}

function isTerm(term: string, { name, min, max, names }: (typeof FIELDS)[number]): boolean {
  if (name === 'day of month' && /^(L|LW|([1-9]|[12]\d|3[01])W)$/i.test(term)) return true;
  if (
    name === 'day of week' &&
    (/^([0-7]|SUN|MON|TUE|WED|THU|FRI|SAT)?L$/i.test(term) || /^([0-7]|SUN|MON|TUE|WED|THU|FRI|SAT)#[1-5]$/i.test(term))
  )
    return true;
  const [range = '', step, ...rest] = term.split('/');
  if (rest.length > 0 || (step !== undefined && !/^[1-9]\d{0,2}$/.test(step))) return false;
  if (range === '*' || (range === '?' && name.startsWith('day'))) return true;
  const ends = range.split('-');
  return (
    ends.length <= 2 && ends.every((end) => isNamed(end, names) || (/^\d{1,2}$/.test(end) && Number(end) >= min && Number(end) <= max))
  );
}

function isNamed(text: string, names: string): boolean {
  return names !== '' && names.split('|').includes(text.toUpperCase());
}
