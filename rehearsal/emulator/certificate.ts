import { chmodSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";

/** A self-made certificate for loopback names; the key stays in memory. */
export interface Certificate {
  key: string;
  cert: string;
  /** PEM file to trust: `NODE_EXTRA_CA_CERTS=<file>`, or a client's own option. */
  file: string;
  /** Deletes the file. */
  remove(): void;
}

/** Makes a certificate for localhost, 127.0.0.1 and ::1, valid for 30 days, and writes it to a file of its own. */
export async function makeCertificate(): Promise<Certificate> {
  // Loaded here because most emulators serve http and its key libraries take longer than everything else together.
  const { generate } = await import("selfsigned");
  const notBefore = new Date(Date.now() - 3_600_000);
  const made = await generate([{ name: "commonName", value: "localhost" }], {
    keyType: "ec",
    curve: "P-256",
    algorithm: "sha256",
    notBeforeDate: notBefore,
    notAfterDate: new Date(notBefore.getTime() + 30 * 86_400_000),
    extensions: [
      { name: "basicConstraints", cA: true, critical: true },
      { name: "keyUsage", digitalSignature: true, keyCertSign: true, critical: true },
      { name: "extKeyUsage", serverAuth: true },
      {
        name: "subjectAltName",
        altNames: [
          { type: 2, value: "localhost" },
          { type: 7, ip: "127.0.0.1" },
          { type: 7, ip: "::1" },
        ],
      },
    ],
  });
  const folder = mkdtempSync(path.join(tmpdir(), "siterecovery-emulator-"));
  chmodSync(folder, 0o700);
  const file = path.join(folder, "certificate.pem");
  writeFileSync(file, made.cert);
  return {
    key: made.private,
    cert: made.cert,
    file,
    remove: () => rmSync(folder, { recursive: true, force: true }),
  };
}
