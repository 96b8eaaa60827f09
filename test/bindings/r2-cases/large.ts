import { equal, fixed, noise, type Cases } from './check.ts';

const MIB = 1024 * 1024;

export const LARGE: Cases = {
  async 'a value of 25 MiB in memory is taken, and comes back'(bucket) {
    const bytes = noise(25 * MIB);
    await bucket.put('mib-25', bytes);
    const back = new Uint8Array(await (await bucket.get('mib-25'))!.arrayBuffer());
    equal([back.byteLength, back.every((byte, index) => byte === bytes[index])], [bytes.byteLength, true]);
    await bucket.delete('mib-25');
  },

  async '100 MB stream in, and out'(bucket) {
    const size = 100_000_000;
    const object = await bucket.put('mb-100', fixed(counting(size), size));
    equal(object.size, size);
    const body = (await bucket.get('mb-100'))!.body;
    let at = 0;
    for await (const piece of body) {
      for (let index = (8 - (at % 8)) % 8; index + 8 <= piece.byteLength; index += 4096) {
        const view = new DataView(piece.buffer, piece.byteOffset + index, 8);
        if (view.getUint32(0) !== (at + index) / 8) throw new Error(`At ${at + index} are other bytes.`);
      }
      at += piece.byteLength;
    }
    equal(at, size);
    await bucket.delete('mb-100');
  },
};

/** Each 8 bytes tell where they are. */
function counting(size: number): ReadableStream<Uint8Array> {
  const PIECE = 256 * 1024;
  let at = 0;
  return new ReadableStream({
    pull(controller) {
      if (at >= size) return controller.close();
      const piece = new Uint8Array(Math.min(PIECE, size - at));
      const view = new DataView(piece.buffer);
      for (let index = 0; index + 8 <= piece.byteLength; index += 8) view.setUint32(index, (at + index) / 8);
      at += piece.byteLength;
      return controller.enqueue(piece);
    },
  });
}
