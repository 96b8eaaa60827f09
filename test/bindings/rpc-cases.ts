/** One thing that a function does with another by RPC: an expression in the caller, and what becomes of it as JSON. */
export interface RpcCase {
  readonly title: string;
  /** Sees `OTHER` and `PLAIN`; what it throws is the outcome `[name, message]`. */
  readonly expression: string;
  readonly outcome: unknown;
}

const missing = (name: string) => ({ threw: ['TypeError', `The RPC receiver does not implement the method "${name}".`] });
const notCloned = (message: string) => ({ threw: ['DataCloneError', message] });
const noSupport = (type: string) => notCloned(`Could not serialize object of type "${type}". This type does not support serialization.`);

export const CALLEE = `import { WorkerEntrypoint, RpcTarget } from 'cloudflare:workers';
class Custom extends Error { name = 'Custom' }
class Counter extends RpcTarget {
  #count;
  visible = 7;
  constructor(count = 0) { super(); this.#count = count }
  increment(by = 1) { return (this.#count += by) }
  get value() { return this.#count }
  child() { return new Counter(100) }
  fail() { throw new RangeError('counter') }
}
class Deep extends RpcTarget { get counter() { return new Counter(5) } }
class Base extends WorkerEntrypoint { inherited() { return 'inherited' } }
let made = 0;
export default class Callee extends Base {
  own = () => 'own';
  value = 5;
  number = ++made;
  get got() { return 'got' }
  get deep() { return new Deep() }
  get later() { return Promise.resolve('later') }
  #hidden() { return 1 }
  static helper() { return 'static' }
  fetch() { return new Response('fetched') }
  which() { return this.number }
  add(a, b) { return a + b }
  nothing() {}
  fail(kind) { if (kind === 'type') throw new TypeError('of a type'); if (kind === 'custom') throw new Custom('of mine'); throw 'text' }
  async reject() { throw new SyntaxError('rejected') }
  kinds(...values) { return values.map((each) => each === null ? 'null' : each === undefined ? 'undefined' : Object.prototype.toString.call(each).slice(8, -1)) }
  echo(value) { return value }
  klass() { return new (class Own { a = 1 })() }
  symbol() { return Symbol('s') }
  promise() { return { promise: Promise.resolve(1) } }
  async use(callback, ...args) { return callback(...args) }
  counter(count) { return new Counter(count) }
  tree() { return { branch: { double: (x) => x * 2, leaf: 9 }, list: [new Counter(3)] } }
  withProperty() { return Object.assign(() => 'called', { extra: 4 }) }
  stream() { return new Response('streamed').body }
  async read(stream) { return new Response(stream).text() }
  async write(stream) { const writer = stream.getWriter(); await writer.write(new TextEncoder().encode('written')); await writer.close() }
  response() { return new Response('made', { status: 201, headers: { 'x-own': '1' } }) }
  async request(request) { return [request.method, request.url, request.headers.get('x-own'), await request.text()] }
  context() { return [this.env.GREETING, this.ctx.props] }
  kept(callback) { this.ctx.waitUntil(callback.dup()('later')); return 'kept' }
  toJSON() { return 'json' }
}
export class Named extends WorkerEntrypoint { who() { return ['named', this.ctx.props] } }
export const plain = { fetch() { return new Response('plain') }, next(a, env, ctx) { return [a + 1, env.GREETING, typeof ctx.waitUntil] }, sum(a, b) { return a + b } };`;

