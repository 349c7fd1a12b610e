import { InvalidInput } from "../errors.js";

/** An address of Azure Resource Manager, or of something on this machine that speaks like it. */
export interface Endpoint {
  /** `https://host[:port]`, no trailing slash. */
  origin: string;
  host: string;
  /** This machine: no credential is ever sent there, and plain http is allowed. */
  isLoopback: boolean;
  isInsecure: boolean;
}

/** True for `localhost`, 127.0.0.0/8 and `[::1]`, as `URL.hostname` spells them. */
export function isLoopbackHost(hostname: string): boolean {
  const host = hostname.toLowerCase();
  // URL has already normalised 127.1 and 0x7f000001 to four decimal numbers, so a prefix cannot be `127.evil.example`.
  return host === "localhost" || host === "[::1]" || /^127\.\d{1,3}\.\d{1,3}\.\d{1,3}$/.test(host);
}

/**
 * Checks an endpoint.
 *
 * @throws InvalidInput with every problem at once: no address, http away from this machine, a path, a query, a user name.
 */
export function parseEndpoint(endpoint: string): Endpoint {
  if (!URL.canParse(endpoint)) {
    throw new InvalidInput(
      `endpoint: "${endpoint}" is not an address. Allowed: https://<host>, or http://<loopback address>:<port> for an emulator.`,
    );
  }
  const url = new URL(endpoint);
  const isLoopback = isLoopbackHost(url.hostname);
  const problems: string[] = [];
  if (url.protocol !== "https:" && url.protocol !== "http:") {
    problems.push(
      `the scheme is "${url.protocol.slice(0, -1)}", allowed are https and, for loopback addresses, http`,
    );
  } else if (url.protocol === "http:" && !isLoopback) {
    problems.push(
      `"${url.hostname}" is not a loopback address, and http would show credentials to everybody on the way: use https (http is for localhost, 127.0.0.0/8 and [::1])`,
    );
  }
  if (url.username !== "" || url.password !== "") problems.push("it must not hold a user name or password");
  if (url.pathname !== "/") problems.push(`it must not have a path ("${url.pathname}")`);
  if (url.search !== "" || url.hash !== "") problems.push("it must not have a query or a fragment");
  if (problems.length > 0) {
    throw new InvalidInput(`endpoint: "${withoutUser(url)}" is not usable: ${problems.join("; ")}.`);
  }
  return { origin: url.origin, host: url.host, isLoopback, isInsecure: url.protocol === "http:" };
}

/**
 * True where a follow-up address (next page, polling) may be followed from an endpoint. Azure may answer with a
 * regional name below its own host; anywhere else, and any other scheme, would carry the token away.
 */
export function mayFollow(endpoint: Endpoint, address: string): boolean {
  if (!URL.canParse(address)) return false;
  const url = new URL(address);
  if (url.origin === endpoint.origin) return true;
  return !endpoint.isLoopback && url.protocol === "https:" && url.host.endsWith(`.${endpoint.host}`);
}

function withoutUser(url: URL): string {
  const copy = new URL(url);
  copy.username = "";
  copy.password = "";
  return copy.href;
}
