import type { Cloud } from '../domain/instance/cloud.ts';
import type { Commands } from '../domain/job/commands.ts';

/** Requests so far; they go on counting. */
export interface Calls {
  ec2: number;
  ssm: number;
}

const LISTED = 1_000;
const COMMANDED = 50;
const inPages = (count: number, size: number): number => Math.max(1, Math.ceil(count / size));

/** The tests' fakes, and the requests that EC2 and SSM would have got in their place. */
export function countedCalls(cloud: Cloud, commands: Commands) {
  const calls: Calls = { ec2: 0, ssm: 0 };
  const counted: { cloud: Cloud; commands: Commands } = {
    cloud: {
      createGroup(group) {
        calls.ec2 += 1;
        return cloud.createGroup(group);
      },
      deleteGroup(id) {
        calls.ec2 += 1;
        return cloud.deleteGroup(id);
      },
      listGroups() {
        calls.ec2 += 1;
        return cloud.listGroups();
      },
      launch(intent) {
        calls.ec2 += 1;
        return cloud.launch(intent);
      },
      terminate(ec2) {
        calls.ec2 += 1;
        return cloud.terminate(ec2);
      },
      retag(ec2, tags) {
        calls.ec2 += 2;
        return cloud.retag(ec2, tags);
      },
      find(ec2) {
        calls.ec2 += 1;
        return cloud.find(ec2);
      },
      async list() {
        const listed = await cloud.list();
        calls.ec2 += inPages(listed.length, LISTED);
        return listed;
      },
    },
    commands: {
      start(...command) {
        calls.ssm += 1;
        return commands.start(...command);
      },
      stop(...command) {
        calls.ssm += 1;
        return commands.stop(...command);
      },
      touch(ec2s) {
        calls.ssm += inPages(ec2s.length, COMMANDED);
        return commands.touch(ec2s);
      },
      probe(ec2s) {
        // Who is online, the command, who has ended; and the output of each.
        calls.ssm += 3 * inPages(ec2s.length, COMMANDED) + ec2s.length;
        return commands.probe(ec2s);
      },
    },
  };
  return { ...counted, calls };
}
