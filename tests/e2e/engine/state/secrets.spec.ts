import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect } from "chai";
import { findPassphrase, makePassphrase, PassphraseCrypter } from "../../../../rehearsal/engine/state/secrets.js";

describe("PassphraseCrypter", () => {
  it("opens what Pulumi's own CLI encrypted (made with pulumi 3.260, passphrase x, a stack output)", async () => {
    const crypter = await PassphraseCrypter.open(
      "x",
      "v1:G8CslCkUUtU=:v1:91BIJhtlJESb33Ss:fQrLyu5VYluMStnOZ/9sBepYp9dWKA==",
      "here",
    );
    expect(crypter.decrypt("v1:P6V7pLSEn0uLr+VO:SJZJMx8djiD3cHavwEi5lSoPHQ==")).to.equal('"x"');
  });

  it("reads back what it wrote, never writes the same text twice, and notices a changed one", async () => {
    const crypter = await PassphraseCrypter.create("p");
    const first = crypter.encrypt("höllo");
    expect(crypter.decrypt(first)).to.equal("höllo");
    expect(crypter.encrypt("höllo")).not.to.equal(first);
    const [version, nonce, text] = first.split(":");
    const changed = `${version}:${nonce}:${Buffer.from(text ?? "", "base64")
      .reverse()
      .toString("base64")}`;
    expect(() => crypter.decrypt(changed)).to.throw("could not be decrypted");
    const again = await PassphraseCrypter.open("p", crypter.salt, "here");
    expect(again.decrypt(first)).to.equal("höllo");
  });

  it("says where a passphrase or a salt is wrong", async () => {
    const { salt } = await PassphraseCrypter.create("p");
    const wrong = await PassphraseCrypter.open("q", salt, "file f").catch((error: Error) => error.message);
    expect(wrong).to.contain("file f: incorrect passphrase");
    const bad = await PassphraseCrypter.open("p", "v2:x", "file f").catch((error: Error) => error.message);
    expect(bad).to.contain('the encryption salt is "v2:x"');
  });
});

describe("findPassphrase", () => {
  it("takes the variable, then the file that a variable names, then the one that was made", () => {
    const directory = mkdtempSync(join(tmpdir(), "passphrase-"));
    try {
      const file = join(directory, "given");
      const generated = join(directory, "made", "dev.passphrase");
      writeFileSync(file, "from file\n");
      expect(findPassphrase({}, generated)).to.equal(undefined);
      const made = makePassphrase(generated);
      expect(made).to.have.length.greaterThan(20);
      expect(findPassphrase({}, generated)).to.equal(made);
      expect(findPassphrase({ PULUMI_CONFIG_PASSPHRASE_FILE: file }, generated)).to.equal("from file");
      expect(() => findPassphrase({ PULUMI_CONFIG_PASSPHRASE_FILE: `${file}x` }, generated)).to.throw(
        "cannot be read",
      );
      expect(
        findPassphrase({ PULUMI_CONFIG_PASSPHRASE: "", PULUMI_CONFIG_PASSPHRASE_FILE: file }, generated),
      ).to.equal("");
      expect(() => makePassphrase(generated)).to.throw("EEXIST");
    } finally {
      rmSync(directory, { recursive: true });
    }
  });
});
