import { expect } from "chai";
import { toSiteRecoveryError } from "../../../../../provider/siterecovery/azure/failures.js";
import { Unauthorized } from "../../../../../provider/siterecovery/errors.js";

const doing = { operation: "listing", kind: "replicated items", name: "shop-vault", id: "/vault" };
const named = (name: string, message: string, more: object = {}) =>
  Object.assign(new Error(message), { name, ...more });

describe("an error of signing in", () => {
  it("says in one line what each way of a chain lacks, and leaves their advice out", () => {
    const errors = [
      named(
        "CredentialUnavailableError",
        "EnvironmentCredential is unavailable. To troubleshoot, visit https://a.example/b.c.",
      ),
      named("CredentialUnavailableError", "Azure CLI could not be found.\nPlease install it"),
    ];
    const error = toSiteRecoveryError(
      named("AggregateAuthenticationError", "ChainedTokenCredential failed.\nlong", { errors }),
      doing,
    );
    expect(error).to.be.instanceOf(Unauthorized);
    expect(error.message)
      .to.contain("no token: EnvironmentCredential is unavailable; Azure CLI could not be found")
      .and.to.contain("Check the ARM_* variables, or run az login.")
      .and.not.to.match(/\n|troubleshoot/);
  });

  it("keeps the whole of what Microsoft Entra ID says of one way", () => {
    const text = "invalid_client: AADSTS7000215: Invalid client secret provided. Ensure the secret is the value.";
    expect(toSiteRecoveryError(named("AuthenticationError", text), doing).message).to.contain(text);
  });
});
