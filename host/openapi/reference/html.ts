/** HTML that is right as it stands. It is made by `markup` alone, so that no value of a document can pass for some. */
export class Html {
  readonly #text: string;

  private constructor(text: string) {
    this.#text = text;
  }

  static of(strings: readonly string[], values: readonly Value[]): Html {
    let text = strings[0]!;
    for (const [index, value] of values.entries()) text += textOf(value) + strings[index + 1]!;
    return new Html(text);
  }

  get length(): number {
    return this.#text.length;
  }

  toString(): string {
    return this.#text;
  }
}

/** Nothing stands for null and undefined. */
export type Value = string | number | Html | readonly Html[] | null | undefined;

/** All that is put into it is text, and shown as such, but for HTML that was made the same way. */
export function markup(strings: TemplateStringsArray, ...values: readonly Value[]): Html {
  return Html.of(strings, values);
}

function textOf(value: Value): string {
  if (value === null || value === undefined) return '';
  if (value instanceof Html) return value.toString();
  if (Array.isArray(value)) return value.join('');
  return escaped(String(value));
}

const NAMES: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#39;' };

function escaped(text: string): string {
  return text.replace(/[&<>"']/g, (character) => NAMES[character]!);
}
