export const handler = async (event, context) => {
  const { name = 'World' } = event.queryStringParameters ?? {};
  console.log(`${context.functionName} greets ${name}`);
  return {
    statusCode: 200,
    headers: { 'Content-Type': 'text/plain; charset=utf-8' },
    body: `Hello, ${name}!\n`,
  };
};
