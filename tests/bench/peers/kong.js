// openapi-2-kong has no command of its own: node kong.js DOCUMENT OUTPUT
const fs = require('fs');
const { generate } = require('openapi-2-kong');

generate(process.argv[2], 'kong-declarative-config', [])
  .then((made) => fs.writeFileSync(process.argv[3], JSON.stringify(made.documents[0])))
  .catch((error) => { console.error(error.message); process.exit(1); });
