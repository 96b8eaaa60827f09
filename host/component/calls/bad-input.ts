/** What a caller sent does not fit its WIT type. `pointer` says where (RFC 6901). */
export class BadInput extends Error {
  readonly #what: string;
  #pointer: string;

  constructor(what: string, pointer = '') {
    super(messageOf(what, pointer));
    this.name = 'BadInput';
    this.#what = what;
    this.#pointer = pointer;
  }

  get pointer(): string {
    return this.#pointer;
  }

  /** The value was part of another one. */
  within(step: string | number): this {
    this.#pointer = `/${String(step).replaceAll('~', '~0').replaceAll('/', '~1')}${this.#pointer}`;
    this.message = messageOf(this.#what, this.#pointer);
    return this;
  }
}

/** @param wanted as `a string` */
export function badInput(wanted: string, value: unknown): BadInput {
  return new BadInput(`${wanted} is wanted, and not ${shown(value)}`);
}

/** For `catch` around the parts of a value: an error with one more step of the pointer, to be thrown on. */
export function within(error: unknown, step: string | number): unknown {
  return error instanceof BadInput ? error.within(step) : error;
}

const MOST_SHOWN = 40;

function shown(value: unknown): string {
  switch (typeof value) {
    case 'string':
      return `the string ${JSON.stringify(value.length > MOST_SHOWN ? `${value.slice(0, MOST_SHOWN)}…` : value)}`;
    case 'number':
    case 'boolean':
    case 'bigint':
      return String(value);
    case 'object':
      return value === null ? 'null' : Array.isArray(value) ? `a list of ${value.length}` : 'an object';
    default:
      return value === undefined ? 'nothing' : `a ${typeof value}`;
  }
}

function messageOf(what: string, pointer: string): string {
  return pointer === '' ? what : `at ${pointer}, ${what}`;
}
