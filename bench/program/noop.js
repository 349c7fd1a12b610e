// A provider that does nothing: what is left of an operation's time is the engine's.
exports.handler = () => ({
  check: async (_olds, news) => ({ inputs: { ...news, replicatedItemId: `/bench/${news.name}` }, failures: [] }),
  diff: async (_id, olds, news) => ({
    changes: Object.keys(news).some((key) => JSON.stringify(olds[key]) !== JSON.stringify(news[key])),
  }),
  create: async (inputs) => ({ id: `/bench/${inputs.name}`, outs: inputs }),
  read: async (id, props) => ({ id, props }),
  update: async (_id, _olds, news) => ({ outs: news }),
  delete: async () => undefined,
});