export const CASES: readonly RpcCase[] = [
  // which methods there are
  { title: 'calls a method with its arguments', expression: 'OTHER.add(1, 2)', outcome: 3 },
  { title: 'a method may be taken out first', expression: '(() => { const { add } = OTHER; return add(2, 3) })()', outcome: 5 },
  {
    title: 'a method that gives nothing gives undefined',
    expression: '(async () => (await OTHER.nothing()) === undefined)()',
    outcome: true,
  },
  { title: 'inherited methods are there', expression: 'OTHER.inherited()', outcome: 'inherited' },
  { title: 'getters are read when awaited', expression: '(async () => [await OTHER.got, await OTHER.later])()', outcome: ['got', 'later'] },
  { title: 'the way goes on through properties', expression: 'OTHER.deep.counter.increment(2)', outcome: 7 },
  {
    title: 'each call has an object of its own',
    expression: '(async () => (await OTHER.which()) !== (await OTHER.which()))()',
    outcome: true,
  },
  { title: 'env and props of the callee are there', expression: 'OTHER.context()', outcome: ['hi', { role: 'caller' }] },
  { title: 'a named entrypoint has its own', expression: 'NAMED.who()', outcome: ['named', {}] },
  { title: 'a method that is not there is refused', expression: 'OTHER.gone()', outcome: missing('gone') },
  { title: 'functions of the object itself are refused', expression: 'OTHER.own()', outcome: missing('own') },
  { title: 'values of the object itself are refused', expression: '(async () => await OTHER.value)()', outcome: missing('value') },
  { title: 'env is refused', expression: '(async () => await OTHER.env)()', outcome: missing('env') },
  { title: 'ctx is refused', expression: '(async () => await OTHER.ctx)()', outcome: missing('ctx') },
  { title: 'private methods are refused', expression: "OTHER['#hidden']()", outcome: missing('#hidden') },
  { title: 'static methods are refused', expression: 'OTHER.helper()', outcome: missing('helper') },
  { title: 'a name that is no name is refused', expression: "OTHER['a b\\n']()", outcome: missing('a b\n') },
  {
    title: 'what Object has is no method of the callee',
    expression: '[String(OTHER), OTHER.hasOwnProperty("add"), typeof OTHER.constructor]',
    outcome: ['[object Fetcher]', false, 'function'],
  },
  {
    title: 'alarm is reserved',
    expression: 'OTHER.alarm()',
    outcome: { threw: ['TypeError', "'alarm' is a reserved method and cannot be called over RPC."] },
  },
  { title: 'an object of plain functions takes one argument', expression: 'PLAIN.next(1)', outcome: [2, 'hi', 'function'] },
  {
    title: 'and no other number of them',
    expression: 'PLAIN.sum(1, 2).then(() => "called", (error) => [error.name, error.message.slice(0, 68)])',
    outcome: ['TypeError', 'Attempted to call RPC function "sum" with the wrong number of argumen'.slice(0, 68)],
  },

  // values
  {
    title: 'values arrive as what they are',
    expression:
      'OTHER.kinds(1, "a", true, 10n, null, undefined, new Date(0), /x/g, new Map(), new Set(), new ArrayBuffer(1), new Float64Array(1), new DataView(new ArrayBuffer(1)), [], {}, new Error("e"), new Headers())',
    outcome: [
      'Number',
      'String',
      'Boolean',
      'BigInt',
      'null',
      'undefined',
      'Date',
      'RegExp',
      'Map',
      'Set',
      'ArrayBuffer',
      'Float64Array',
      'DataView',
      'Array',
      'Object',
      'Error',
      'Headers',
    ],
  },
  {
    title: 'and come back so',
    expression:
      '(async () => { const v = await OTHER.echo({ m: new Map([[1, new Set([2])]]), d: new Date(5), n: NaN, z: -0, b: 2n ** 70n, u: undefined, s: new Uint8Array([1, 2, 3]).subarray(1), t: "\\ud83d\\ude00" }); return [v.m.get(1).has(2), v.d.getTime(), Number.isNaN(v.n), Object.is(v.z, -0), String(v.b), "u" in v, [...v.s], v.t] })()',
    outcome: [true, 5, true, true, String(2n ** 70n), true, [2, 3], '😀'],
  },
  {
    title: 'cycles, sharing and holes are kept',
    expression:
      '(async () => { const o = { list: [, 1] }; o.self = o; const s = {}; const [v, a, b] = await OTHER.echo([o, s, s]); return [v.self === v, a === b, 0 in v.list, v.list.length] })()',
    outcome: [true, true, false, 2],
  },
  {
    title: 'a key called __proto__ is one',
    expression:
      '(async () => { const v = await OTHER.echo(JSON.parse(\'{"__proto__": {"a": 1}}\')); return [Object.keys(v), v.a === undefined] })()',
    outcome: [['__proto__'], true],
  },
  { title: 'getters of arguments are read', expression: 'OTHER.echo({ get x() { return 5 } })', outcome: { x: 5 } },
  {
    title: 'errors are values too',
    expression:
      '(async () => { const e = await OTHER.echo(new RangeError("r", { cause: 1 })); return [e instanceof RangeError, e.message, e.cause] })()',
    outcome: [true, 'r', 1],
  },
  { title: 'objects of classes are refused', expression: 'OTHER.echo(new (class Own { a = 1 })())', outcome: noSupport('Own') },
  { title: 'and so are they as results', expression: 'OTHER.klass()', outcome: noSupport('Own') },
  { title: 'objects without a prototype are refused', expression: 'OTHER.echo(Object.create(null))', outcome: noSupport('Object') },
  { title: 'URLs are refused', expression: 'OTHER.echo(new URL("https://a/"))', outcome: noSupport('URL') },
  { title: 'symbols are refused', expression: 'OTHER.echo(Symbol("x"))', outcome: notCloned('Symbol(x) could not be cloned.') },
  { title: 'symbols are refused as results', expression: 'OTHER.symbol()', outcome: notCloned('Symbol(s) could not be cloned.') },
  { title: 'promises are refused', expression: 'OTHER.echo(Promise.resolve(1))', outcome: notCloned('#<Promise> could not be cloned.') },
  { title: 'promises inside of results are refused', expression: 'OTHER.promise()', outcome: notCloned('#<Promise> could not be cloned.') },
  { title: 'weak maps are refused', expression: 'OTHER.echo(new WeakMap())', outcome: notCloned('#<WeakMap> could not be cloned.') },

  // errors
  {
    title: 'what a method throws arrives with its class',
    expression: 'OTHER.fail("type")',
    outcome: { threw: ['TypeError', 'of a type'] },
  },
  { title: 'another class goes before the message', expression: 'OTHER.fail("custom")', outcome: { threw: ['Error', 'Custom: of mine'] } },
  { title: 'text that is thrown is the message', expression: 'OTHER.fail("text")', outcome: { threw: ['Error', 'text'] } },
  { title: 'a rejected promise is the same', expression: 'OTHER.reject()', outcome: { threw: ['SyntaxError', 'rejected'] } },
  { title: 'errors say that they came from elsewhere', expression: 'OTHER.reject().catch((error) => error.remote)', outcome: true },

  // by reference
  { title: 'functions are called back', expression: 'OTHER.use((x, y) => x + y, 1, 2)', outcome: 3 },
  {
    title: 'what they throw arrives',
    expression: 'OTHER.use(() => { throw new RangeError("back") })',
    outcome: { threw: ['RangeError', 'back'] },
  },
  {
    title: 'functions inside of arguments are called back',
    expression: 'OTHER.use(async ({ f }) => (await f(2)) + 1, { f: (x) => x * 10 })',
    outcome: 21,
  },
  {
    title: 'a function of ours that comes back is ours',
    expression: '(async () => { const f = (x) => x + 1; const back = await OTHER.echo(f); return await back(1) })()',
    outcome: 2,
  },
  {
    title: 'objects of RpcTarget stay where they are',
    expression:
      '(async () => { const c = await OTHER.counter(1); await c.increment(); return [await c.increment(2), await c.value, typeof c] })()',
    outcome: [4, 4, 'function'],
  },
  {
    title: 'of those, too, only what the class declares',
    expression: '(async () => { const c = await OTHER.counter(); return await c.visible })()',
    outcome: missing('visible'),
  },
  { title: 'and no method that is not there', expression: '(async () => (await OTHER.counter()).gone())()', outcome: missing('gone') },
  {
    title: 'what Object has is no method of theirs',
    expression: '(async () => (await OTHER.counter()).toString())()',
    outcome: '[object JsRpcStub]',
  },
  {
    title: 'their errors arrive',
    expression: '(async () => (await OTHER.counter()).fail())()',
    outcome: { threw: ['RangeError', 'counter'] },
  },
  { title: 'a result can be gone on with before it is there', expression: 'OTHER.counter(3).increment(4)', outcome: 7 },
  { title: 'step by step', expression: 'OTHER.counter().child().child().increment()', outcome: 101 },
  {
    title: 'and after it is there',
    expression: '(async () => { const p = OTHER.counter(3); await p; return await p.increment() })()',
    outcome: 4,
  },
  { title: 'an error on the way ends it', expression: 'OTHER.fail("type").branch.leaf()', outcome: { threw: ['TypeError', 'of a type'] } },
  {
    title: 'functions and values inside of results',
    expression:
      '(async () => { const tree = await OTHER.tree(); return [await tree.branch.double(4), tree.branch.leaf, await tree.list[0].increment()] })()',
    outcome: [8, 9, 4],
  },
  {
    title: 'also before they are there',
    expression: '(async () => [await OTHER.tree().branch.double(2), await OTHER.tree().branch.leaf])()',
    outcome: [4, 9],
  },
  {
    title: 'properties of functions',
    expression: '(async () => { const f = await OTHER.withProperty(); return [await f(), await f.extra] })()',
    outcome: ['called', 4],
  },
  {
    title: 'results with stubs can be disposed of',
    expression:
      '(async () => { const tree = await OTHER.tree(); tree[Symbol.dispose](); return tree.branch.double(1).then(() => "called", () => "gone") })()',
    outcome: 'gone',
  },
  {
    title: 'a copy of a stub outlives it',
    expression: '(async () => { const c = await OTHER.counter(1); const d = c.dup(); c[Symbol.dispose](); return await d.increment() })()',
    outcome: 2,
  },
  {
    title: 'stubs are handed on',
    expression: '(async () => { const c = await OTHER.counter(10); return OTHER.use((x) => x.increment(), c) })()',
    outcome: 11,
  },
  {
    title: 'a callback that is kept is called later',
    expression:
      '(async () => { const { promise, resolve } = Promise.withResolvers(); const now = await OTHER.kept(resolve); return [now, await promise] })()',
    outcome: ['kept', 'later'],
  },

  // streams, requests, responses
  { title: 'a stream as result', expression: '(async () => new Response(await OTHER.stream()).text())()', outcome: 'streamed' },
  { title: 'a stream as argument', expression: 'OTHER.read(new Response("abcd").body)', outcome: 'abcd' },
  {
    title: 'a stream through both',
    expression: '(async () => new Response(await OTHER.echo(new Response("x".repeat(1000000)).body)).text())().then((text) => text.length)',
    outcome: 1000000,
  },
  {
    title: 'a stream to be written',
    expression:
      '(async () => { const { readable, writable } = new IdentityTransformStream(); const text = new Response(readable).text(); await OTHER.write(writable); return text })()',
    outcome: 'written',
  },
  {
    title: 'a response',
    expression:
      '(async () => { const r = await OTHER.response(); return [r.status, r.headers.get("x-own"), await r.text(), r instanceof Response] })()',
    outcome: [201, '1', 'made', true],
  },
  {
    title: 'a request',
    expression: 'OTHER.request(new Request("https://a/b", { method: "POST", body: "body", headers: { "x-own": "1" } }))',
    outcome: ['POST', 'https://a/b', '1', 'body'],
  },
  { title: 'headers', expression: '(async () => [...await OTHER.echo(new Headers({ a: "1" }))])()', outcome: [['a', '1']] },
];

/** Runs the case that the path names. */
export const CALLER = `const cases = [${CASES.map(({ expression }) => `({ OTHER, PLAIN, NAMED }) => (${expression})`).join(',\n')}];
export default { async fetch(request, env) {
  try {
    const value = await cases[Number(new URL(request.url).searchParams.get('case'))](env);
    return Response.json(value === undefined ? { undefined: true } : { value });
  } catch (error) {
    return Response.json({ threw: [error.name, error.message] });
  }
} };`;
