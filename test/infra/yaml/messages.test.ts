import { expect, test } from 'vitest';
import { formatProblems } from '../../../infra/yaml/located-problem.ts';
import { readConfiguration } from '../../../infra/yaml/read-configuration.ts';

const task = (fields: string): string => `type: task\ncommands:\n  - echo hi\n${fields}\n`;

/** Slips that people make, each with the whole of what they are told: read the golden file as they would. */
const slips: Record<string, string> = {
  'an empty file': '# nothing yet\n',
  'a list': '- echo hi\n',
  'no type': 'commands:\n  - echo hi\n',
  'a type of dstack': 'type: service\nport: 8000\n',
  'a misspelt type': 'type: tasks\ncommands: [a]\n',
  'a misspelt field': 'type: task\ncomands:\n  - echo hi\n',
  'a field in camel case': task('maxPrice: 2'),
  'a field that nothing resembles': task('wibble: 2'),
  'fields of dstack that are not supported': task('nvcc: true\nutilization_policy: {}'),
  'another cloud': task('backends: [gcp, azure]'),
  'ports that are none': task('ports: [a:b, {container_port: 0}, {port: 80}]'),
  'fleets that are none': task('fleets: [a/b/c, {name: 1}, {project: main}]'),
  'instances of dstack': task(
    'instances:\n  - {fleet: small, instance: 0}\n  - {hostname: a b}\n  - {fleet: small}',
  ),
  'instances of two fleets': task(
    'instances:\n  - {fleet: small, instance: i-01}\n  - {fleet: large, instance: i-02}',
  ),
  'a field of a service': task('replicas: 2'),
  'a field that belongs under resources': task('resources:\ngpu: A100'),
  'a field that is indented too far': task('resources:\n  gpu: A100\n  spot_policy: auto'),
  'a second document': `${task('')}---\n${task('')}`,
  'a field given twice': task('name: ab\nname: cd'),
  'two merge keys': task('resources:\n  <<: &small {cpu: 2}\n  <<: &mem {memory: 1GB..}'),
  'a no-break space': task('resources:\n\u00a0 \u00a0 cpu: 2\n\u00a0 memory: 1GB..'),
  'an ideographic space': task('\u3000name: ab'),
  'a secret in place of the variables': task('env: TOKEN=hunter2'),
  'a secret among the variables': task('env: [12345678]'),
  'a script elsewhere': task('image: app\ncontainer:\n  setup_script: ../../etc/passwd'),
  'a script from the root': task('image: app\ncontainer:\n  setup_script: /etc/passwd'),
  'a tab': 'type: task\ncommands:\n\t- echo hi\n',
  'a command with a colon': 'type: task\ncommands:\n  - echo: hi\n',
  'two colons in a line': 'type: task\ncommands: [a]\nname: a: b\n',
  'an unclosed bracket': 'type: task\ncommands: [a\nname: ab\n',
  'an unclosed quote': 'type: task\ncommands: ["a]\n',
  'uneven indentation': 'type: task\ncommands:\n  - a\n b: c\n',
  'an unquoted at sign': 'type: task\ncommands:\n  - @reboot\n',
  'an alias to nothing': 'type: task\ncommands:\n  - *.py\n',
  'a merge of nothing': task('<<: 3'),
  'a tag': task('name: !ref name'),
  'a number that is octal to some': task('nodes: 01'),
  'commands that are text': 'type: task\ncommands: echo hi\n',
  'commands that are numbers and nothing': 'type: task\ncommands:\n  - 42\n  -\n  - true\n  - ""\n',
  'no command': 'type: task\ncommands: []\n',
  'more nodes than there can be': task('nodes: 100'),
  'half a node': task('nodes: 0.5'),
  names: task('name: ../My Job'),
  sizes: task('resources:\n  memory: 16GiB\n  disk: {sise: 100GB}\n  shm_size: -1'),
  ranges: task('resources:\n  memory: 64GB..16GB\n  cpu: ..\n  disk: 1..2..3'),
  cpus: task('resources:\n  cpu: amd64:4'),
  gpus: task('resources:\n  gpu: nvidia:amd'),
  'gpu names': task('resources:\n  gpu: A100:H100'),
  'gpu fields': task('resources:\n  gpu:\n    vendor: nvdia\n    count: two\n    compute_capability: high'),
  durations: task('max_duration: 1h30m\nstop_duration: -5m\nidle_duration: forever'),
  'a run of no duration': task('max_duration: 0'),
  retries: task('retry:\n  on_events: [spot, errors]\n  duration: 0\n  limit: 3'),
  'a retry after nothing': task('retry:\n  on_events: []'),
  'a retry in a word': task('retry: on'),
  choices: task('spot_policy: ondemand\ncreation_policy: new'),
  prices: task('max_price: $2'),
  priorities: task('priority: high'),
  places: task('regions: us-east-1\navailability_zones: [us-east-1]\ninstance_types: []'),
  'the home of another': task('working_dir: ~root/a'),
  'where and how to run': task('working_dir: ../code\nshell: zsh\nuser: root:wheel'),
  'variables as a list': task('env:\n  - A B=1\n  - C: 1\n  - D=1\n  - D=2\n  - SORTIE_RUN_NAME=x'),
  'variables as a map': task('env:\n  A: true\n  B:\n  C D: x'),
  'a variable that is a number of many digits': task('env:\n  GOOD: 3.5\n  PYTHON: 3.10'),
  tags: task('tags:\n  aws:team: a\n  cost: 3\n  sortie:x: y'),
  references: task('env:\n  - TOKEN=${{ run.id }}').replace('echo hi', 'run ${{ run.args }}'),
  'references to nodes': task('nodes: 2').replace(
    'echo hi',
    'ping ${{ groups[0].nodes[1].IP_ADDRESS }} ${{ groups[1].nodes[0].IP_ADDRESS }}',
  ),
  'references to variables': task(
    'image: ${{ env.IMAGE }}\nregistry_auth:\n  username: ${{ env.USER_NAME }}\n  password: ${{ env.PASSWORT }}\nenv: [USER_NAME, PASSWORD]',
  ),
  'references that name nothing': task(
    'image: app\nregistry_auth:\n  username: ${{ env.USER_NAME }}\n  password: ${{ secrets.my-token }}\ncontainer:\n  env:\n    A: ${{ github.sha }}\n    B: ${{ env.PASSWORD }}\nenv: [PASSWORD]',
  ),
  'a variable in a command as in registry_auth': task('env: [TOKEN]').replace(
    'echo hi',
    'x ${{ env.TOKEN }}',
  ),
  'references to secrets': task(
    'env:\n  - A=${{ secrets.TOKEN }}\n  - B=${{ secrets.my-token }}\n  - C=${{ secrets }}',
  ),
  'a secret in a command': task('').replace('echo hi', 'x ${{ secrets.TOKEN }}'),
  images: task('image: Ubuntu Latest'),
  'an image that is an option': task('image: --privileged'),
  credentials: task('image: app\nregistry_auth:\n  username: 12345\n  pasword: hunter2'),
  'credentials as a text': task('image: app\nregistry_auth: me:hunter2'),
  'fields of a container without one': task(
    'registry_auth: {username: me, password: hunter2}\nentrypoint: bash -c\nvolumes: [/a:/b]\nuser: root:wheel',
  ),
  'privileged without a container': task('privileged: true'),
  entrypoints: task('image: app\nentrypoint: bash -c "echo'),
  'several texts for one': 'type: task\nimage: app\nentrypoint: python3 -c\ncommands: [print(1), print(2)]\n',
  'an entrypoint and a shell': task('image: app\nentrypoint: bash -c\nshell: bash'),
  'an image without commands': 'type: task\nimage: app\n',
  volumes: task(
    'image: app\nvolumes:\n  - data:/data\n  - name: [a, b]\n    path: /data\n  - /a\n  - /a:b\n  - /a:/../b\n  - /a:/b:rx\n  - {instance_path: /a, path: /b, optinal: true}',
  ),
  'a volume twice': task(
    'image: app\nvolumes: [/a:/data, /b:/data:ro]\ncontainer:\n  args:\n    volumes: [/c:/data]',
  ),
  'docker and an image': task('docker: true\nimage: app'),
  'docker and a container': task('docker: true\ncontainer: {lifetime: no_launch, name: tools}'),
  lifetimes: task('image: app\ncontainer:\n  lifetime: external'),
  "CVS's legacy fields": task('image: app\ncontainer:\n  enabled: true\n  launch: false'),
  "CVS's legacy fields, the other way round": task('container:\n  enabled: false\n  launch: true'),
  'a persistent container without a name': task('image: app\ncontainer:\n  lifetime: persistent'),
  'a persistent container without commands':
    'type: task\nimage: app\ncontainer: {lifetime: persistent, name: tools}\n',
  'a container without an image': task('container:\n  lifetime: per_run'),
  'a tar without an image': task('container:\n  image_tar: /images/app.tar'),
  'what a running container cannot be told': task(
    'image: app\nprivileged: true\nresources:\n  shm_size: 8GB\ncontainer:\n  lifetime: no_launch\n  name: tools\n  setup_script: setup.sh\n  args:\n    network: host\n  env:\n    A: s3cret',
  ),
  'privileged in two places': task(
    'image: app\nprivileged: true\ncontainer:\n  args:\n    privileged: false',
  ),
  'credentials for a tar': task(
    'image: app\nregistry_auth: {username: me, password: hunter2}\ncontainer:\n  image_tar: /app.tar',
  ),
  'arguments of a container': task(
    'image: app\ncontainer:\n  name: -x\n  runtime: dockr\n  pull_timeout: 0\n  image_tar: app.tar\n  args:\n    network: --x\n    ipc: shared\n    devices: [kfd]\n    cap_add: SYS_PTRACE\n    security_opt: ["a b"]\n    group_add: [44, video]\n    ulimit: [memlock]\n    shm_size: 8GB',
  ),
  'setup scripts': task('image: app\ncontainer:\n  setup_script: 3'),
  'an empty setup script': task('image: app\ncontainer:\n  setup_script: ""'),
  'variables of a container': task(
    'image: app\ncontainer:\n  env:\n    - A B=s3cret\n    - DSTACK_RUN_ID=s3cret',
  ),
  'a number that is octal to some, as a password': task('registry_auth:\n  password: 0123456'),
  'groups and what they have of their own': task(
    'nodes: 2\nresources:\n  cpu: 4\ngroups:\n  - commands: [a]',
  ),
  'groups that are wrong':
    'type: task\ngroups:\n  - nodes: 1\n    name: head\n  - nodes: 40\n    name: head\n    commands: [a]\n    ports: [80800]\n    resources:\n      gpus: 1\n    env: [A]\n',
  'too many nodes in groups':
    'type: task\ngroups:\n  - {nodes: 44, commands: [a]}\n  - {nodes: 5, commands: [a]}\n',
  'groups without commands':
    'type: task\ngroups:\n  - {nodes: 1, name: head, commands: []}\n  - {nodes: 1, name: head}\n',
  'instances that cannot be meant': task(
    'nodes: 3\ninstances: [a1, a1]\nfleets: [one, two]\ncreation_policy: reuse-or-create',
  ),
  'orders and criteria': task('startup_order: master\nstop_criteria: master_done'),
  'ssh between nodes on their instances': task('nodes: 2\nssh: true'),
  'ssh in a run of one node': task('image: app\nssh: true'),
  'ssh where there is nobody, and nothing to do it with': task('ssh: true'),
  'ssh on a network of its own': task('nodes: 2\nimage: app\nssh: true\ncontainer: {args: {network: none}}'),
  'a syntax error beside a password': 'type: task\nregistry_auth:\n  password: "hunter2\n',
  'a long line': `type: task\ncommands: [${'"a", '.repeat(60)}3, ${'"b", '.repeat(60)}"c"]\n`,
  'characters that act on a terminal': task('name: "\\e[31mred"\n"\\e]0;x": 1'),
};

test('what people are told', async () => {
  const told = Object.entries(slips).map(([slip, text]) => {
    const result = readConfiguration(text, 'run.yaml');
    return `## ${slip}\n${result.ok ? 'accepted' : formatProblems(result.error)}\n`;
  });
  await expect(told.join('\n')).toMatchFileSnapshot('../../golden/configuration-messages.txt');
});

test('without a file, the place is told in words', () => {
  const result = readConfiguration(task('nodes: none'));
  expect(result.ok ? '' : formatProblems(result.error)).toBe(
    [
      'line 4, column 8: nodes: must be a whole number from 1 to 48, not "none"',
      '    4 | nodes: none',
      '      |        ^^^^',
    ].join('\n'),
  );
});
