/** What a function gets from an expression: a value as text, or `THREW name: message`. */
export type Expected = string | RegExp;

export interface Row {
  readonly code: string;
  readonly expected: Expected;
}

const NO_STRINGS = 'THREW EvalError: Code generation from strings disallowed for this context';
const noBytes = (what: string) => `THREW CompileError: ${what}: Wasm code generation disallowed by embedder`;
const NO_MODULE = /^THREW (?:Error|ModuleNotFound): (?:No such module|Cannot (?:find|import))/;
const WASM = 'new Uint8Array([0, 97, 115, 109, 1, 0, 0, 0])';

const rows = (table: Readonly<Record<string, Expected>>): Row[] => Object.entries(table).map(([code, expected]) => ({ code, expected }));

/** Alike on every platform, without flags. */
export const EVERYWHERE = rows({
  // code from strings
  "eval('1 + 1')": NO_STRINGS,
  "(0, eval)('1 + 1')": NO_STRINGS,
  "globalThis.eval('1 + 1')": NO_STRINGS,
  'eval(7)': NO_STRINGS,
  "new Function('return 1')()": NO_STRINGS,
  "Function('return 1')()": NO_STRINGS,
  "Function.call(null, 'return 1')": NO_STRINGS,
  "Function.apply(null, ['return 1'])": NO_STRINGS,
  "Function.bind(null, 'return 1')()": NO_STRINGS,
  "Reflect.construct(Function, ['return 1'])": NO_STRINGS,
  "Reflect.apply(Function, null, ['return 1'])": NO_STRINGS,
  "new (class A extends Function {})('return 1')": NO_STRINGS,
  "(() => {}).constructor('return 1')": NO_STRINGS,
  "[].at.constructor('return 1')": NO_STRINGS,
  "fetch.constructor('return 1')": NO_STRINGS,
  "(async () => {}).constructor('return 1')": NO_STRINGS,
  "(function* () {}).constructor('return 1')": NO_STRINGS,
  "(async function* () {}).constructor('return 1')": NO_STRINGS,
  "Object.getPrototypeOf((async () => {}).constructor)('return 1')": NO_STRINGS,
  "kept.Function('return 1')": NO_STRINGS,
  "kept.eval('1')": NO_STRINGS,
  "setTimeout('globalThis.ran = 1')": /^THREW TypeError/,
  // and what of it has to stay as it was
  'Function.prototype.constructor === Function': 'true',
  '(() => {}) instanceof Function && (async () => {}) instanceof Function': 'true',
  'class A {} instanceof Function': /^THREW|true/,
  'Object.getPrototypeOf(Function) === Function.prototype': 'true',
  'Object.getPrototypeOf((async () => {}).constructor) === Function': 'true',
  '`${Function.name} ${Function.length} ${eval.name}`': 'Function 1 eval',
  "Object.keys(globalThis).includes('Function')": 'false',
  // code from bytes
  [`new WebAssembly.Module(${WASM})`]: noBytes('WebAssembly.Module()'),
  [`new kept.Module(${WASM})`]: noBytes('WebAssembly.Module()'),
  [`new (Object.getPrototypeOf(wasm).constructor)(${WASM})`]: noBytes('WebAssembly.Module()'),
  [`Reflect.construct(WebAssembly.Module, [${WASM}])`]: noBytes('WebAssembly.Module()'),
  [`WebAssembly.compile(${WASM})`]: noBytes('WebAssembly.compile()'),
  [`WebAssembly.instantiate(${WASM})`]: noBytes('WebAssembly.instantiate()'),
  [`WebAssembly.validate(${WASM})`]: 'true',
  'typeof WebAssembly.compileStreaming + typeof WebAssembly.instantiateStreaming': 'undefinedundefined',
  'wasm instanceof WebAssembly.Module': 'true',
  'WebAssembly.Module.exports(wasm).length': '0',
  'WebAssembly.instantiate(wasm).then((instance) => instance instanceof WebAssembly.Instance)': 'true',
  'new WebAssembly.Instance(wasm) instanceof WebAssembly.Instance': 'true',
  // imports
  "import('data:text/javascript,export default 1')": NO_MODULE,
  "import('file:///etc/passwd')": NO_MODULE,
  "import('http://127.0.0.1/a.js')": NO_MODULE,
  "import('blob:nodedata:1')": NO_MODULE,
  "import('/etc/passwd')": NO_MODULE,
  "import('../../../../etc/passwd')": NO_MODULE,
  "import('node:fs')": NO_MODULE,
  "import('fs')": NO_MODULE,
  "import('node:sqlite')": NO_MODULE,
  "import('brink-host:node:process')": NO_MODULE,
  "import('brink-asset:///index.js')": NO_MODULE,
  "import('undici')": NO_MODULE,
  "import('./constructor')": NO_MODULE,
  // what of a machine or its other threads has a name among the globals
  'typeof require + typeof module + typeof __filename + typeof global + typeof gc': 'undefined'.repeat(5),
  'typeof BroadcastChannel + typeof Worker + typeof SharedWorker + typeof localStorage + typeof navigator.locks': 'undefined'.repeat(5),
  "Object.getOwnPropertySymbols(console).filter((each) => each !== Symbol.toStringTag).length + Object.getOwnPropertyNames(console).filter((each) => each.startsWith('_')).length":
    '0',
  'typeof console.clear()': 'undefined',
  // what one invocation could hold the others up with
  'Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 1)': 'THREW TypeError: Atomics.wait cannot be called in this context',
  'typeof Atomics.waitAsync': 'function',
  'typeof SharedArrayBuffer + typeof FinalizationRegistry + typeof WeakRef': 'function'.repeat(3),
  // V8's own ways to what calls a function
  "(Error.prepareStackTrace = (_, sites) => sites.map((site) => String(site.getThis()) + String(site.getFunction())).join(), new Error('x').stack)":
    /^(?:undefinedundefined,?)+$/,
  'delete Error.prepareStackTrace': 'true',
});

