import add from './add.wasm';
import sameAdd from './add.wasm?module';
import bytes from './bytes.bin';
import { twice } from './common.cjs';
import data from './data.json';
import note from './note.txt';
import page from './page.html';
import query from './query.sql';
import readme from './readme.md';

enum Size {
  Small = 1,
  Large = 2,
}

export default {
  async fetch(request: Request): Promise<Response> {
    const { pathname } = new URL(request.url);
    if (pathname === '/page') return new Response(page, { headers: { 'content-type': 'text/html' } });
    if (pathname.startsWith('/words/')) {
      const word = (await import(`./words/${pathname.slice('/words/'.length)}.js`)) as { default: string };
      return new Response(word.default);
    }
    const { exports } = await WebAssembly.instantiate(add as unknown as WebAssembly.Module);
    return Response.json({
      sum: (exports.add as (a: number, b: number) => number)(40, Size.Large),
      isModule: sameAdd instanceof WebAssembly.Module,
      bytes: [...new Uint8Array(bytes)],
      texts: [note, query, readme].map((text: string) => text.trim()),
      data,
      twice: twice(21),
    });
  },
} satisfies ExportedHandler;
