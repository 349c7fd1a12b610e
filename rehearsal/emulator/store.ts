import type { ArmResource, ArmStore } from "./core.js";

/** Collections whose members Azure also answers inside their parent; they are kept there and nowhere else. */
const inlineCollections: Record<string, string[]> = {
  "microsoft.network/virtualnetworks": ["subnets", "virtualNetworkPeerings"],
  "microsoft.network/networksecuritygroups": ["securityRules", "defaultSecurityRules"],
  "microsoft.network/routetables": ["routes"],
};

interface InlineChild {
  parentId: string;
  collection: string;
  name: string;
}

/**
 * The resources of the emulated subscription, by id without case. Two indexes are kept beside the record and made anew
 * when it is replaced: resources by type, and who refers to whom (`properties` holding `{ id }`).
 */
export class ResourceStore implements ArmStore {
  #record: Record<string, ArmResource>;
  #byType = new Map<string, Map<string, ArmResource>>();
  #referrers = new Map<string, Set<string>>();
  #references = new Map<string, Set<string>>();

  /** @param record the state's own record: changed in place, so that saving the state saves the resources. */
  constructor(record: Record<string, ArmResource>) {
    this.#record = record;
    for (const [key, resource] of Object.entries(record)) this.index(key, resource);
  }

  get(id: string): ArmResource | undefined {
    const key = id.toLowerCase();
    const found = Object.hasOwn(this.#record, key) ? this.#record[key] : undefined;
    if (found) return found;
    const child = inlineChild(id);
    if (!child) return undefined;
    return this.members(child)?.find((member) => member.name.toLowerCase() === child.name.toLowerCase());
  }

  put(resource: ArmResource): ArmResource {
    const child = inlineChild(resource.id);
    if (child) {
      const parent = this.parentOf(child);
      const members = this.members(child) ?? [];
      const index = members.findIndex((member) => member.name.toLowerCase() === child.name.toLowerCase());
      if (index === -1) members.push(resource);
      else members[index] = resource;
      parent.properties[child.collection] = members;
      this.put(parent);
      return resource;
    }
    const key = resource.id.toLowerCase();
    this.unindex(key);
    this.#record[key] = resource;
    this.index(key, resource);
    return resource;
  }

  delete(id: string): boolean {
    const key = id.toLowerCase();
    if (Object.hasOwn(this.#record, key)) {
      this.unindex(key);
      delete this.#record[key];
      return true;
    }
    const child = inlineChild(id);
    const members = child && this.members(child);
    const index = members?.findIndex((member) => member.name.toLowerCase() === child?.name.toLowerCase()) ?? -1;
    if (!child || !members || index === -1) return false;
    members.splice(index, 1);
    this.put(this.parentOf(child));
    return true;
  }

  list(type: string, scope?: string): ArmResource[] {
    const all = [...(this.#byType.get(type.toLowerCase())?.entries() ?? [])];
    if (scope === undefined) return all.map(([, resource]) => resource);
    const prefix = `${scope.toLowerCase().replace(/\/+$/, "")}/`;
    return all.filter(([key]) => key.startsWith(prefix)).map(([, resource]) => resource);
  }

  /** Every resource below a scope, of any type, in order of creation. */
  listAll(scope: string): ArmResource[] {
    const prefix = `${scope.toLowerCase().replace(/\/+$/, "")}/`;
    return Object.entries(this.#record)
      .filter(([key]) => key.startsWith(prefix))
      .map(([, resource]) => resource);
  }

  /** The resources that refer to this id or to a part of it (an address configuration of a network card). */
  referrers(id: string): ArmResource[] {
    const keys = this.#referrers.get(id.toLowerCase()) ?? new Set<string>();
    return [...keys].flatMap((key) => this.#record[key] ?? []);
  }

  private parentOf(child: InlineChild): ArmResource {
    const parent = this.#record[child.parentId.toLowerCase()];
    if (!parent) throw new Error(`the parent ${child.parentId} of ${child.name} does not exist`);
    return parent;
  }

  private members(child: InlineChild): ArmResource[] | undefined {
    const parent = this.#record[child.parentId.toLowerCase()];
    const members = parent?.properties[child.collection];
    // What lies in an inline collection has been put there by this store or by a normalised write.
    return Array.isArray(members) ? (members as ArmResource[]) : undefined;
  }

  private index(key: string, resource: ArmResource): void {
    const type = resource.type.toLowerCase();
    const ofType = this.#byType.get(type) ?? new Map<string, ArmResource>();
    ofType.set(key, resource);
    this.#byType.set(type, ofType);
    const targets = new Set<string>();
    collectReferences(resource.properties, key, targets);
    this.#references.set(key, targets);
    for (const target of targets) {
      const sources = this.#referrers.get(target) ?? new Set<string>();
      sources.add(key);
      this.#referrers.set(target, sources);
    }
  }

  private unindex(key: string): void {
    const old = this.#record[key];
    if (!old) return;
    this.#byType.get(old.type.toLowerCase())?.delete(key);
    for (const target of this.#references.get(key) ?? []) {
      const sources = this.#referrers.get(target);
      sources?.delete(key);
      if (sources?.size === 0) this.#referrers.delete(target);
    }
    this.#references.delete(key);
  }
}

/** Ids under a key `id` that lie outside the resource itself. */
function collectReferences(value: unknown, ownKey: string, targets: Set<string>): void {
  if (Array.isArray(value)) {
    for (const entry of value) collectReferences(entry, ownKey, targets);
  } else if (typeof value === "object" && value !== null) {
    for (const [name, entry] of Object.entries(value)) {
      if (name !== "id") collectReferences(entry, ownKey, targets);
      else if (typeof entry === "string" && entry.startsWith("/")) {
        const target = entry.toLowerCase();
        if (target !== ownKey && !target.startsWith(`${ownKey}/`)) targets.add(target);
      }
    }
  }
}

function inlineChild(id: string): InlineChild | undefined {
  const parts = id.split("/");
  const [name, collection] = [parts.at(-1), parts.at(-2)];
  const type = `${parts.at(-5)}/${parts.at(-4)}`.toLowerCase();
  const canonical = inlineCollections[type]?.find((known) => known.toLowerCase() === collection?.toLowerCase());
  if (name === undefined || canonical === undefined) return undefined;
  return { parentId: parts.slice(0, -2).join("/"), collection: canonical, name };
}
