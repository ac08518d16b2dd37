/** A document like AWS-RunShellScript, and one with every kind of restriction on its parameters. */
export const runShell = {
  name: 'test-run',
  content: {
    schemaVersion: '2.2',
    parameters: {
      commands: { type: 'StringList', minItems: 1 },
      executionTimeout: { type: 'String', default: '3600', allowedPattern: '[1-9][0-9]{0,5}' },
      workingDirectory: { type: 'String', default: '' },
    },
    mainSteps: [
      {
        action: 'aws:runShellScript',
        name: 'runShell',
        inputs: {
          runCommand: ['{{ commands }}'],
          timeoutSeconds: '{{ executionTimeout }}',
          workingDirectory: '{{ workingDirectory }}',
        },
      },
    ],
  },
};

export const restricted = {
  name: 'test-restricted',
  content: JSON.stringify({
    schemaVersion: '2.2',
    parameters: {
      submission: { type: 'String', allowedPattern: '[a-z0-9-]{1,40}' },
      mode: { type: 'String', default: 'graceful', allowedValues: ['graceful', 'abort'] },
      count: { type: 'Integer', default: 1 },
    },
    mainSteps: [
      {
        action: 'aws:runShellScript',
        name: 'say',
        inputs: { runCommand: ["echo '{{submission}}' '{{ mode }}' '{{ count }}' '{{ unknown }}'"] },
      },
    ],
  }),
};

export const large = {
  name: 'test-large',
  content: {
    schemaVersion: '2.2',
    parameters: { text: { type: 'String', default: '' } },
    mainSteps: [
      {
        action: 'aws:runShellScript',
        name: 'large',
        inputs: { runCommand: [`: ${'x'.repeat(60 * 1024)}`, ': {{ text }}'] },
      },
    ],
  },
};
