/** A way in which moto is not like AWS, and the tests of the contract suites that show it. */
export interface Difference {
  /** Full names, as vitest prints them. */
  readonly tests: readonly string[];
  /** In the message of each of these failures. */
  readonly seen: RegExp;
  readonly reason: string;
  /** Where AWS says how it is. */
  readonly source: string;
}

export const differences: readonly Difference[] = [
  {
    tests: [
      'the tally on DynamoDB adds the same once',
      'the tally on DynamoDB refuses another addition under the token of one that it has taken',
      'on DynamoDB that is busy the tally adds the same once',
      'on DynamoDB that is busy the tally refuses another addition under the token of one that it has taken',
    ],
    seen: /expected \{ 'boots ready': 2 \}|instead of rejecting/,
    reason: 'moto ignores ClientRequestToken: the same transaction again is another one',
    source: 'https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_TransactWriteItems.html',
  },
  {
    tests: [
      'EC2 launch the same intent again is the same instance, another is another',
      'EC2 launch a lost reply is thrown; the same intent then finds what was launched',
      'EC2 launch an intent whose instance has ended is refused, not launched again',
    ],
    seen: /to be 'i-|to deeply equal \[ 'i-|kind: 'launched'/,
    reason: 'moto ignores ClientToken: the same launch again is another instance',
    source: 'https://docs.aws.amazon.com/ec2/latest/devguide/ec2-api-idempotency.html',
  },
  {
    tests: [
      'EC2 placement groups one is created, listed with its fleet, and the same again is the same one',
      'EC2 placement groups a throttled call has created none',
      'EC2 placement groups does its work though the reply is lost; the same call then finds it',
      'EC2 placement groups has its instances in one zone, and another once they have ended; until then it is in use',
      'EC2 placement groups that the cloud does not know take no instance yet, and are gone',
    ],
    seen: /XML parse error|kind: 'launched'/,
    reason: 'moto has no placement groups: it answers with a page of HTML, and launches into any',
    source: 'https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_CreatePlacementGroup.html',
  },
  {
    tests: [
      'SSM a started submission is on the disk; a second start of it changes nothing',
      'SSM a stopped submission exits with what it was told, an unknown one is nobody’s harm',
      'SSM a machine to which no command may be sent keeps none from the others, and is named',
      'SSM a machine whose user data has not finished says so, and a start leaves no trace there',
      'SSM one machine that cannot be reached does not keep a probe from the others',
      'SSM a lost reply to a start may be sent again: the submission is there once',
    ],
    seen: /Unexpected token '<'/,
    reason: 'moto has neither DescribeInstanceInformation nor ListCommandInvocations, and runs no document',
    source:
      'https://docs.aws.amazon.com/systems-manager/latest/APIReference/API_DescribeInstanceInformation.html',
  },
  {
    tests: ['EC2 retag one that the cloud does not know is gone'],
    seen: /expected 'tagged' to be 'gone'/,
    reason: 'moto tags any instance, where EC2 answers InvalidInstanceID.NotFound',
    source: 'https://docs.aws.amazon.com/AWSEC2/latest/APIReference/errors-overview.html',
  },
  {
    tests: ['SSM a machine that boots, and one that is not there, cannot be reached'],
    seen: /kind: 'sent'/,
    reason: 'moto sends a command to any instance, where SSM answers InvalidInstanceId',
    source: 'https://docs.aws.amazon.com/systems-manager/latest/APIReference/API_SendCommand.html',
  },
  {
    tests: [
      'SQS gives each letter once, oldest first, with what was put beside it',
      'SQS gives a letter again after a minute that nobody gave back: whoever had it may be gone',
    ],
    seen: /to be 1000|to deeply equal \[ 'left' \]/,
    reason: 'the clock of moto is the real one: the minutes of these tests do not pass there',
    source:
      'https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-visibility-timeout.html',
  },
  {
    tests: [
      'CloudWatch Logs a submission that wrote nothing has no output, and reading goes on from there',
      'CloudWatch Logs the end of the output comes without the rest, each byte once',
      'CloudWatch Logs an empty chunk is nothing',
      'CloudWatch Logs each submission has its own output',
    ],
    seen: /The specified log group does not exist/,
    reason: 'moto says that the group does not exist where CloudWatch says that the stream does not',
    source: 'https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_GetLogEvents.html',
  },
];