/** On Node: what is not Workers', and could lead out of the function. */
export const ON_NODE = rows({
  'typeof process.binding + typeof process.getBuiltinModule + typeof process.dlopen + typeof process.kill + typeof process.permission':
    'undefined'.repeat(5),
  'typeof process.mainModule + typeof process.report + typeof process._linkedBinding + typeof process.abort + typeof process.chdir':
    'undefined'.repeat(5),
  'Object.getPrototypeOf(process) === Object.prototype': 'true',
  'JSON.stringify(process.env)': '{"VAR":"1"}',
  'process.exit(0)': /^THREW Error: process\.exit/,
  'Object.getPrototypeOf(process.stdout) === Object.prototype': 'true',
  "globalThis[Symbol.for('brink.handOver')].size": '0',
  "globalThis[Symbol.for('undici.globalDispatcher.1')].constructor.name": 'Object',
  "globalThis[Symbol.for('undici.globalDispatcher.2')].constructor.name": 'Object',
  "(globalThis[Symbol.for('undici.globalDispatcher.2')] = { dispatch() {} })": /^THREW TypeError: Cannot assign/,
  "Object.defineProperty(globalThis, Symbol.for('undici.globalDispatcher.2'), { value: {} })": /^THREW TypeError: Cannot redefine/,
  "fetch('http://a.example/', { dispatcher: { dispatch() { throw new Error('mine') } } }).catch((error) => error.message === 'mine')":
    'false',
  "new Promise((resolve) => { const socket = new WebSocket('ws://127.0.0.1:9/', { dispatcher: { dispatch: () => resolve('mine') } }); socket.onerror = () => resolve('refused') })":
    /refused|THREW/,
  'Object.getOwnPropertySymbols(request).length + Object.getOwnPropertySymbols(new Response()).length': '0',
  'MessagePort.prototype.postMessage = function () {}': /^THREW TypeError: Cannot assign/,
  'Object.getOwnPropertySymbols(EventTarget.prototype).filter((each) => { const { writable, configurable } = Object.getOwnPropertyDescriptor(EventTarget.prototype, each); return writable || configurable }).length':
    '0',
  'Object.getOwnPropertySymbols(Object.getPrototypeOf(MessagePort.prototype)).filter((each) => Object.getOwnPropertyDescriptor(Object.getPrototypeOf(MessagePort.prototype), each).configurable).length':
    '0',
  'Object.getPrototypeOf(navigator) === Object.prototype': 'true',
  'new Navigator()': /^THREW TypeError: Illegal constructor/,
  "new Promise((resolve) => { const { port1, port2 } = new MessageChannel(); port1.on('message', resolve); port2.postMessage('own') }).then((text) => text)":
    'own',
});

const NOT_HERE = /^THREW Error: node:\S+ \S+ is not there: functions on Node reach nothing of the machine/;

