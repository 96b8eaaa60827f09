const crypto = require('node:crypto');
const functions = require('@google-cloud/functions-framework');

/** As Google Cloud Functions has it: gravatars of addresses, for a page of another origin. */
functions.http('avatars', (req, res) => {
  res.set('Access-Control-Allow-Origin', process.env.ALLOWED_ORIGIN);
  if (req.method === 'OPTIONS') {
    res.set('Access-Control-Allow-Methods', 'GET, POST');
    res.set('Access-Control-Max-Age', '3600');
    res.status(204).send('');
    return;
  }
  const address = req.query.email ?? req.body.email;
  if (typeof address !== 'string') {
    res.status(400).json({ error: 'Say whose: ?email=ada@example.com' });
    return;
  }
  const hash = crypto.createHash('sha256').update(address.trim().toLowerCase()).digest('hex');
  if (req.accepts('html', 'json') === 'json') res.json({ hash });
  else res.redirect(`https://www.gravatar.com/avatar/${hash}`);
});
