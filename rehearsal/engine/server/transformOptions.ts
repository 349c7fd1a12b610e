import alias from "@pulumi/pulumi/proto/alias_pb.js";
import resource from "@pulumi/pulumi/proto/resource_pb.js";

/** The options of a registration as a transform sees them. */
export function optionsOf(
  request: resource.RegisterResourceRequest,
  provider: string,
): resource.TransformResourceOptions {
  const options = new resource.TransformResourceOptions();
  options.setDependsOnList(request.getDependenciesList());
  if (request.hasProtect()) {
    options.setProtect(request.getProtect() === true);
  }
  if (request.hasRetainondelete()) {
    options.setRetainOnDelete(request.getRetainondelete() === true);
  }
  if (request.getDeletebeforereplacedefined()) {
    options.setDeleteBeforeReplace(request.getDeletebeforereplace());
  }
  options.setIgnoreChangesList(request.getIgnorechangesList());
  options.setReplaceOnChangesList(request.getReplaceonchangesList());
  options.setReplacementTrigger(request.getReplacementTrigger());
  options.setReplaceWithList(request.getReplaceWithList());
  options.setVersion(request.getVersion());
  options.setAliasesList([...request.getAliasurnsList().map(aliasOf), ...request.getAliasesList()]);
  options.setProvider(provider);
  for (const [name, reference] of request.getProvidersMap().entries()) {
    options.getProvidersMap().set(name, reference);
  }
  options.setHideDiffList(request.getHidediffsList());
  options.setCustomTimeouts(request.getCustomtimeouts());
  options.setPluginDownloadUrl(request.getPlugindownloadurl());
  options.setDeletedWith(request.getDeletedwith());
  options.setAdditionalSecretOutputsList(request.getAdditionalsecretoutputsList());
  options.setHooks(request.getHooks());
  options.setImport(request.getImportid());
  return options;
}

/**
 * Gives a registration the options that its transforms answered.
 *
 * @param setsDependencies the Pulumi engine heeds `dependsOn` only of a resource that has transforms of its own.
 */
export function setOptions(
  request: resource.RegisterResourceRequest,
  options: resource.TransformResourceOptions,
  setsDependencies: boolean,
): void {
  if (setsDependencies) {
    request.setDependenciesList(options.getDependsOnList());
  }
  request.clearProtect();
  if (options.hasProtect()) {
    request.setProtect(options.getProtect() === true);
  }
  request.clearRetainondelete();
  if (options.hasRetainOnDelete()) {
    request.setRetainondelete(options.getRetainOnDelete() === true);
  }
  request.setDeletebeforereplacedefined(options.hasDeleteBeforeReplace());
  request.setDeletebeforereplace(options.getDeleteBeforeReplace() === true);
  request.setIgnorechangesList(options.getIgnoreChangesList());
  request.setReplaceonchangesList(options.getReplaceOnChangesList());
  request.setReplacementTrigger(options.getReplacementTrigger());
  request.setReplaceWithList(options.getReplaceWithList());
  request.setVersion(options.getVersion());
  request.clearAliasurnsList();
  request.setAliasesList(options.getAliasesList());
  request.setProvider(options.getProvider());
  request.clearProvidersMap();
  for (const [name, reference] of options.getProvidersMap().entries()) {
    request.getProvidersMap().set(name, reference);
  }
  request.setHidediffsList(options.getHideDiffList());
  request.setCustomtimeouts(options.getCustomTimeouts());
  request.setPlugindownloadurl(options.getPluginDownloadUrl());
  request.setDeletedwith(options.getDeletedWith());
  request.setAdditionalsecretoutputsList(options.getAdditionalSecretOutputsList());
  request.setHooks(options.getHooks());
  request.setImportid(options.getImport());
}

function aliasOf(urn: string): alias.Alias {
  const message = new alias.Alias();
  message.setUrn(urn);
  return message;
}
