import { InvalidInput } from "../errors.js";

/** Where one Azure cloud answers and who signs its tokens. Addresses are https and carry no path. */
export interface CloudSettings {
  /** Azure Resource Manager. */
  endpoint: string;
  /** Microsoft Entra ID, which issues the tokens. */
  authority: string;
  /** What tokens are asked for; the scope is `<audience>/.default`. */
  audience: string;
}

export type CloudName = "public" | "usgovernment" | "china";

/** A cloud by its name, or by its three addresses (Azure Stack Hub, a private cloud). */
export type Cloud = CloudName | CloudSettings;

/** @see https://learn.microsoft.com/azure/azure-government/compare-azure-government-global-azure and the page of Azure China */
const CLOUDS: Record<CloudName, CloudSettings> = {
  public: {
    endpoint: "https://management.azure.com",
    authority: "https://login.microsoftonline.com",
    audience: "https://management.azure.com",
  },
  usgovernment: {
    endpoint: "https://management.usgovcloudapi.net",
    authority: "https://login.microsoftonline.us",
    audience: "https://management.usgovcloudapi.net",
  },
  china: {
    endpoint: "https://management.chinacloudapi.cn",
    authority: "https://login.chinacloudapi.cn",
    audience: "https://management.chinacloudapi.cn",
  },
};

export const cloudNames = Object.keys(CLOUDS) as CloudName[];

/**
 * The addresses of a cloud, with trailing slashes removed.
 *
 * @throws InvalidInput naming every address that is not https, or the names that exist.
 */
export function cloudSettings(cloud: Cloud | string): CloudSettings {
  if (typeof cloud === "string") {
    const named = cloudNames.find((name) => name === cloud.toLowerCase());
    if (named === undefined) {
      throw new InvalidInput(
        `cloud: "${cloud}" is not known. Allowed: ${cloudNames.join(", ")}, or an object with endpoint, authority and audience.`,
      );
    }
    return CLOUDS[named];
  }
  const problems: string[] = [];
  const checked = (property: keyof CloudSettings): string => {
    const value = cloud[property];
    if (typeof value !== "string" || !URL.canParse(value) || new URL(value).protocol !== "https:") {
      problems.push(`cloud.${property}: "${String(value)}" is not an https address`);
      return "";
    }
    return value.replace(/\/+$/, "");
  };
  const settings = {
    endpoint: checked("endpoint"),
    authority: checked("authority"),
    audience: checked("audience"),
  };
  if (problems.length > 0) throw new InvalidInput(`${problems.join("; ")}.`);
  return settings;
}
