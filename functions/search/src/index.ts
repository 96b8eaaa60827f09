import type { D1Change, D1Database, ExportedHandler } from '../../../sdk/index.ts';

interface Env {
  readonly NOTES: D1Database;
  /** For full-text search: nobody but `queue` writes to it. */
  readonly INDEX: D1Database;
}

export default {
  /** PUT and DELETE of /ID change a note; `?q=` gives the ids of those that have the words. */
  async fetch(request, { NOTES, INDEX }) {
    const { pathname, searchParams } = new URL(request.url);
    const id = Number(pathname.slice(1));
    await NOTES.exec('CREATE TABLE IF NOT EXISTS note (id INTEGER PRIMARY KEY, text TEXT NOT NULL)');
    if (request.method === 'PUT') {
      await NOTES.prepare('INSERT OR REPLACE INTO note VALUES (?, ?)')
        .bind(id, await request.text())
        .run();
      return new Response(null, { status: 204 });
    }
    if (request.method === 'DELETE') {
      await NOTES.prepare('DELETE FROM note WHERE id = ?').bind(id).run();
      return new Response(null, { status: 204 });
    }
    await INDEX.exec(SCHEMA);
    const { results } = await INDEX.prepare('SELECT rowid AS id FROM words WHERE words MATCH ? ORDER BY rank')
      .bind(searchParams.get('q') ?? '')
      .all<{ id: number }>();
    return Response.json(results.map((row) => row.id));
  },

  /** The changes of each note come in their order, some of them twice: what came last is what is there. */
  async queue({ messages }, { INDEX }) {
    await INDEX.exec(SCHEMA);
    await INDEX.batch(
      messages.flatMap(({ body }) => {
        const { operation, key, new: note } = body as D1Change;
        const forget = INDEX.prepare('DELETE FROM words WHERE rowid = ?').bind(key['id']);
        if (operation === 'delete') return [forget];
        return [forget, INDEX.prepare('INSERT INTO words (rowid, text) VALUES (?, ?)').bind(key['id'], note?.['text'])];
      }),
    );
  },
} satisfies ExportedHandler<Env>;

const SCHEMA = 'CREATE VIRTUAL TABLE IF NOT EXISTS words USING fts5 (text)';
