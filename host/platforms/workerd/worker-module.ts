const text = new TextDecoder('utf-8', { ignoreBOM: true });

/** A module as the loader takes it. @param type as artifacts name it; whatever is none of these is data */
export function workerModule(type: string, bytes: Uint8Array<ArrayBuffer>): WorkerModule {
  switch (type) {
    case 'js':
      return { js: text.decode(bytes) };
    case 'text':
      return { text: text.decode(bytes) };
    case 'json':
      return { json: JSON.parse(text.decode(bytes)) as unknown };
    case 'wasm':
      return { wasm: ownBuffer(bytes) };
    default:
      return { data: ownBuffer(bytes) };
  }
}

/** The modules of an artifact share one buffer. */
function ownBuffer(bytes: Uint8Array<ArrayBuffer>): ArrayBuffer {
  return bytes.slice().buffer;
}
