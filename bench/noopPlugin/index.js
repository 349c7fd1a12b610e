// A provider plugin that does nothing and looks into nothing: what is left of an operation's time is the engine's.
const { Server, ServerCredentials } = require("@grpc/grpc-js");
const { ResourceProviderService } = require("@pulumi/pulumi/proto/provider_grpc_pb.js");
const provider = require("@pulumi/pulumi/proto/provider_pb.js");
const plugin = require("@pulumi/pulumi/proto/plugin_pb.js");
const empty = require("google-protobuf/google/protobuf/empty_pb.js");

const answering = (answer) => (call, callback) => callback(null, answer(call.request));
const service = {
  getPluginInfo: answering(() => {
    const info = new plugin.PluginInfo();
    info.setVersion("0.0.1");
    return info;
  }),
  checkConfig: answering((request) => {
    const response = new provider.CheckResponse();
    response.setInputs(request.getNews());
    return response;
  }),
  diffConfig: answering(() => new provider.DiffResponse()),
  configure: answering(() => {
    const response = new provider.ConfigureResponse();
    response.setAcceptsecrets(true);
    response.setSupportspreview(true);
    return response;
  }),
  check: answering((request) => {
    const response = new provider.CheckResponse();
    response.setInputs(request.getNews());
    return response;
  }),
  diff: answering(() => {
    const response = new provider.DiffResponse();
    response.setChanges(provider.DiffResponse.DiffChanges.DIFF_NONE);
    return response;
  }),
  create: answering((request) => {
    const response = new provider.CreateResponse();
    response.setId(request.getUrn());
    response.setProperties(request.getProperties());
    return response;
  }),
  read: answering((request) => {
    const response = new provider.ReadResponse();
    response.setId(request.getId());
    response.setProperties(request.getProperties());
    response.setInputs(request.getInputs());
    return response;
  }),
  delete: answering(() => new empty.Empty()),
  cancel: answering(() => new empty.Empty()),
};

const server = new Server();
server.addService(ResourceProviderService, service);
server.bindAsync("127.0.0.1:0", ServerCredentials.createInsecure(), (error, port) => {
  if (error) throw error;
  console.log(port);
});
