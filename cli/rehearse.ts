#!/usr/bin/env node
import { createInterface } from "node:readline/promises";
import { runCommandLine } from "../rehearsal/engine/command.js";

const interruptedTwice = 8;

const interrupt = new AbortController();
const terminate = new AbortController();

function onSignal(): void {
  if (!interrupt.signal.aborted) {
    process.stderr.write(
      "^C received; cancelling. Steps that run go on to their end. If you would like to terminate immediately, press ^C again.\n",
    );
    interrupt.abort();
    return;
  }
  terminate.abort();
}

process.on("SIGINT", onSignal);
process.on("SIGTERM", onSignal);

runCommandLine(process.argv.slice(2), {
  environment: process.env,
  stdout: process.stdout,
  stderr: process.stderr,
  interrupt: interrupt.signal,
  terminate: terminate.signal,
  ask: process.stdin.isTTY
    ? async (question) => {
        const prompt = createInterface({ input: process.stdin, output: process.stdout });
        try {
          return await prompt.question(question, { signal: interrupt.signal });
        } finally {
          prompt.close();
        }
      }
    : undefined,
}).then(
  (status) => {
    process.exitCode = status;
    if (status === interruptedTwice) {
      process.exit(status);
    }
  },
  (error: unknown) => {
    process.stderr.write(`error: ${error instanceof Error ? error.message : String(error)}\n`);
    process.exitCode = 1;
  },
);
