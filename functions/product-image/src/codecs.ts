import jpegDecoder from '@jsquash/jpeg/codec/dec/mozjpeg_dec.js';
import jpegDecoderWasm from '@jsquash/jpeg/codec/dec/mozjpeg_dec.wasm';
import webpDecoder from '@jsquash/webp/codec/dec/webp_dec.js';
import webpDecoderWasm from '@jsquash/webp/codec/dec/webp_dec.wasm';
import webpEncoder from '@jsquash/webp/codec/enc/webp_enc_simd.js';
import webpEncoderWasm from '@jsquash/webp/codec/enc/webp_enc_simd.wasm';
import { defaultOptions } from '@jsquash/webp/meta.js';
import type { Picture } from './inspect.ts';
import type { Pixels } from './scale.ts';

/** The modules are compiled with the function: workerd compiles none from bytes. */
type Start<Codec> = (options: {
  readonly noInitialRun: true;
  readonly instantiateWasm: (imports: WebAssembly.Imports, started: (instance: WebAssembly.Instance) => void) => WebAssembly.Exports;
  readonly printErr: (line: string) => void;
}) => Promise<Codec>;

/**
 * The pixels of an image, turned as its Exif says.
 *
 * @throws {Error} in the words of the decoder, where it cannot be decoded
 */
export async function decode(bytes: Uint8Array<ArrayBuffer>, { type }: Picture): Promise<Pixels> {
  const said: string[] = [];
  try {
    const pixels =
      type === 'image/jpeg'
        ? (await fresh(jpegDecoder as unknown as Start<Decoder>, jpegDecoderWasm, said)).decode(bytes, true)
        : (await fresh(webpDecoder as unknown as Start<Decoder>, webpDecoderWasm, said)).decode(bytes);
    if (pixels !== null) return pixels;
  } catch (cause) {
    throw new Error(`It cannot be decoded: ${said.join(' ') || 'it is damaged.'}`, { cause });
  }
  throw new Error('It cannot be decoded: it is damaged.');
}

/** As a WebP of a quality from 0 to 100, with nothing of what else the image said, such as where it was taken. */
export async function encode({ data, width, height }: Pixels, quality: number): Promise<Uint8Array<ArrayBuffer>> {
  const encoder = await fresh(webpEncoder as unknown as Start<Encoder>, webpEncoderWasm, []);
  const encoded = encoder.encode(data, width, height, { ...defaultOptions, quality });
  if (encoded === null) throw new Error(`It cannot be encoded as ${width} x ${height}.`);
  // A view of the codec's memory.
  return new Uint8Array(encoded);
}

interface Decoder {
  decode(bytes: Uint8Array, preserveOrientation?: boolean): Pixels | null;
}

interface Encoder {
  encode(data: Uint8ClampedArray, width: number, height: number, options: object): Uint8Array | null;
}

/** An instance for one image alone: what a hostile one did to it, no other sees, and its memory goes with it. */
function fresh<Codec>(start: Start<Codec>, wasm: WebAssembly.Module, said: string[]): Promise<Codec> {
  return start({
    noInitialRun: true,
    instantiateWasm: (imports, started) => {
      const instance = new WebAssembly.Instance(wasm, imports);
      started(instance);
      return instance.exports;
    },
    printErr: (line) => void said.push(line),
  });
}
