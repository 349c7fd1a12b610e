import path from "node:path";

/** The package's directory: above `dist/provider/shells`, and above the sources where they run as they are. */
export function packageDirectory(): string {
  const above = path.resolve(__dirname, "..", "..");
  return path.basename(above) === "dist" ? path.dirname(above) : above;
}
