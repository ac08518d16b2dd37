import type { SsmOptions } from '../../../infra/local/ssm/start-ssm.ts';

const document = (name: string, parameters: readonly string[], runCommand: readonly string[]) => ({
  name: `sortie-test-${name}`,
  content: {
    schemaVersion: '2.2',
    parameters: Object.fromEntries(parameters.map((parameter) => [parameter, { type: 'String' }])),
    mainSteps: [
      {
        action: 'aws:runShellScript',
        name: 'main',
        inputs: { runCommand: ['set -eu', 'cd "$SORTIE_HOME"', ...runCommand] },
      },
    ],
  },
});

/** The three documents of docs/contracts.md, as far as commands see them: a job runs until it is told to stop. */
export const documents: SsmOptions['documents'] = [
  document(
    'start-job',
    ['submission', 'bundleUrl'],
    [
      '[ ! -e unfinished ] || exit 75',
      'mkdir -p jobs',
      "mkdir 'jobs/{{ submission }}' 2>/dev/null || { echo already there; exit 0; }",
      `echo '{"at":"2026-11-17T21:20:00.123Z"}' > 'jobs/{{ submission }}/started'`,
      "echo '{{ bundleUrl }}' >> fetched",
      'echo started',
    ],
  ),
  document(
    'stop-job',
    ['submission', 'mode', 'reason'],
    [
      "cd 'jobs/{{ submission }}' 2>/dev/null || { echo unknown; exit 0; }",
      `echo '{"cause":"stopped","status":null,"signal":"SIGTERM","log_bytes":0,"message":"{{ mode }}: {{ reason }}"}' > exit`,
      'echo stopping',
    ],
  ),
  document(
    'probe',
    [],
    [
      '[ ! -e broken ] || cat broken',
      '[ ! -e failing ] || { echo disk is full >&2; exit 3; }',
      `[ ! -e unfinished ] || { echo '{"booting":"installing"}'; exit 0; }`,
      'cd jobs 2>/dev/null || exit 0',
      'for job in *; do state=running exit=null',
      'if [ -e "$job/exit" ]; then state=exited; exit=$(cat "$job/exit"); fi',
      String.raw`printf '{"submission":"%s","state":"%s","started":%s,"exit":%s,"log_bytes":0}\n' "$job" $state "$(cat "$job/started")" "$exit"`,
      'done',
    ],
  ),
  document('shell', ['command'], ['{{ command }}']),
];
