const functions = require('@google-cloud/functions-framework');

functions.http('hello', (req, res) => {
  const name = req.query.name ?? req.body.name ?? 'World';
  res.type('text/plain').send(`Hello, ${name}!\n`);
});
