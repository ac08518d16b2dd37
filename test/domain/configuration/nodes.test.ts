import { describe, expect, test } from 'vitest';
import { formatPath } from '../../../domain/configuration/problem.ts';
import { parseConfiguration } from '../../../domain/configuration/task.ts';
import { groupOf, groupsOf } from '../../../domain/run/groups.ts';
import { storedTask } from '../../../domain/run/stored-task.ts';

function accepted(fields: object) {
  const result = parseConfiguration({ type: 'task', ...fields });
  if (!result.ok) throw new Error(`refused: ${JSON.stringify(result.error)}`);
  return result.value;
}

const refused = (fields: object): string[] => {
  const result = parseConfiguration({ type: 'task', ...fields });
  return result.ok ? [] : result.error.map(({ path, message }) => `${formatPath(path)}: ${message}`);
};

describe('nodes', () => {
  test.each([1, 2, 48, '3'])('as many as %j', (nodes) => {
    const stored = storedTask(accepted({ commands: ['a'], nodes }));
    expect(stored).toMatchObject({ nodes: Number(nodes), groups: null });
    expect(groupsOf(stored)).toMatchObject([{ nodes: Number(nodes), commands: ['a'] }]);
  });

  test.each([0, -1, 1.5, 49, '', 'two', true, [2]])('not %j', (nodes) => {
    expect(refused({ commands: ['a'], nodes })).toHaveLength(1);
  });

  test('that differ have their own commands and resources, by rank', () => {
    const stored = storedTask(
      accepted({
        groups: [
          { name: 'head', commands: ['lead'], resources: { cpu: 4 } },
          { nodes: 2, commands: ['follow'], resources: { gpu: 'H100:8' } },
        ],
        max_price: 40,
      }),
    );
    expect(stored.nodes).toBe(3);
    expect(stored.requirements.resources.cpu.count).toEqual({ min: 4, max: 4 });
    expect([0, 1, 2].map((rank) => groupOf(stored, rank).commands)).toEqual([
      ['lead'],
      ['follow'],
      ['follow'],
    ]);
    expect(groupOf(stored, 2).requirements).toMatchObject({
      resources: { gpu: { name: ['H100'] } },
      max_price: 40,
    });
  });

  test('start and stop in dstack’s ways', () => {
    const said = { startup_order: 'workers-first', stop_criteria: 'master-done' };
    expect(storedTask(accepted({ commands: ['a'], nodes: 2, ...said }))).toMatchObject(said);
  });
});

describe('ssh between nodes', () => {
  const image = 'app';
  test('is for several of them, in containers on the network of their instances', () => {
    expect(storedTask(accepted({ commands: ['a'], nodes: 2, image, ssh: true })).ssh).toBe(true);
    expect(storedTask(accepted({ commands: ['a'], nodes: 2, image })).ssh).toBe(false);
    const groups = [{ commands: ['a'] }, { commands: ['b'] }];
    expect(storedTask(accepted({ groups, image, ssh: true })).ssh).toBe(true);
    const container = { lifetime: 'no_launch', name: 'theirs' };
    expect(storedTask(accepted({ commands: ['a'], nodes: 2, container, ssh: true })).ssh).toBe(true);
  });

  test.each([
    [{ image }, 'ssh: is for the nodes of a run, and this run has one'],
    [{ nodes: 2 }, 'ssh: is for nodes with a container, and there is none'],
    [
      { nodes: 2, image, container: { args: { network: 'none' } } },
      'container.args.network: has to be that of the instance with `ssh: true`, by which the nodes reach each other',
    ],
  ])('and not %j', (fields, told) => {
    expect(refused({ commands: ['a'], ssh: true, ...fields })).toEqual([told]);
    expect(refused({ commands: ['a'], ssh: false, ...fields })).toEqual([]);
  });
});

describe('an address in a command', () => {
  const node = (group: number, index: number) => `ping \${{groups[${group}].nodes[${index}].IP_ADDRESS}}`;

  test('is of a node that there is', () => {
    expect(refused({ commands: [node(0, 1)], nodes: 2 })).toEqual([]);
    const groups = [{ commands: ['a'] }, { nodes: 2, commands: [node(0, 0), node(1, 2)] }];
    expect(refused({ groups })).toEqual([
      'groups[1].commands[1]: `${{ groups[1].nodes[2].IP_ADDRESS }}` is a node that the run does not have',
    ]);
  });

  test('that is escaped is left alone', () => {
    expect(refused({ commands: ['echo $${{ groups[9].nodes[9].IP_ADDRESS }} $${{ run.args }}'] })).toEqual(
      [],
    );
  });

  test.each(['groups[0].replicas[0].IP_ADDRESS', 'groups.0', 'groups[0].nodes[0].ip_address'])(
    'is not written %s',
    (name) => {
      expect(refused({ commands: [`a \${{ ${name} }}`] })).toEqual([
        `commands[0]: \`\${{ ${name} }}\` is not known`,
      ]);
    },
  );
});
