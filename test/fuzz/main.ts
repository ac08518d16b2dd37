/**
 * `npm run fuzz [-- api|parsers]`: what no one would send, from a fixed seed. Prints a line for each half and its findings;
 * ends with 1 if there are any.
 */
import { api } from './api.ts';
import { timed } from './parsers.ts';

const halves = [timed, api];
const asked = process.argv.slice(2);
const chosen = halves.filter(({ name }) => asked.length === 0 || asked.includes(name));
if (chosen.length === 0) {
  console.error(
    `no such half: ${asked.join(', ')}. The halves: ${halves.map(({ name }) => name).join(', ')}`,
  );
  process.exit(2);
}
for (const { name, run } of chosen) {
  const started = performance.now();
  const { tried, findings } = await run();
  const seconds = ((performance.now() - started) / 1_000).toFixed(0);
  console.log(`${findings.length === 0 ? '✓' : '✗'} ${name}: ${tried} (${seconds} s)`);
  for (const finding of findings) console.log(`    ${finding}`);
  if (findings.length > 0) process.exitCode = 1;
}
