// Dynamic resources whose provider is a class of this program, with what it captures.
const { pulumi, stage } = require("./conf.js");

const prefix = `p${1 + 1}`;
const greet = (name) => `hello ${name}`;

class Notes {
  constructor(kind) {
    this.kind = kind;
  }

  async check(olds, news) {
    const failures = news.text === "bad" ? [{ property: "text", reason: "must not be bad" }] : [];
    return { inputs: { ...news, size: olds.size ?? news.text.length }, failures };
  }

  async diff(_id, olds, news) {
    return {
      changes: olds.text !== news.text || olds.key !== news.key,
      replaces: olds.key === news.key ? [] : ["key"],
      deleteBeforeReplace: news.first === true,
    };
  }

  async create(inputs) {
    return { id: `${prefix}-${inputs.key}`, outs: { ...inputs, greeting: greet(inputs.text), kind: this.kind } };
  }

  async read(id, props) {
    return { id, props: { ...props, greeting: greet(props.text) } };
  }

  async update(_id, olds, news) {
    return { outs: { ...news, greeting: greet(news.text), kind: this.kind, before: olds.text } };
  }

  async delete(_id, props) {
    if (props.text === "stuck") {
      throw new Error("it is stuck");
    }
  }
}

class Note extends pulumi.dynamic.Resource {
  constructor(name, args, options) {
    super(new Notes("note"), name, { greeting: undefined, kind: undefined, ...args }, options, "test", "Note");
  }
}

const plain = {
  create: async (inputs) => ({ id: "plain", outs: { doubled: inputs.value * 2 } }),
  update: async (_id, _olds, news) => ({ outs: { doubled: news.value * 2 } }),
};

const first = new Note("first", { key: "a", text: stage === "3" ? "bad" : `text ${stage}` });
new Note("second", { key: stage, text: first.greeting, secret: pulumi.secret("hush") });
new Note("third", { key: stage, text: "fixed", first: true }, { dependsOn: [first] });
new pulumi.dynamic.Resource(plain, "plain", { value: Number(stage), doubled: undefined }, { dependsOn: first });
exports.greeting = first.greeting;
