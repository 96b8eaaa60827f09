import { parse } from '@bytecodealliance/jco';

/** What an entrypoint of a policy for tests does. */
export type Doing =
  /** Gives these results. */
  | { readonly results: string }
  /** Is true where the JSON of its input, or of its data, has this text; else false, or these results. */
  | { readonly inputHas: string; readonly otherwise?: string }
  | { readonly dataHas: string }
  /** These instructions. */
  | { readonly code: string };

interface Text {
  readonly at: number;
  readonly length: number;
}

const utf8 = new TextEncoder();

/**
 * A module by the WebAssembly ABI 1.2 of Open Policy Agent, as far as what is asked of policies goes: JSON stays text in it.
 * https://www.openpolicyagent.org/docs/wasm#ABIs
 */
export function policyWat(entrypoints: Readonly<Record<string, Doing>>): Promise<Uint8Array<ArrayBuffer>> {
  const texts = new Texts();
  const names = Object.keys(entrypoints);
  const builtins = texts.add('{}');
  const table = texts.add(JSON.stringify(Object.fromEntries(names.map((name, index) => [name, index]))));
  const yes = texts.add('[{"result":true}]');
  const no = texts.add('[{"result":false}]');
  const truth = ({ at, length }: Text, where: string, otherwise = no) =>
    `(select (i32.const ${yes.at}) (i32.const ${otherwise.at}) (call $has ${where} (i32.const ${at}) (i32.const ${length})))`;
  const bodies = Object.values(entrypoints).map((doing) => {
    if ('results' in doing) return `(i32.const ${texts.add(doing.results).at})`;
    if ('inputHas' in doing) {
      const otherwise = doing.otherwise === undefined ? no : texts.add(doing.otherwise);
      return truth(texts.add(doing.inputHas), '(local.get $input) (local.get $length)', otherwise);
    }
    if ('dataHas' in doing) return truth(texts.add(doing.dataHas), '(local.get $data) (global.get $data-length)');
    return doing.code;
  });
  const cases = bodies.map((body, index) => `(if (i32.eq (local.get $entry) (i32.const ${index})) (then (return ${body})))`);
  return parse(`(module
  (import "env" "memory" (memory 2))
  (import "env" "opa_abort" (func $abort (param i32)))
  (import "env" "opa_builtin0" (func $builtin0 (param i32 i32) (result i32)))
  (global (export "opa_wasm_abi_version") i32 (i32.const 1))
  (global (export "opa_wasm_abi_minor_version") i32 (i32.const 2))
  (global $free (mut i32) (i32.const ${texts.end}))
  (global $data-length (mut i32) (i32.const 0))
  ${texts.segments()}
  (func (export "builtins") (result i32) (i32.const ${builtins.at}))
  (func (export "entrypoints") (result i32) (i32.const ${table.at}))
  (func (export "opa_json_dump") (param i32) (result i32) (local.get 0))
  (func (export "opa_json_parse") (param $at i32) (param $length i32) (result i32)
    (global.set $data-length (local.get $length))
    (local.get $at))
  (func (export "opa_malloc") (param $size i32) (result i32)
    (global.get $free)
    (global.set $free (i32.add (global.get $free) (local.get $size))))
  (func (export "opa_heap_ptr_get") (result i32) (global.get $free))
  (func (export "opa_heap_ptr_set") (param i32) (global.set $free (local.get 0)))
  (func $has (param $at i32) (param $length i32) (param $text i32) (param $size i32) (result i32)
    (local $end i32) (local $index i32)
    (local.set $end (i32.sub (i32.add (local.get $at) (local.get $length)) (local.get $size)))
    (loop $next
      (if (i32.gt_s (local.get $at) (local.get $end)) (then (return (i32.const 0))))
      (local.set $index (i32.const 0))
      (block $differs
        (loop $same
          (if (i32.eq (local.get $index) (local.get $size)) (then (return (i32.const 1))))
          (br_if $differs (i32.ne
            (i32.load8_u (i32.add (local.get $at) (local.get $index)))
            (i32.load8_u (i32.add (local.get $text) (local.get $index)))))
          (local.set $index (i32.add (local.get $index) (i32.const 1)))
          (br $same)))
      (local.set $at (i32.add (local.get $at) (i32.const 1)))
      (br $next))
    (unreachable))
  (func (export "opa_eval")
    (param $reserved i32) (param $entry i32) (param $data i32) (param $input i32) (param $length i32) (param $heap i32) (param $format i32)
    (result i32)
    ${cases.join('\n    ')}
    (unreachable)))`) as Promise<Uint8Array<ArrayBuffer>>;
}

/** Texts in the memory of a module, each with a zero byte behind it. */
class Texts {
  readonly #segments: string[] = [];
  end = 1_024;

  add(text: string): Text {
    const bytes = utf8.encode(text);
    const at = this.end;
    this.end += bytes.length + 1;
    const escaped = Array.from(bytes, (byte) => `\\${byte.toString(16).padStart(2, '0')}`).join('');
    this.#segments.push(`(data (i32.const ${at}) "${escaped}\\00")`);
    return { at, length: bytes.length };
  }

  segments(): string {
    return this.#segments.join('\n  ');
  }
}
