/** Has `Date` tell the host's time, where its clock can be moved. */
export function installClock(ahead: Float64Array): void {
  const Real = Date;
  const { now } = Real;
  Real.now = () => now() + ahead[0]!;
  const Moved = new Proxy(Real, {
    construct: (_target, args: unknown[], made) => Reflect.construct(Real, args.length === 0 ? [Real.now()] : args, made) as object,
    apply: () => new Real(Real.now()).toString(),
  });
  Real.prototype.constructor = Moved;
  Object.defineProperty(globalThis, 'Date', { value: Moved, configurable: true, writable: true, enumerable: false });
}