/** On Node, with `nodejs_compat`. */
export const WITH_NODEJS_COMPAT = rows({
  "(await import('node:fs')).readFileSync('/etc/passwd')": NOT_HERE,
  "(await import('node:fs')).promises.readFile('/etc/passwd')": NOT_HERE,
  "(await import('node:fs/promises')).readFile('/etc/passwd')": NOT_HERE,
  "(await import('node:child_process')).execSync('id')": NOT_HERE,
  "new (await import('node:worker_threads')).Worker('1', { eval: true })": NOT_HERE,
  "(await import('node:worker_threads')).receiveMessageOnPort({})": NOT_HERE,
  "(await import('node:worker_threads')).getEnvironmentData('a')": NOT_HERE,
  "new (await import('node:worker_threads')).BroadcastChannel('a')": NOT_HERE,
  "String((await import('node:worker_threads')).parentPort) + String((await import('node:worker_threads')).workerData)": 'nullnull',
  "(await import('node:vm')).runInThisContext('1')": NOT_HERE,
  "new (await import('node:vm')).Script('1')": NOT_HERE,
  "(await import('node:v8')).setFlagsFromString('--allow-natives-syntax')": NOT_HERE,
  "(await import('node:v8')).writeHeapSnapshot('/tmp/a')": NOT_HERE,
  "(await import('node:inspector')).open()": NOT_HERE,
  "new (await import('node:inspector')).Session()": NOT_HERE,
  "new (await import('node:sqlite')).DatabaseSync('/tmp/a')": NOT_HERE,
  "(await import('node:net')).connect(9)": NOT_HERE,
  "new (await import('node:net')).Socket()": NOT_HERE,
  "(await import('node:tls')).connect(9)": NOT_HERE,
  "(await import('node:dgram')).createSocket('udp4')": NOT_HERE,
  "(await import('node:dns')).lookup('localhost', () => {})": NOT_HERE,
  "(await import('node:http')).request('http://127.0.0.1/')": NOT_HERE,
  "(await import('node:http2')).connect('http://127.0.0.1/')": NOT_HERE,
  "(await import('node:cluster')).fork()": NOT_HERE,
  "(await import('node:os')).hostname()": 'localhost',
  "new (await import('node:repl')).REPLServer()": NOT_HERE,
  "(await import('node:module')).registerHooks({})": NOT_HERE,
  "(await import('node:module')).register('data:text/javascript,')": NOT_HERE,
  "(await import('node:module')).createRequire('file:///a')('fs').readFileSync('/etc/passwd')": NOT_HERE,
  "(await import('node:module')).createRequire('file:///a')('/etc/passwd')": /^THREW Error: Cannot find module '\/etc\/passwd'/,
  "String((await import('node:module')).createRequire('file:///a').cache)": 'undefined',
  "(await import('node:module')).createRequire('file:///a')('process') === process": 'true',
  "(await import('node:process')).default === process": 'true',
  "(await import('node:module')).createRequire('file:///a')('async_hooks').executionAsyncResource().constructor": 'undefined',
  "Object.keys((await import('node:async_hooks')).executionAsyncResource()).length + Object.getOwnPropertySymbols((await import('node:async_hooks')).executionAsyncResource()).length":
    '0',
  "new Promise(async (resolve) => { (await import('node:async_hooks')).createHook({ init: (id, type) => resolve(type) }).enable(); await fetch('data:,a'); setTimeout(() => resolve('nothing'), 5) })":
    'nothing',
  "new ((await import('node:async_hooks')).AsyncLocalStorage)().run(7, () => 8)": '8',
  "new Promise(async (resolve) => { for (const name of ['net.client.socket', 'undici:request:create', 'undici:client:beforeConnect']) (await import('node:diagnostics_channel')).subscribe(name, () => resolve(name)); await fetch(env.ORIGIN); resolve('nothing') })":
    'nothing',
  "new Promise(async (resolve) => { const { channel, subscribe, hasSubscribers } = await import('node:diagnostics_channel'); subscribe('own', resolve); channel('own').publish(String(hasSubscribers('own'))) })":
    'true',
  "(await import('node:diagnostics_channel')).tracingChannel('own').traceSync(() => 9)": '9',
  "(await import('node:crypto')).setEngine('a')": /^THREW Error: Programmatic selection of OpenSSL engines is unsupported/,
  "(await import('node:crypto')).setFips(true)": /^THREW TypeError/,
  "typeof (await import('node:console')).default._stdout": 'undefined',
  "(await import('node:_http_agent')).Agent.call({})": NOT_HERE,
  "import('node:internal/worker/io')": NO_MODULE,
  "import('node:test')": /^THREW|^\{/,
});
