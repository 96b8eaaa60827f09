import { expect } from 'vitest';
import type { Block } from './blocks.ts';
import type { Clone } from './clone.ts';
import { run, stay, type Staying } from './commands.ts';
import { contains, matches, stable } from './expected.ts';

/**
 * Does what the blocks of a document say, one after the other, in one folder.
 *
 * - `sh`: commands that end. `sh fails`: commands of which the last is refused.
 * - `sh stays`: a command that serves; it is stopped where its section ends. `sh host`: where the document ends.
 * - `text`: what the commands above it print. After `fails` that is what they print as an error.
 * - `text diagram`: nothing to run.
 * - `ts`, `js`, `toml`, `json`, `jsonc`, `sql`, `ini`, `rego`, `yaml`, `html` with `title=FILE`: a file that the reader makes.
 *
 * Where a document says port 8787, the host that was started last is meant.
 */
export class Session {
  readonly #clone: Clone;
  readonly #excluded: ReadonlyMap<string, string>;
  #host: Staying | undefined;
  #staying: Staying | undefined;
  #section = '';
  /** What the block before printed; null where it was no command. */
  #printed: { text(): string; whole: boolean } | null = null;

  /** @param excluded lines that are not run, each with what is run in its place; '' is nothing */
  constructor(clone: Clone, excluded: ReadonlyMap<string, string>) {
    this.#clone = clone;
    this.#excluded = excluded;
  }

  async do(block: Block): Promise<void> {
    if (block.section !== this.#section) await this.#leaveSection(block.section);
    const { language, attributes } = block;
    const flags = Object.keys(attributes).join(' ');
    const printed = this.#printed;
    this.#printed = null;
    if (language === 'sh' && (flags === 'stays' || flags === 'host')) return this.#start(block, flags);
    if (language === 'sh' && (flags === '' || flags === 'fails')) return this.#run(block, flags === 'fails');
    if (language === 'text' && flags === '') return this.#compare(block, printed);
    if (language === 'text' && flags === 'diagram') return undefined;
    const { title } = attributes;
    if (isSource(language) && flags === 'title' && typeof title === 'string') return this.#clone.write(title, block.text);
    throw new Error(`No one knows what to do with a block "${language} ${flags}". See ${import.meta.filename.split('/').at(-1)}.`);
  }

  async end(): Promise<void> {
    await this.#staying?.stop();
    await this.#host?.stop();
  }

  async #run(block: Block, fails: boolean): Promise<void> {
    const script = this.#scriptOf(block);
    const { code, stdout, stderr } = await run(this.#clone, script, this.#environment());
    if (fails) expect(code, `${script} was to be refused:\n${stdout}`).toBeGreaterThan(0);
    else expect(code, `${script}\n${stdout}${stderr}`).toBe(0);
    this.#printed = { text: () => this.#onDocumentedPort(fails ? stderr : stdout), whole: script.trim() !== '' };
  }

  async #start(block: Block, flag: 'stays' | 'host'): Promise<void> {
    await this.#staying?.stop();
    const started = await stay(this.#clone, this.#scriptOf(block), this.#environment());
    if (flag === 'host') this.#host = started;
    else this.#staying = started;
    this.#printed = { text: () => this.#onDocumentedPort(started.stdout()), whole: false };
  }

  #compare({ text }: Block, printed: { text(): string; whole: boolean } | null): void {
    if (printed === null) throw new Error('It shows what a command prints, and stands after none.');
    const actual = printed.text();
    const same = printed.whole ? matches(actual, text) : contains(actual, text);
    // The texts themselves, so that a failure shows where they differ.
    if (!same) expect(stable(actual)).toBe(stable(text));
    expect(same).toBe(true);
  }

  async #leaveSection(next: string): Promise<void> {
    this.#section = next;
    await this.#staying?.stop();
    this.#staying = undefined;
  }

  #scriptOf({ text }: Block): string {
    const lines = text.split('\n').map((line) => this.#excluded.get(line) ?? line);
    const { url } = this.#staying ?? this.#host ?? {};
    const script = lines.join('\n');
    return url === undefined ? script : script.replaceAll(DOCUMENTED, portOf(url));
  }

  #environment(): Record<string, string> {
    const { url } = this.#staying ?? this.#host ?? {};
    return url === undefined ? {} : { BRINK_HOST: url };
  }

  #onDocumentedPort(text: string): string {
    const urls = [this.#staying, this.#host].flatMap((each) => (each ? [each.url] : []));
    return urls.reduce((result, url) => result.replaceAll(portOf(url), DOCUMENTED), text);
  }
}

const DOCUMENTED = ':8787';

function portOf(url: string): string {
  return `:${new URL(url).port}`;
}

function isSource(language: string): boolean {
  return ['ts', 'js', 'toml', 'json', 'jsonc', 'sql', 'ini', 'rego', 'yaml', 'html'].includes(language);
}
