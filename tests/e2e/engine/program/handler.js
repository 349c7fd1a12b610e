// The provider of the tests' resources. It writes each call to calls.jsonl, and does what behaviour.json says.
const { appendFileSync, readFileSync } = require("node:fs");

let inFlight = 0;
let highest = 0;
const everybodyThere = [];

function behaviour() {
  try {
    return JSON.parse(readFileSync("behaviour.json", "utf8"));
  } catch {
    return {};
  }
}

function record(method, name, details) {
  appendFileSync("calls.jsonl", `${JSON.stringify({ method, name, pid: process.pid, ...details })}\n`);
}

function withoutProvider({ __provider, ...rest }) {
  return rest;
}

async function meet(count) {
  inFlight++;
  highest = Math.max(highest, inFlight);
  record("meet", "", { highest });
  if (inFlight >= count) {
    for (const go of everybodyThere.splice(0)) {
      go();
    }
  } else {
    await new Promise((resolve) => everybodyThere.push(resolve));
  }
  inFlight--;
}

async function act(method, inputs) {
  const { fail = {}, hang = {}, meetAt } = behaviour();
  if (hang[inputs.name] === method) {
    await new Promise((resolve) =>
      setInterval(() => behaviour().hang?.[inputs.name] === undefined && resolve(), 20),
    );
  }
  if (meetAt !== undefined && method === "create") {
    await meet(meetAt);
  }
  const failure = fail[inputs.name];
  if (failure?.method !== method) {
    return;
  }
  const error = new Error(failure.message ?? "it failed");
  if (failure.id !== undefined) {
    Object.assign(error, {
      id: failure.id,
      properties: { ...inputs, out: "half" },
      reasons: failure.reasons,
    });
  }
  throw error;
}

module.exports = {
  async configure(request) {
    record("configure", "", {
      token: request.config.get("token") ?? null,
      all: request.config.get("p:token") ?? null,
    });
  },
  async check(olds, news) {
    record("check", news.name, { olds: withoutProvider(olds), news: withoutProvider(news) });
    const computed = behaviour().computed;
    return { inputs: computed === undefined ? news : { ...news, computed }, failures: news.failures ?? [] };
  },
  async diff(id, olds, news) {
    record("diff", news.name, { id, olds: withoutProvider(olds), news: withoutProvider(news) });
    const { diffs = {} } = behaviour();
    if (diffs[news.name] !== undefined) {
      return diffs[news.name];
    }
    const changed = Object.keys(news).filter(
      (key) => key !== "__provider" && JSON.stringify(olds[key]) !== JSON.stringify(news[key]),
    );
    const unknown = "04da6b54-80e4-46f7-96ec-b56ff0331ba9";
    const replaces = changed.filter(
      (key) => key.startsWith("force") && (news[key] !== unknown || news.forceUnknown === true),
    );
    return { changes: changed.length > 0, replaces, deleteBeforeReplace: news.deleteFirst === true };
  },
  async create(inputs) {
    record("create", inputs.name, { inputs: withoutProvider(inputs) });
    await act("create", inputs);
    const { __provider, failures, ...rest } = inputs;
    record("created", inputs.name, {});
    return {
      id: `id-${inputs.name}-${inputs.value ?? ""}`,
      outs: { ...rest, out: `out-${inputs.value ?? ""}`, extra: "extra text" },
    };
  },
  async update(id, olds, news) {
    record("update", news.name, { id, olds: withoutProvider(olds), news: withoutProvider(news) });
    await act("update", news);
    return { outs: { ...withoutProvider(news), out: `out-${news.value ?? ""}`, extra: "extra text" } };
  },
  async read(id, props) {
    record("read", props.name, { id, props: withoutProvider(props) });
    await act("read", props);
    const { drift = {}, gone = [] } = behaviour();
    if (gone.includes(props.name)) {
      return {};
    }
    return { id, props: { ...withoutProvider(props), ...drift[props.name] } };
  },
  async delete(id, props) {
    record("delete", props.name, { id });
    await act("delete", props);
    record("deleted", props.name, { id });
  },
};
