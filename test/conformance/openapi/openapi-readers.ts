import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Check } from '../check.ts';
import { must, PROJECT, run, temporaryFolder } from '../tools/process.ts';
import { pinned, pythonPrograms } from '../tools/python.ts';

const DOCUMENT = join(PROJECT, 'functions/api/openapi.json');
const PATTERNS = fileURLToPath(new URL('./patterns.py', import.meta.url));

// The generator knows no YAML; the same operations take JSON.
const GENERATOR_SETTINGS = {
  post_hooks: [],
  content_type_overrides: { 'application/yaml': 'application/octet-stream' },
};

/** Faults that each reader has to find: a response without a description, a schema that is `false`, a class of Unicode's. */
const planted = {
  'openapi-spec-validator':
    '{"openapi":"3.1.1","info":{"title":"t","version":"1"},"paths":{"/":{"get":{"responses":{"200":{}}}}}}',
  'openapi-python-client': `{"openapi":"3.1.1","info":{"title":"t","version":"1"},"paths":{},"components":{"schemas":{
    "Pair":{"type":"array","prefixItems":[{"type":"integer"}],"items":false}}}}`,
  're of Python': '{"pattern":"\\\\p{Cc}"}',
};
type Reader = keyof typeof planted;

/** The OpenAPI document as others read it: validated, its patterns compiled, a Python client made of it and loaded. */
export const openapiReaders: Check = {
  name: 'openapi',
  async run() {
    const folder = temporaryFolder('openapi');
    const programs = await pythonPrograms();
    const client = join(folder, 'client');

    const readers: Record<Reader, (path: string, to: string) => Promise<string>> = {
      'openapi-spec-validator': (path) => saidBy(join(programs, 'openapi-spec-validator'), [path]),
      'openapi-python-client': (path, to) => {
        const settings = join(folder, 'settings.json');
        writeFileSync(settings, JSON.stringify(GENERATOR_SETTINGS));
        const where = ['--path', path, '--output-path', to, '--config', settings];
        // A warning is of an operation or a model that the client lacks.
        return saidBy(join(programs, 'openapi-python-client'), [
          'generate',
          ...where,
          '--meta=none',
          '--fail-on-warning',
        ]);
      },
      're of Python': (path) =>
        must(join(programs, 'python'), [PATTERNS], { input: readFileSync(path, 'utf8') }),
    };

    const findings: string[] = [];
    for (const [reader, read] of Object.entries(readers)) {
      const said = await read(DOCUMENT, client);
      if (said !== '') findings.push(`${reader}: ${said}`);
      const fault = join(folder, 'planted.json');
      writeFileSync(fault, planted[reader as Reader]);
      if ((await read(fault, join(folder, `planted-${reader}`))) === '')
        findings.push(`${reader} does not find the fault that was planted`);
    }
    const loaded = findings.length === 0 ? await models(join(programs, 'python'), folder) : 'none';
    const versions = ['openapi-spec-validator', 'openapi-python-client'].map(
      (name) => `${name} ${pinned(name)}`,
    );
    return { checked: `${versions.join(', ')}: a client with ${loaded} models`, findings };
  },
};

/** Nothing where it ended well. */
async function saidBy(program: string, args: readonly string[]): Promise<string> {
  const { status, stdout, stderr } = await run(program, args);
  return status === 0 ? '' : (stdout + stderr).trim();
}

/** Every module of the client loads. */
async function models(python: string, folder: string): Promise<string> {
  const program = `
import importlib, pkgutil, client, client.models
for module in pkgutil.walk_packages(client.__path__, "client."):
    importlib.import_module(module.name)
print(len(client.models.__all__))`;
  return (await must(python, ['-c', program], { cwd: folder })).trim();
}
