import { existsSync, writeFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';

/** What user data can fetch with: Amazon's images, and others, have at least one of them. */
const clients = ['curl', 'wget', 'python3'];

/**
 * Puts into a folder that comes first on an instance's PATH what makes this machine's programs those of an image: no Node
 * before user data has brought one (the agent removes this one then), and a client for HTTP where the machine has none.
 */
export function layImage(folder: string, path: string): void {
  const write = (name: string, text: string) => writeFileSync(join(folder, name), text, { mode: 0o755 });
  write('node', '#!/bin/sh\necho "node: not found" >&2\nexit 127\n');
  const has = (name: string) => path.split(delimiter).some((one) => existsSync(join(one, name)));
  if (!clients.some(has)) write('curl', curl);
}

/** As much of curl as user data asks for. */
const curl = `#!/bin/sh
exec '${process.execPath.replaceAll("'", `'\\''`)}' -e '
const { values, positionals } = require("node:util").parseArgs({
  args: process.argv.slice(1),
  allowPositionals: true,
  strict: false,
  options: Object.fromEntries(
    ["d", "H", "o", "max-time", "connect-timeout", "speed-limit", "speed-time"].map((name) => [
      name,
      { type: "string", ...(name.length === 1 && { short: name }) },
    ]),
  ),
});
fetch(positionals[0], {
  ...(values.d && { method: "POST", body: values.d, headers: { "content-type": "application/json" } }),
})
  .then(async (answer) => {
    if (!answer.ok) throw new Error("the requested URL returned error: " + answer.status);
    const body = Buffer.from(await answer.arrayBuffer());
    if (values.o) require("node:fs").writeFileSync(values.o, body);
    else process.stdout.write(body);
  })
  .catch((error) => {
    console.error("curl: " + error.message);
    process.exitCode = 22;
  });
' -- "$@"
`;
