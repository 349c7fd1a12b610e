#!/usr/bin/env node
import { parseArgs } from "node:util";
import { type EmulatorOptions, readRoles, startEmulator } from "../rehearsal/emulator/index.js";

const usage = `Usage: siterecovery-emulator [options]

An emulator of Azure Site Recovery and of the Azure Resource Manager around it, on a loopback address.

  --port N        port to listen on, 0-65535 (default 0 = a free one)
  --estate FILE   YAML file that describes machines and networks (default: an empty subscription with one vault)
  --state FILE    keeps the state in a file; one that exists goes on where it was (default: in memory)
  --speed N       simulated seconds for each real one, above 0 (default 1)
  --roles ROLES   what callers may do: names of Azure's built-in roles, such as "Site Recovery Operator,Reader", or a
                  JSON file of role definitions; all else is 403 AuthorizationFailed (default: everything is allowed)
  --tls           serve https with a self-made certificate; its path is printed
  --verbose       print each request
  --help          print this

Stops on Ctrl-C. Its own API is under /_emulator/: health, reset, state, clock, faults, roles, log.`;

const options = {
  port: { type: "string" },
  estate: { type: "string" },
  state: { type: "string" },
  speed: { type: "string" },
  roles: { type: "string" },
  tls: { type: "boolean" },
  verbose: { type: "boolean" },
  help: { type: "boolean" },
} as const;

/** What the command line asks for: options, or `help`. @throws Error naming every argument that is not understood */
export function readArguments(args: string[]): EmulatorOptions | "help" {
  const { values, tokens } = parseArgs({ args, options, strict: false, tokens: true, allowPositionals: true });
  const problems: string[] = [];
  for (const token of tokens) {
    if (token.kind === "positional")
      problems.push(`"${token.value}" is not expected; every argument is an option`);
    if (token.kind !== "option") continue;
    const known = Object.hasOwn(options, token.name) ? options[token.name as keyof typeof options] : undefined;
    if (!known)
      problems.push(
        `${token.rawName} is unknown; allowed: ${Object.keys(options)
          .map((name) => `--${name}`)
          .join(", ")}`,
      );
    else if (known.type === "string" && !token.value) problems.push(`${token.rawName} needs a value`);
    else if (known.type === "boolean" && token.value !== undefined)
      problems.push(`${token.rawName} takes no value, given "${token.value}"`);
  }
  if (problems.length === 0 && values.help) return "help";
  const number = (name: "port" | "speed", allowed: string, isAllowed: (value: number) => boolean) => {
    const text = values[name];
    if (typeof text !== "string" || text === "") return undefined;
    const value = Number(text);
    if (!isAllowed(value)) problems.push(`--${name} ${text} is not allowed; allowed: ${allowed}`);
    return value;
  };
  const port = number("port", "0-65535", (value) => Number.isInteger(value) && value >= 0 && value <= 65_535);
  const speed = number("speed", "a number above 0, at most 1000000", (value) => value > 0 && value <= 1_000_000);
  const roles = rolesOf(values.roles, problems);
  if (problems.length > 0) throw new Error(problems.join("\n"));
  return {
    ...(port !== undefined && { port }),
    ...(speed !== undefined && { speed }),
    ...(typeof values.estate === "string" && { estate: values.estate }),
    ...(typeof values.state === "string" && { stateFile: values.state }),
    ...(roles !== undefined && { roles }),
    tls: values.tls === true,
    verbose: values.verbose === true,
  };
}

function rolesOf(text: unknown, problems: string[]): EmulatorOptions["roles"] {
  if (typeof text !== "string" || text === "") return undefined;
  try {
    return readRoles(text);
  } catch (error) {
    problems.push(error instanceof Error ? error.message : String(error));
    return undefined;
  }
}

async function main(): Promise<void> {
  let wanted: EmulatorOptions | "help";
  try {
    wanted = readArguments(process.argv.slice(2));
  } catch (error) {
    fail(error, 2);
    console.error(`\n${usage}`);
    return;
  }
  if (wanted === "help") {
    console.log(usage);
    return;
  }
  const emulator = await startEmulator(wanted);
  // Before anything is printed: who reads the address may already end us.
  const stop = (): void => {
    emulator.stop().then(
      () => process.exit(0),
      (error: unknown) => {
        fail(error, 1);
        process.exit(1);
      },
    );
  };
  process.once("SIGINT", stop);
  process.once("SIGTERM", stop);
  console.log(`Site Recovery emulator listening on ${emphasised(emulator.origin)}`);
  console.log(`Point the provider at it:  SITERECOVERY_ENDPOINT=${emulator.origin}`);
  if (emulator.certificatePath !== undefined) {
    console.log(`Its certificate:           ${emulator.certificatePath}`);
    console.log(`Trust it in Node.js:       NODE_EXTRA_CA_CERTS=${emulator.certificatePath}`);
  }
  if (wanted.stateFile !== undefined) console.log(`State:                     ${wanted.stateFile}`);
}

function emphasised(text: string): string {
  return process.stdout.isTTY && !process.env.NO_COLOR ? `\u001b[1m${text}\u001b[22m` : text;
}

function fail(error: unknown, status: number): void {
  const busy = error instanceof Error && "code" in error && error.code === "EADDRINUSE";
  const message = error instanceof Error ? error.message : String(error);
  console.error(
    `siterecovery-emulator: ${busy ? `the port is in use (${message}); give another one by --port` : message}`,
  );
  process.exitCode = status;
}

if (require.main === module) main().catch((error: unknown) => fail(error, 1));
