import type { HeaderEditor } from './response.ts';

/** Header lines (name, value, name, value…) that are changed where they stand: as `Headers` does it, without being one. */
export class LineEditor implements HeaderEditor {
  readonly #lines: string[];

  constructor(lines: string[]) {
    this.#lines = lines;
  }

  get(name: string): string | null {
    let value: string | null = null;
    for (let at = this.#find(name, 0); at !== -1; at = this.#find(name, at + 2)) {
      const line = this.#lines[at + 1]!;
      value = value === null ? line : `${value}, ${line}`;
    }
    return value;
  }

  has(name: string): boolean {
    return this.#find(name, 0) !== -1;
  }

  set(name: string, value: string): void {
    const at = this.#find(name, 0);
    if (at === -1) return this.append(name, value);
    this.#lines[at + 1] = value;
    this.#remove(name, at + 2);
  }

  append(name: string, value: string): void {
    this.#lines.push(name.toLowerCase(), value);
  }

  delete(name: string): void {
    this.#remove(name, 0);
  }

  #remove(name: string, from: number): void {
    for (let at = this.#find(name, from); at !== -1; at = this.#find(name, at)) this.#lines.splice(at, 2);
  }

  #find(name: string, from: number): number {
    for (let at = from; at < this.#lines.length; at += 2) {
      const line = this.#lines[at]!;
      if (line.length === name.length && line.toLowerCase() === name.toLowerCase()) return at;
    }
    return -1;
  }
}
