// A process that does with one Failover what an `up` does (check, diff, create or update), over real HTTP, by the built
// handlers. It is started to be killed: at an answer that it is told of, or from outside.
const { resolve } = require("node:path");
const dist = resolve(__dirname, "../../../dist/provider");
require(`${dist}/shells/withoutLocales.js`);
const { failover } = require(`${dist}/resources/failover.js`);
const { newRunMemory } = require(`${dist}/resources/handler.js`);
const { connect } = require(`${dist}/siterecovery/azure/index.js`);

const { endpoint, vault, program, prior, dieAt } = JSON.parse(process.env.DRIVE);

if (dieAt) {
  let left = dieAt.occurrence;
  const route = new RegExp(dieAt.route);
  require("node:diagnostics_channel").subscribe("http.client.response.finish", ({ request, response }) => {
    if (!route.test(`${request.method} ${request.path.split("?")[0]}`)) return;
    left -= 1;
    // The whole answer is here, and nobody has looked at it.
    if (left === 0) response.prependListener("end", () => process.kill(process.pid, "SIGKILL"));
  });
}

const siteRecovery = connect({
  vault,
  endpoint,
  credential: () => Promise.reject(new Error("no credential is for a loopback endpoint")),
  beforeWrite: async () => {},
  pollIntervalSeconds: 0.02,
});
const context = {
  connect: () => siteRecovery,
  defaults: {},
  ...newRunMemory(),
  log: () => {},
};

up().then(
  (result) => process.stdout.write(JSON.stringify(result)),
  (error) => {
    process.stderr.write(`${error.stack}\n${(error.reasons ?? []).join("\n")}\n`);
    process.exitCode = 1;
  },
);

async function up() {
  const { inputs, failures } = await failover.check(context, prior?.inputs ?? {}, program);
  if (failures.length > 0)
    throw new Error(failures.map(({ property, reason }) => `${property} ${reason}`).join("\n"));
  if (prior && !failover.diff(prior.id, prior.outputs, inputs).hasChanges) return { ...prior, inputs };
  const { id, outputs } = await failover.reconcile(
    context,
    inputs,
    prior && { id: prior.id, outputs: prior.outputs },
  );
  return JSON.parse(JSON.stringify({ id, inputs, outputs }));
}
