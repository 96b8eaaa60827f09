/**
 * The end of a handler: calls `once` with a name as often as the query says, each name by nobody else at that time, and
 * answers with the milliseconds that it took.
 */
export const LOCK_LOOP = `
    const { searchParams } = new URL(request.url);
    const [calls, atOnce] = [Number(searchParams.get('calls')), Number(searchParams.get('at-once'))];
    let next = 0;
    const work = async () => {
      while (next < calls) await once('lock-' + next++ % 1_000);
    };
    const started = performance.now();
    await Promise.all(Array.from({ length: atOnce }, work));
    return new Response(String(performance.now() - started));
`;
