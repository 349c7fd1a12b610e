import { existsSync } from "node:fs";
import { readFile } from "node:fs/promises";
import type { TokenCredential } from "@azure/identity";
import { InvalidInput, Unauthorized } from "../errors.js";
import { type Cloud, cloudSettings } from "./clouds.js";

type Environment = Record<string, string | undefined>;

/** What a GitHub or Azure federated login is asked for. */
const FEDERATION_AUDIENCE = "api://AzureADTokenExchange";

/** Which way in the environment names; what it lacks stands in `problems`. */
type SignIn = { problems: string[] } & (
  | { kind: "oidc"; tenantId: string; clientId: string; assertion: () => Promise<string> }
  | { kind: "certificate"; tenantId: string; clientId: string; certificatePath: string }
  | { kind: "secret"; tenantId: string; clientId: string; secret: string }
  | { kind: "managedIdentity"; clientId?: string }
  | { kind: "default"; tenantId?: string }
);

/**
 * A credential as users of azure-native give it, from environment variables: OIDC where `ARM_USE_OIDC` is true, else a
 * client certificate, else a client secret, else managed identity where `ARM_USE_MSI` is true, else
 * `DefaultAzureCredential` (az login, workload identity, ...). Nothing is sent before a token is asked for.
 *
 * @throws InvalidInput naming every variable that is missing or malformed; values of secrets are never shown.
 */
export async function credentialFromEnvironment(
  env: Environment,
  cloud: Cloud | string,
): Promise<TokenCredential> {
  const authorityHost = cloudSettings(cloud).authority;
  const chosen = signIn(env);
  if (chosen.problems.length > 0) throw new InvalidInput(`credentials: ${chosen.problems.join("; ")}.`);
  const identity = await import("@azure/identity");
  switch (chosen.kind) {
    case "oidc":
      return new identity.ClientAssertionCredential(chosen.tenantId, chosen.clientId, chosen.assertion, {
        authorityHost,
      });
    case "certificate":
      return new identity.ClientCertificateCredential(
        chosen.tenantId,
        chosen.clientId,
        {
          certificatePath: chosen.certificatePath,
          certificatePassword: given(env, "ARM_CLIENT_CERTIFICATE_PASSWORD"),
        },
        { authorityHost },
      );
    case "secret":
      return new identity.ClientSecretCredential(chosen.tenantId, chosen.clientId, chosen.secret, {
        authorityHost,
      });
    case "managedIdentity":
      return chosen.clientId === undefined
        ? new identity.ManagedIdentityCredential()
        : new identity.ManagedIdentityCredential({ clientId: chosen.clientId });
    case "default":
      return new identity.DefaultAzureCredential({
        authorityHost,
        ...(chosen.tenantId === undefined ? {} : { tenantId: chosen.tenantId }),
      });
  }
}

/** What can be said of the credentials without asking for a token: every variable that is missing or malformed. */
export function credentialProblems(env: Environment): string[] {
  return signIn(env).problems;
}

function signIn(env: Environment): SignIn {
  const problems: string[] = [];
  const clientId = given(env, "ARM_CLIENT_ID");
  const tenantId = given(env, "ARM_TENANT_ID");
  const useOidc = flag(env, "ARM_USE_OIDC", problems);
  const useMsi = flag(env, "ARM_USE_MSI", problems);
  const certificatePath = given(env, "ARM_CLIENT_CERTIFICATE_PATH");
  const secret = given(env, "ARM_CLIENT_SECRET");

  const ids = (because: string): { tenantId: string; clientId: string } => {
    if (tenantId === undefined) problems.push(`ARM_TENANT_ID is not set, and ${because} needs it`);
    if (clientId === undefined) problems.push(`ARM_CLIENT_ID is not set, and ${because} needs it`);
    return { tenantId: tenantId ?? "", clientId: clientId ?? "" };
  };
  if (useOidc) {
    return { problems, kind: "oidc", ...ids("ARM_USE_OIDC"), assertion: oidcAssertion(env, problems) };
  }
  if (certificatePath !== undefined) {
    if (!existsSync(certificatePath))
      problems.push(`ARM_CLIENT_CERTIFICATE_PATH: there is no file ${certificatePath}`);
    return { problems, kind: "certificate", ...ids("ARM_CLIENT_CERTIFICATE_PATH"), certificatePath };
  }
  if (secret !== undefined) return { problems, kind: "secret", ...ids("ARM_CLIENT_SECRET"), secret };
  if (useMsi) return { problems, kind: "managedIdentity", ...(clientId === undefined ? {} : { clientId }) };
  return { problems, kind: "default", ...(tenantId === undefined ? {} : { tenantId }) };
}

