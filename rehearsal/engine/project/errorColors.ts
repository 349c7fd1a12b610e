/**
 * Loaded into a program's process ahead of the SDK's runner, which prints in colours what a program throws. Many
 * versions of Node 20 and later fill the memory at that, for a minute, where a frame lies directly below `node_modules`
 * or a scope in it; the runner's own frames do, since their source maps leave out a directory. Such errors are printed
 * without colours.
 *
 * @see https://github.com/nodejs/node/issues/64011
 */
import util from "node:util";

const frameDirectlyBelow = /[\\/]node_modules[\\/](?:@[^\\/\n]*[\\/])?[^\\/\n]*$/m;

util.inspect = new Proxy(util.inspect, {
  apply(inspect, self, args: [unknown, (util.InspectOptions | boolean)?, (number | null)?, boolean?]): string {
    const [value, options, depth] = args;
    const isColored = typeof options === "object" ? options.colors === true : args[3] === true;
    if (!isColored) {
      return Reflect.apply(inspect, self, args);
    }
    const plain =
      typeof options === "object"
        ? inspect(value, { ...options, colors: false })
        : inspect(value, options, depth, false);
    return frameDirectlyBelow.test(plain) ? plain : Reflect.apply(inspect, self, args);
  },
});
