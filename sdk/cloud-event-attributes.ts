/** The types of attributes that an event has here. A Binary, URI or Timestamp is its canonical text. */
export type CloudEventAttribute = string | number | boolean;

export const CORE = ['specversion', 'id', 'source', 'type', 'subject', 'time', 'datacontenttype', 'dataschema'] as const;

const MAX_INTEGER = 2 ** 31 - 1;
const NAME = /^[a-z0-9]+$/;
// RFC 3986, appendix A: characters alone, and where a percent sign may stand.
const URI_REFERENCE = /^(?:[\w\-.~:/?#[\]@!$&'()*+,;=]|%[0-9a-f]{2})+$/i;
const SCHEME = /^[a-z][a-z0-9+.-]*:/i;
// RFC 2045, section 5.1.
const TOKEN = "[!#$%&'*+.^_`|~0-9A-Za-z-]+";
const MEDIA_TYPE = new RegExp(`^${TOKEN}/${TOKEN}(\\s*;\\s*${TOKEN}=(${TOKEN}|"(?:[^"\\\\]|\\\\.)*"))*\\s*;?$`);
const TIMESTAMP = /^(\d{4})-(\d\d)-(\d\d)[Tt](\d\d):(\d\d):(\d\d)(\.\d+)?(?:[Zz]|[+-](\d\d):(\d\d))$/;
// oxlint-disable-next-line no-control-regex -- those are what may not be there
const CONTROL = /[\u0000-\u001f\u007f-\u009f]/;
/** U+FDD0 to U+FDEF, and the last two of each plane. */
const NONCHARACTER =
  /[\ufdd0-\ufdef]|[\ufffe\uffff]|[\ud83f\ud87f\ud8bf\ud8ff\ud93f\ud97f\ud9bf\ud9ff\uda3f\uda7f\udabf\udaff\udb3f\udb7f\udbbf\udbff][\udffe\udfff]/;

/** What is wrong with the name of an attribute, or null. Specification, "Naming Conventions". */
export function nameFault(name: string): string | null {
  if (name === 'data') return 'cannot have this name';
  return NAME.test(name) ? null : 'has a name of other characters than a-z and 0-9';
}

/** What is wrong with the value of an attribute, or null. Specification, "Type System". */
export function attributeFault(name: string, value: unknown): string | null {
  if (!isCore(name) && typeof value === 'boolean') return null;
  if (!isCore(name) && typeof value === 'number') {
    const fits = Number.isInteger(value) && value >= -MAX_INTEGER - 1 && value <= MAX_INTEGER;
    return fits ? null : 'is no integer of 32 bits';
  }
  if (typeof value !== 'string') return isCore(name) ? 'is no text' : 'is no text, integer, true or false';
  return textFault(value) ?? (isCore(name) ? coreFault(name, value) : null);
}

/** A Date as RFC 3339 has it, bytes as RFC 4648 does; what else there is stays. */
export function textOf(value: unknown): unknown {
  if (value instanceof Date) return Number.isNaN(value.getTime()) ? value : value.toISOString();
  return value instanceof Uint8Array ? base64Of(value) : value;
}

export function base64Of(bytes: Uint8Array): string {
  let text = '';
  for (let at = 0; at < bytes.length; at += 8_192) text += String.fromCharCode(...bytes.subarray(at, at + 8_192));
  return btoa(text);
}

/** null where it is no Base64. RFC 4648, section 4: with its padding, and nothing else in between. */
export function bytesOfBase64(text: string): Uint8Array<ArrayBuffer> | null {
  if (text.length % 4 !== 0 || !/^[A-Za-z0-9+/]*={0,2}$/.test(text)) return null;
  return Uint8Array.from(atob(text), (character) => character.charCodeAt(0));
}

function isCore(name: string): name is (typeof CORE)[number] {
  return (CORE as readonly string[]).includes(name);
}

function textFault(text: string): string | null {
  if (CONTROL.test(text)) return 'has a control character';
  if (!text.isWellFormed()) return 'has half of a character';
  return NONCHARACTER.test(text) ? 'has a code point that is no character' : null;
}

function coreFault(name: (typeof CORE)[number], value: string): string | null {
  if (value === '') return 'is empty';
  switch (name) {
    case 'specversion':
      return value === '1.0' ? null : 'is not "1.0"';
    case 'source':
      return URI_REFERENCE.test(value) ? null : 'is no URI reference';
    case 'dataschema':
      return URI_REFERENCE.test(value) && SCHEME.test(value) ? null : 'is no URI';
    case 'time':
      return isTimestamp(value) ? null : 'is no time of RFC 3339';
    case 'datacontenttype':
      return MEDIA_TYPE.test(value) ? null : 'is no media type';
    default:
      return null;
  }
}

/** RFC 3339, section 5.7: a second of 60 is a leap second. */
function isTimestamp(text: string): boolean {
  const [, year, month, day, hour, minute, second, , offsetHour = '0', offsetMinute = '0'] = TIMESTAMP.exec(text) ?? [];
  if (year === undefined) return false;
  const days = new Date(Date.UTC(2000 + (Number(year) % 400), Number(month), 0)).getUTCDate();
  const inRange = (value: string | undefined, least: number, most: number) => Number(value) >= least && Number(value) <= most;
  return (
    inRange(month, 1, 12) &&
    inRange(day, 1, days) &&
    inRange(hour, 0, 23) &&
    inRange(minute, 0, 59) &&
    inRange(second, 0, 60) &&
    inRange(offsetHour, 0, 23) &&
    inRange(offsetMinute, 0, 59)
  );
}
