const MONTHS = ['jan', 'feb', 'mar', 'apr', 'may', 'jun', 'jul', 'aug', 'sep', 'oct', 'nov', 'dec'];
const MONTH = `(${MONTHS.join('|')})`;
const TIME = String.raw`(\d\d):(\d\d):(\d\d)`;
/** `Sun, 06 Nov 1994 08:49:37 GMT` */
const FIXED = new RegExp(String.raw`^(?:mon|tue|wed|thu|fri|sat|sun), (\d\d) ${MONTH} (\d{4}) ${TIME} gmt$`, 'i');
/** `Sunday, 06-Nov-94 08:49:37 GMT` */
const OLD = new RegExp(String.raw`^(?:mon|tues|wednes|thurs|fri|satur|sun)day, (\d\d)-${MONTH}-(\d\d) ${TIME} gmt$`, 'i');
/** `Sun Nov  6 08:49:37 1994` */
const C = new RegExp(String.raw`^(?:mon|tue|wed|thu|fri|sat|sun) ${MONTH} ([\d ]\d) ${TIME} (\d{4})$`, 'i');

/**
 * Milliseconds since the epoch; null for what is no date of HTTP. `Date.parse` takes much that is none, and what a cache
 * takes for a date decides for how long a response is used. RFC 9110, section 5.6.7.
 *
 * @param now for years of two digits
 */
export function httpDate(text: string | null, now: number): number | null {
  if (text === null) return null;
  const fixed = FIXED.exec(text);
  if (fixed !== null) return timeOf(fixed[3]!, fixed[2]!, fixed[1]!, fixed.slice(4));
  const old = OLD.exec(text);
  if (old !== null) return timeOf(String(wholeYear(Number(old[3]), now)), old[2]!, old[1]!, old.slice(4));
  const c = C.exec(text);
  return c === null ? null : timeOf(c[6]!, c[1]!, c[2]!, c.slice(3, 6));
}

// oxlint-disable-next-line max-params -- the parts of a date
function timeOf(year: string, month: string, day: string, time: readonly string[]): number | null {
  const [hours, minutes, seconds] = time.map(Number) as [number, number, number];
  if (hours > 23 || minutes > 59 || seconds > 60) return null;
  return Date.UTC(Number(year), MONTHS.indexOf(month.toLowerCase()), Number(day), hours, minutes, seconds);
}

/** One that seems more than 50 years ahead is past. */
function wholeYear(digits: number, now: number): number {
  const current = new Date(now).getUTCFullYear();
  const year = current - (current % 100) + digits;
  return year > current + 50 ? year - 100 : year;
}
