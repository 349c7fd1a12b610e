import { existsSync, rmSync, statSync } from "node:fs";
import { join } from "node:path";
import { expect } from "chai";
import { PassphraseCrypter } from "../../../rehearsal/engine/state/secrets.js";
import { changes, describeProject, errors } from "./fixture.js";

const everything = ["secret-in-input", "secret-in-list", "secret-from-config", "secret-output"];

describeProject("the embedded engine and secrets", (project) => {
  it("never writes a secret in the clear, keeps an unchanged one's ciphertext, and hands it to the provider plain", async () => {
    const crypter = await PassphraseCrypter.create("correct horse");
    project().write(
      "Pulumi.dev.yaml",
      `encryptionsalt: ${crypter.salt}\nconfig:\n  p:token:\n    secure: ${crypter.encrypt("secret-from-config")}\n`,
    );
    project().program({
      resources: [
        {
          name: "a",
          args: {
            hidden: { $secret: "secret-in-input" },
            list: ["plain", { $secret: "secret-in-list" }],
            token: { $secretConfig: "token" },
          },
        },
        { name: "b", args: { hidden: { $ref: "a.hidden" } } },
      ],
      outputs: { shown: { $secret: "secret-output" } },
    });
    const summary = await project().up();
    expect(summary.result).to.equal("succeeded");
    expect(summary.outputs).to.deep.equal({ shown: "secret-output" });
    expect(summary.secretOutputs).to.deep.equal(["shown"]);
    for (const secret of everything) {
      expect(project().stateText(), secret).not.to.contain(secret);
      expect(summary.text, secret).not.to.contain(secret);
    }
    expect(project().calls("create")[0]?.inputs).to.deep.include({
      hidden: "secret-in-input",
      list: ["plain", "secret-in-list"],
    });
    expect(project().calls("configure")[0]).to.include({ token: "secret-from-config", all: "secret-from-config" });
    expect(project().resource("a").outputs?.list).to.have.property("ciphertext");
    expect(project().resource("b").inputs?.hidden).to.have.property("ciphertext");
    const before = project().stateText();
    expect((await project().up()).changes).to.deep.equal({ same: 3 });
    expect(project().stateText()).to.equal(before);
    expect(JSON.parse(before).deployment.secrets_providers.state.salt).to.equal(crypter.salt);
  });

  it("refuses a state with another passphrase", async () => {
    project().program({ resources: [{ name: "a" }] });
    await project().up();
    const environment = { ...project().environment(), PULUMI_CONFIG_PASSPHRASE: "wrong" };
    let message = "";
    await project()
      .deployment({ environment })
      .preview()
      .catch((error: Error) => {
        message = error.message;
      });
    expect(message).to.contain("incorrect passphrase");
  });

  it("makes a passphrase where none is set, readable by its owner only, and uses it again", async () => {
    project().program({ resources: [{ name: "a", args: { hidden: { $secret: "hidden text" } } }] });
    const {
      PULUMI_CONFIG_PASSPHRASE: _,
      PULUMI_CONFIG_PASSPHRASE_FILE: __,
      ...environment
    } = project().environment();
    const generated = join(project().directory, ".rehearsal", "dev.passphrase");
    await project().deployment({ environment }).preview();
    expect(existsSync(generated)).to.equal(false);
    await project().deployment({ environment }).up();
    expect(project().stateText()).not.to.contain("hidden text");
    if (process.platform !== "win32") {
      expect(statSync(generated).mode & 0o777).to.equal(0o600);
    }
    expect((await project().deployment({ environment }).preview()).changes).to.deep.equal({ same: 2 });
    rmSync(generated);
    const refusal = await project()
      .deployment({ environment })
      .up()
      .then(errors, (error: Error) => error.message);
    expect(refusal).to.contain("need their passphrase");
    expect(existsSync(generated)).to.equal(false);
  });
});

describeProject("the embedded engine and configuration", (project) => {
  it("gives values for this run only, which the state keeps for refresh and destroy", async () => {
    project().write("Pulumi.dev.yaml", "config:\n  p:token: from the file\n  p:list: [1, 2]\n");
    project().program({
      resources: [{ name: "a", args: { value: { $config: "token" }, list: { $config: "list" } } }],
    });
    await project()
      .deployment({ config: ["token=from the command"] })
      .up();
    expect(project().calls("create")[0]?.inputs).to.include({ value: "from the command", list: "[1,2]" });
    project().forgetCalls();
    await project().refresh();
    expect(project().calls("configure")[0]).to.include({ token: "from the command" });
    expect(changes(await project().preview())).to.deep.equal(["update a"]);
  });

  it("refuses an endpoint that is not on this machine, wherever it is named", async () => {
    project().program({ resources: [{ name: "a" }] });
    for (const options of [
      { config: ["siterecovery:endpoint=https://management.azure.com"] },
      { environment: { ...project().environment(), SITERECOVERY_ENDPOINT: "http://10.0.0.1:8080" } },
    ]) {
      const message = await project()
        .deployment(options)
        .up()
        .then(errors, (error: Error) => error.message);
      expect(message).to.contain("is not on this machine");
    }
    expect(project().calls("create")).to.deep.equal([]);
  });
});
