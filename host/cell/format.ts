const MAX_MESSAGE = 16_384;
const MAX_DEPTH = 4;
const MAX_ITEMS = 100;

/** The text of `console.log(...args)`, by the Console standard's format specifiers, the same on every engine. */
export function formatLog(args: readonly unknown[]): string {
  const [first, ...rest] = args;
  const parts = typeof first === 'string' ? [substitute(first, rest), ...rest.map(formatOne)] : args.map(formatOne);
  const text = parts.join(' ');
  return text.length > MAX_MESSAGE ? `${text.slice(0, MAX_MESSAGE)}… (${text.length - MAX_MESSAGE} more characters)` : text;
}

/** Takes the arguments that the specifiers use up from `rest`. Console standard, section 2.2.1. */
function substitute(format: string, rest: unknown[]): string {
  if (rest.length === 0) return format;
  return format.replace(/%[sdifoOc%]/g, (specifier) => {
    if (specifier === '%%') return '%';
    if (rest.length === 0) return specifier;
    try {
      return convert(specifier, rest.shift());
    } catch {
      return '[value that throws when read]';
    }
  });
}

type Primitive = string | number | bigint | boolean | symbol | undefined;

function convert(specifier: string, value: unknown): string {
  switch (specifier) {
    case '%s':
      return typeof value === 'object' ? formatOne(value) : String(value as Primitive);
    case '%d':
    case '%i':
      return numeric(value, (text) => Number.parseInt(text, 10));
    case '%f':
      return numeric(value, Number.parseFloat);
    case '%c':
      return '';
    default:
      return inspect(value, 0, new Set());
  }
}

function numeric(value: unknown, parse: (text: string) => number): string {
  return typeof value === 'symbol' || typeof value === 'object' ? 'NaN' : String(parse(String(value as Primitive)));
}

function formatOne(value: unknown): string {
  return typeof value === 'string' ? value : inspect(value, 0, new Set());
}

function inspect(value: unknown, depth: number, seen: Set<object>): string {
  if (typeof value === 'string') return JSON.stringify(value);
  if (typeof value === 'bigint') return `${value}n`;
  if (typeof value === 'function') return `[Function ${value.name || '(anonymous)'}]`;
  if (typeof value !== 'object' || value === null) return String(value);
  if (seen.has(value)) return '[Circular]';
  seen.add(value);
  try {
    return inspectObject(value, depth, seen);
  } catch {
    return '[object that throws when read]';
  } finally {
    seen.delete(value);
  }
}

function inspectObject(value: object, depth: number, seen: Set<object>): string {
  if (value instanceof Error) return errorText(value, depth, seen);
  if (value instanceof Date) return Number.isNaN(value.getTime()) ? 'Invalid Date' : value.toISOString();
  if (value instanceof RegExp || value instanceof URL) return String(value);
  if (value instanceof Promise) return 'Promise {}';
  if (ArrayBuffer.isView(value) || value instanceof ArrayBuffer) return `${value.constructor.name}(${value.byteLength} bytes)`;
  if (depth >= MAX_DEPTH) return Array.isArray(value) ? '[Array]' : '[Object]';
  const show = (inner: unknown) => inspect(inner, depth + 1, seen);
  if (Array.isArray(value)) return braces('[', limited(value, show), ']');
  if (value instanceof Map)
    return `Map ${braces(
      '{',
      limited([...value], ([key, item]) => `${show(key)} => ${show(item)}`),
      '}',
    )}`;
  if (value instanceof Set) return `Set ${braces('{', limited([...value], show), '}')}`;
  if (value instanceof Headers) return `Headers ${show(Object.fromEntries(value))}`;
  if (value instanceof Request) return `Request { ${value.method} ${value.url} }`;
  if (value instanceof Response) return `Response { ${value.status} }`;
  const name = (Object.getPrototypeOf(value) as { constructor?: { name?: string } } | null)?.constructor?.name ?? 'null';
  const body = braces(
    '{',
    limited(Object.entries(value), ([key, item]) => `${/^[\w$]+$/.test(key) ? key : JSON.stringify(key)}: ${show(item)}`),
    '}',
  );
  return name === 'Object' ? body : `${name} ${body}`;
}

function errorText(error: Error, depth: number, seen: Set<object>): string {
  const head = `${error.name}: ${error.message}`;
  const stack = typeof error.stack === 'string' && error.stack !== '' ? error.stack : head;
  const text = stack.includes(error.message) ? stack : `${head}\n${stack}`;
  return error.cause === undefined || depth >= MAX_DEPTH ? text : `${text}\n  [cause]: ${inspect(error.cause, depth + 1, seen)}`;
}

function limited<Item>(items: readonly Item[], show: (item: Item) => string): string[] {
  const shown = items.slice(0, MAX_ITEMS).map(show);
  return items.length > MAX_ITEMS ? [...shown, `… ${items.length - MAX_ITEMS} more`] : shown;
}

function braces(open: string, items: readonly string[], close: string): string {
  return items.length === 0 ? open + close : open === '[' ? `[ ${items.join(', ')} ]` : `{ ${items.join(', ')} }`;
}
