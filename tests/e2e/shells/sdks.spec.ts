import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readdirSync, rmSync, symlinkSync } from "node:fs";
import { join, resolve } from "node:path";
import { expect } from "chai";

const root = resolve(__dirname, "../../..");
const workspace = join(root, "node_modules", ".cache", "sdk-tests");

const run = (file: string, args: string[], cwd: string) => {
  const { status, stdout, stderr, error } = spawnSync(file, args, {
    cwd,
    encoding: "utf8",
    env: { ...process.env, PULUMI_SKIP_UPDATE_CHECK: "true", PULUMI_HOME: join(cwd, "home"), NO_COLOR: "1" },
  });
  return { status: error ? -1 : (status ?? -1), output: `${stdout}${stderr}` };
};

/** Compiles a generated SDK, in its own language's way. */
const languages: Record<
  string,
  { needs: [string, string[]][]; compile(directory: string): ReturnType<typeof run> }
> = {
  nodejs: {
    needs: [["pulumi", ["version"]]],
    compile(directory) {
      const modules = join(directory, "node_modules");
      mkdirSync(modules);
      for (const scope of ["@pulumi", "@types"])
        symlinkSync(join(root, "node_modules", scope), join(modules, scope));
      return run(
        process.execPath,
        [require.resolve("typescript/bin/tsc"), "-p", ".", "--noEmit", "--skipLibCheck"],
        directory,
      );
    },
  },
  python: {
    needs: [
      ["pulumi", ["version"]],
      ["pulumi-language-python", ["--help"]],
      ["python3", ["--version"]],
    ],
    compile: (directory) => run("python3", ["-m", "compileall", "-q", "."], directory),
  },
};

describe("SDKs of other languages", function () {
  this.timeout(400_000);
  for (const [language, { needs, compile }] of Object.entries(languages)) {
    it(`are made for ${language} by Pulumi's own generator from the plugin's schema, and compile`, function () {
      const missing = needs.find(([file, args]) => spawnSync(file, args).error !== undefined);
      if (missing) {
        console.log(`      skipped: there is no \`${missing[0]}\` on the PATH`);
        this.skip();
      }
      mkdirSync(workspace, { recursive: true });
      const directory = mkdtempSync(join(workspace, `${language}-`));
      try {
        const words = ["package", "gen-sdk", join(root, "plugin"), "--language", language, "--out", directory];
        const made = run("pulumi", words, directory);
        expect(made.status, made.output).to.equal(0);
        const place = join(directory, language);
        expect(readdirSync(place, { recursive: true }).length).to.be.greaterThan(10);
        const compiled = compile(place);
        expect(compiled.status, compiled.output).to.equal(0);
      } finally {
        rmSync(directory, { recursive: true, force: true });
      }
    });
  }
});
