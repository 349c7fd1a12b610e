// The provider as a process of its own, as the Pulumi CLI starts it: it prints its port.
const { serve } = require("./serve.js");

serve(process.cwd(), process.argv.at(-1)).then(({ port }) => {
  process.stdout.write(`${port}\n`);
});
