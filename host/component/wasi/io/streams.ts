import { blocking, type HostInterface } from '../../host.ts';
import type { Bytes } from './byte-reader.ts';
import type { InputStream } from './input-stream.ts';
import type { OutputStream } from './output-stream.ts';
import { Pollable } from './poll.ts';

const functions: HostInterface = {
  '[method]input-stream.read': (from: InputStream, length: bigint) => from.read(length),
  '[method]input-stream.blocking-read': blocking((from: InputStream, length: bigint) => from.blockingRead(length)),
  '[method]input-stream.skip': (from: InputStream, length: bigint) => from.skip(length),
  '[method]input-stream.blocking-skip': blocking((from: InputStream, length: bigint) => from.blockingSkip(length)),
  '[method]input-stream.subscribe': (from: InputStream) => new Pollable(from),

  '[method]output-stream.check-write': (to: OutputStream) => to.checkWrite(),
  '[method]output-stream.write': (to: OutputStream, bytes: Bytes) => to.write(bytes),
  '[method]output-stream.blocking-write-and-flush': blocking((to: OutputStream, bytes: Bytes) => to.blockingWriteAndFlush(bytes)),
  '[method]output-stream.flush': (to: OutputStream) => to.flush(),
  '[method]output-stream.blocking-flush': blocking((to: OutputStream) => to.blockingFlush()),
  '[method]output-stream.subscribe': (to: OutputStream) => new Pollable(to),
  '[method]output-stream.write-zeroes': (to: OutputStream, length: bigint) => to.writeZeroes(length),
  '[method]output-stream.blocking-write-zeroes-and-flush': blocking((to: OutputStream, length: bigint) =>
    to.blockingWriteZeroesAndFlush(length),
  ),
  '[method]output-stream.splice': (to: OutputStream, from: InputStream, length: bigint) => to.splice(from, length),
  '[method]output-stream.blocking-splice': blocking((to: OutputStream, from: InputStream, length: bigint) =>
    to.blockingSplice(from, length),
  ),
};

export const streams = (): HostInterface => functions;
