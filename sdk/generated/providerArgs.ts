// Generated from the schemas in provider/ by `npm run generate`. Change those.

/** Arguments of an explicit provider instance. */

import type * as pulumi from "@pulumi/pulumi";

/** What a provider instance may set; each key means what `siterecovery:<key>` means for the stack. */
export interface ProviderArgs {
  /** Subscription of the vault: a GUID. Default: the environment variable `ARM_SUBSCRIPTION_ID`. */
  subscriptionId?: pulumi.Input<string | undefined>;
  /**
   * Resource group of the vault. Allowed: 1-90 letters, digits, '_', '-', '.' and parentheses, not ending
   * with '.'.
   */
  resourceGroupName?: pulumi.Input<string | undefined>;
  /** Name of the Recovery Services vault. Allowed: 2-50 letters, digits and '-', beginning with a letter. */
  vaultName?: pulumi.Input<string | undefined>;
  /**
   * Azure cloud: `public` (default), `usgovernment`, `china`, or `{endpoint, authority, audience}`. Default:
   * the environment variables `SITERECOVERY_CLOUD`, then `ARM_ENVIRONMENT`.
   */
  cloud?: pulumi.Input<string | CloudSettingsArgs | undefined>;
  /**
   * Address of Azure Resource Manager where it is not the cloud's own: https, or http on this machine for a
   * rehearsal. The environment variable `SITERECOVERY_ENDPOINT` wins over it. Allowed: an address such as
   * http://127.0.0.1:4710.
   */
  endpoint?: pulumi.Input<string | undefined>;
  /** The longest pause between two looks at running jobs: seconds, 0.02-3600, default 30. */
  pollIntervalSeconds?: pulumi.Input<number | undefined>;
  /** How long one request waits out throttling (429) in all: seconds, 0-86400, default 600. */
  maxThrottleWaitSeconds?: pulumi.Input<number | undefined>;
  /** Application (client) id that signs in: a GUID. Default: the environment variable `ARM_CLIENT_ID`. */
  clientId?: pulumi.Input<string | undefined>;
  /** Tenant that is signed in to: a GUID. Default: the environment variable `ARM_TENANT_ID`. */
  tenantId?: pulumi.Input<string | undefined>;
  /**
   * Path of a client certificate (PEM or PFX). Default: the environment variable
   * `ARM_CLIENT_CERTIFICATE_PATH`.
   */
  clientCertificatePath?: pulumi.Input<string | undefined>;
  /** Sign in with a federated (OIDC) token. Default: the environment variable `ARM_USE_OIDC`, else false. */
  useOidc?: pulumi.Input<boolean | undefined>;
  /** Path of the federated token's file. Default: the environment variable `ARM_OIDC_TOKEN_FILE_PATH`. */
  oidcTokenFilePath?: pulumi.Input<string | undefined>;
  /** Sign in with a managed identity. Default: the environment variable `ARM_USE_MSI`, else false. */
  useMsi?: pulumi.Input<boolean | undefined>;
  /**
   * Directory of the history of drills and failovers, relative to the directory of Pulumi.yaml; `none` keeps
   * none. Default `drills/<stack>`.
   */
  evidenceDirectory?: pulumi.Input<string | undefined>;
}

/**
 * Azure cloud: `public` (default), `usgovernment`, `china`, or `{endpoint, authority, audience}`. Default:
 * the environment variables `SITERECOVERY_CLOUD`, then `ARM_ENVIRONMENT`.
 */
export interface CloudSettingsArgs {
  /** Azure Resource Manager: an https address. */
  endpoint: pulumi.Input<string>;
  /** Microsoft Entra ID, which signs the tokens: an https address. */
  authority: pulumi.Input<string>;
  /** What tokens are asked for: an https address. */
  audience: pulumi.Input<string>;
}
