// Starts a program without a shell, so that the same line works on Linux, macOS and Windows.
import { spawnSync } from "node:child_process";

/** Runs a program to its end with our own standard streams; returns its exit status (1 where it could not start). */
export function run(command, args, options = {}) {
  const result = spawnSync(command, args, { stdio: "inherit", ...options });
  if (result.error) console.error(`${command}: ${result.error.message}`);
  return result.status ?? 1;
}

/** npm itself, through the Node that runs us: on Windows `npm` is a script that only a shell can start. */
export function npm(args, options = {}) {
  const cli = process.env.npm_execpath;
  return cli?.endsWith(".js") || cli?.endsWith(".cjs")
    ? run(process.execPath, [cli, ...args], options)
    : run(process.platform === "win32" ? "npm.cmd" : "npm", args, {
        shell: process.platform === "win32",
        ...options,
      });
}