function given(env: Environment, name: string): string | undefined {
  const value = env[name];
  return value === undefined || value === "" ? undefined : value;
}

function flag(env: Environment, name: string, problems: string[]): boolean {
  const value = given(env, name)?.toLowerCase();
  if (value === undefined || value === "false" || value === "0") return false;
  if (value !== "true" && value !== "1") problems.push(`${name}: "${value}" is not true or false`);
  return true;
}

/** The first source that is there: a token, a file (read each time, since it is renewed), GitHub's token service. */
function oidcAssertion(env: Environment, problems: string[]): () => Promise<string> {
  const token = given(env, "ARM_OIDC_TOKEN");
  if (token !== undefined) return async () => token;
  const path = given(env, "ARM_OIDC_TOKEN_FILE_PATH");
  if (path !== undefined) {
    return async () => {
      try {
        return (await readFile(path, "utf8")).trim();
      } catch (error) {
        throw new Unauthorized(
          `reading the OIDC token: the file ${path} of ARM_OIDC_TOKEN_FILE_PATH cannot be read (${codeOf(error)}).`,
        );
      }
    };
  }
  const url = given(env, "ARM_OIDC_REQUEST_URL") ?? given(env, "ACTIONS_ID_TOKEN_REQUEST_URL");
  const bearer = given(env, "ARM_OIDC_REQUEST_TOKEN") ?? given(env, "ACTIONS_ID_TOKEN_REQUEST_TOKEN");
  if (url === undefined || bearer === undefined) {
    problems.push(
      "ARM_USE_OIDC is true, and none of ARM_OIDC_TOKEN, ARM_OIDC_TOKEN_FILE_PATH, or ACTIONS_ID_TOKEN_REQUEST_URL with ACTIONS_ID_TOKEN_REQUEST_TOKEN is set",
    );
    return async () => "";
  }
  if (!URL.canParse(url) || new URL(url).protocol !== "https:") {
    problems.push("ACTIONS_ID_TOKEN_REQUEST_URL is not an https address");
    return async () => "";
  }
  return () => requestOidcToken(new URL(url), bearer);
}

/** @see https://docs.github.com/actions/security-for-github-actions/security-hardening-your-deployments/about-security-hardening-with-openid-connect */
async function requestOidcToken(url: URL, bearer: string): Promise<string> {
  const address = new URL(url);
  address.searchParams.set("audience", FEDERATION_AUDIENCE);
  const answer = await fetch(address, {
    headers: { authorization: `Bearer ${bearer}`, accept: "application/json" },
    redirect: "error",
    signal: AbortSignal.timeout(30_000),
  });
  const body: unknown = answer.ok ? await answer.json() : undefined;
  const value = (body as { value?: unknown } | undefined)?.value;
  if (typeof value !== "string") {
    throw new Unauthorized(
      `asking ${address.host} for an OIDC token: it answered ${answer.status} and no token. Check that the workflow has the permission id-token: write.`,
    );
  }
  return value;
}

function codeOf(error: unknown): string {
  return error instanceof Error && "code" in error ? String(error.code) : "unknown error";
}
