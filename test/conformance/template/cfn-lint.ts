import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import * as z from 'zod';
import type { Check } from '../check.ts';
import { run, temporaryFolder } from '../tools/process.ts';
import { pinned, pythonPrograms } from '../tools/python.ts';
import { variants } from './parameters.ts';
import { build, synthesize } from './synthesize.ts';

/** Findings that are right and harmless. One that no template shows any more has to go from here. */
const harmless: readonly { readonly rule: string; readonly at: RegExp; readonly because: string }[] = [
  {
    rule: 'W3005',
    at: /^Resources\/\w+\/DependsOn/,
    because: 'serverless writes out the dependency on a role that Fn::GetAtt implies already',
  },
];

const Findings = z.array(
  z.object({
    Filename: z.string(),
    Message: z.string(),
    Rule: z.object({ Id: z.string() }),
    Location: z.object({ Path: z.array(z.union([z.string(), z.number()])).nullish() }),
  }),
);
type Finding = z.infer<typeof Findings>[number];

const pathOf = ({ Location }: Finding): string => (Location.Path ?? []).join('/');
const isHarmless = (finding: Finding) =>
  harmless.find(({ rule, at }) => rule === finding.Rule.Id && at.test(pathOf(finding)));

/** CloudFormation's own rules: the template as `serverless deploy` sends it, for every set of parameters and region. */
export const template: Check = {
  name: 'template',
  async run() {
    await build();
    const folder = temporaryFolder('template');
    const { without, every, alone } = variants();
    const inPairs = pairs([without, every, ...alone]);
    const names = new Map<string, string>();
    for (const pair of inPairs)
      for (const [file, name] of await Promise.all(
        pair.map(async (one) => [await synthesize(folder, one), one.name] as const),
      ))
        names.set(file, name);
    const [bare, full, ...others] = names.keys();
    if (bare === undefined || full === undefined) throw new Error('no template');
    const planted = withEgressInNoVpc(bare);
    // Which resource types a region has does not depend on the parameters.
    const found = (
      await Promise.all([
        lint('ALL_REGIONS', [bare]),
        lint('ALL_REGIONS', [full]).then(async (all) => [
          ...all,
          ...(await lint('us-east-1', [...others, planted])),
        ]),
      ])
    ).flat();

    const seen = new Set(found.map(isHarmless));
    const concerned = new Map<string, string[]>();
    for (const finding of found) {
      if (finding.Filename === planted || isHarmless(finding) !== undefined) continue;
      const told = `${finding.Rule.Id} ${pathOf(finding)}: ${finding.Message}`;
      concerned.set(told, [...(concerned.get(told) ?? []), names.get(finding.Filename) ?? finding.Filename]);
    }
    const findings = [...concerned].map(
      ([told, variants]) => `${told} (parameters: ${[...new Set(variants)].join(', ')})`,
    );
    if (!found.some(({ Filename, Rule }) => Filename === planted && Rule.Id === 'E3021'))
      findings.push('cfn-lint does not find the fault that was planted');
    for (const one of harmless)
      if (!seen.has(one)) findings.push(`${one.rule} at ${one.at} is ignored here, and occurs no more`);
    return {
      checked: `cfn-lint ${pinned('cfn-lint')}: ${names.size} templates, two of them in all regions`,
      findings,
    };
  },
};

/** Two at a time, for as many cores. */
const pairs = <T>(all: readonly T[]): T[][] =>
  Array.from({ length: Math.ceil(all.length / 2) }, (_, n) => all.slice(2 * n, 2 * n + 2));

async function lint(regions: string, files: readonly string[]): Promise<Finding[]> {
  const program = join(await pythonPrograms(), 'cfn-lint');
  // Its exit status says which severities were found, as the findings do.
  const { stdout, stderr } = await run(program, ['--format', 'json', '--regions', regions, '-t', ...files]);
  if (stdout === '') throw new Error(`cfn-lint said nothing but ${stderr}`);
  return Findings.parse(JSON.parse(stdout));
}

const Template = z.looseObject({ Resources: z.record(z.string(), z.unknown()) });

/** The fault that the default deployment once had, which CloudFormation refuses. */
function withEgressInNoVpc(file: string): string {
  const template = Template.parse(JSON.parse(readFileSync(file, 'utf8')));
  template.Resources['Planted'] = {
    Type: 'AWS::EC2::SecurityGroup',
    Properties: {
      GroupDescription: 'planted',
      SecurityGroupEgress: [{ IpProtocol: '-1', CidrIp: '0.0.0.0/0' }],
    },
  };
  const planted = join(file, '../planted.json');
  writeFileSync(planted, JSON.stringify(template));
  return planted;
}
