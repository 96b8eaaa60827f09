/** As V8 says it where an embedder forbids it, and so as workerd does. */
const NO_STRINGS = 'Code generation from strings disallowed for this context';
const noBytes = (what: string) => `${what}: Wasm code generation disallowed by embedder`;

/** What patched globals cannot change any more. */
const { construct, defineProperty, getPrototypeOf, setPrototypeOf } = Reflect;
const { Module: NativeModule, instantiate, compile, validate } = WebAssembly;
const { eval: evaluate } = globalThis;

export interface CodeGeneration {
  /** From here on there is none, whatever the function has kept. */
  end(): void;
}

/**
 * Takes `eval`, the constructors of functions and WebAssembly from bytes away, as Workers does: what a version runs is
 * what was published. Node has no switch for it in a thread, so it stands where V8 would ask.
 *
 * @param atStart whether modules may use them while they are evaluated. https://developers.cloudflare.com/workers/configuration/compatibility-flags/#enable-eval-during-startup
 */
export function limitCodeGeneration(atStart: boolean): CodeGeneration {
  let allowed = atStart;
  const check = () => {
    if (!allowed) throw new EvalError(NO_STRINGS);
  };
  const bytes = (what: string) => {
    if (!allowed) throw new WebAssembly.CompileError(noBytes(what));
  };
  replaceFunctions(check);
  replaceEval(check);
  replaceWebAssembly(bytes);
  return { end: () => void (allowed = false) };
}

function replaceFunctions(check: () => void): void {
  const ofPlain = replaced(Function, check);
  define(globalThis, 'Function', ofPlain);
  const others = [async () => {}, function* () {}, async function* () {}];
  for (const each of others) {
    const native = (getPrototypeOf(each) as { constructor: FunctionConstructor }).constructor;
    setPrototypeOf(replaced(native, check), ofPlain);
  }
}

/** Takes a constructor's place, also for those who ask a function for it. */
function replaced(native: FunctionConstructor, check: () => void): FunctionConstructor {
  const replacement = function (...args: string[]): unknown {
    check();
    return construct(native, args, new.target ?? native);
  };
  const prototype = native.prototype as object;
  defineProperty(replacement, 'name', { value: native.name });
  defineProperty(replacement, 'length', { value: native.length });
  defineProperty(replacement, 'prototype', { value: prototype, writable: false });
  defineProperty(prototype, 'constructor', { value: replacement, configurable: true, writable: true, enumerable: false });
  return replacement as unknown as FunctionConstructor;
}

function replaceEval(check: () => void): void {
  const replacement = (code: unknown): unknown => {
    check();
    return evaluate(code as string);
  };
  defineProperty(replacement, 'name', { value: 'eval' });
  define(globalThis, 'eval', replacement);
}

function replaceWebAssembly(check: (what: string) => void): void {
  const Module = function (source: BufferSource): WebAssembly.Module {
    if (!new.target) throw new TypeError("WebAssembly.Module must be invoked with 'new'");
    const module = construct(NativeModule, [source], new.target) as WebAssembly.Module;
    if (!isParserOfHttp(module)) check('WebAssembly.Module()');
    return module;
  };
  defineProperty(Module, 'prototype', { value: NativeModule.prototype, writable: false });
  define(NativeModule.prototype, 'constructor', Module);
  for (const name of ['customSections', 'exports', 'imports'] as const) define(Module, name, NativeModule[name]);
  define(WebAssembly, 'Module', Module);
  define(WebAssembly, 'compile', async (source: BufferSource) => {
    check('WebAssembly.compile()');
    return compile(source);
  });
  define(WebAssembly, 'instantiate', async (source: BufferSource | WebAssembly.Module, imports?: WebAssembly.Imports) => {
    if (!(source instanceof NativeModule)) check('WebAssembly.instantiate()');
    return instantiate(source as WebAssembly.Module, imports);
  });
  define(WebAssembly, 'validate', (source: BufferSource) => validate(source));
  // Workers has none of them.
  for (const name of ['compileStreaming', 'instantiateStreaming']) Reflect.deleteProperty(WebAssembly, name);
}

/** Node's own `fetch` compiles its parser when it first connects. */
function isParserOfHttp(module: WebAssembly.Module): boolean {
  return NativeModule.exports(module).some(({ name }) => name === 'llhttp_execute');
}

function define(target: object, name: string, value: unknown): void {
  defineProperty(target, name, { value, configurable: true, writable: true, enumerable: false });
}
