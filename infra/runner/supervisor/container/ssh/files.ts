import type { SshKeys } from '../../../contract.ts';

/** Above what an ordinary user may take, and not the instance's own 22: containers have its network. */
export const PORT = 10022;

export type Login = {
  submission: string;
  keys: SshKeys;
  /** The name of the job's user in the container. */
  user: string;
  /** Of this node, and of all. */
  own: string;
  nodes: readonly string[];
  /** In the container; `ssh`: the image's own client. */
  folder: string;
  ssh: string;
};

/** What sshd and ssh read, by name: all of it for this run's nodes alone, nothing of it in a place that others look at. */
export const filesOf = (login: Login): Record<string, string> => ({
  host_key: login.keys.host.private_key,
  user_key: login.keys.user.private_key,
  authorized_keys: authorizedKeys(login),
  known_hosts: `${login.nodes.map((node) => `[${node}]:${PORT}`).join(',')} ${login.keys.host.public_key}\n`,
  sshd_config: serverConfig(login),
  config: clientConfig(login),
  session: session(login),
  // Found before the image's own, so that mpirun and others need no option.
  'bin/ssh': `#!/bin/sh\nexec '${login.ssh}' -F ${login.folder}/config "$@"\n`,
});

/** Only from the nodes, only for commands; and each process knows from its first moment whose it is. */
const authorizedKeys = ({ nodes, submission, folder, keys }: Login): string => {
  const options = [
    'restrict,pty',
    `from="${nodes.join(',')}"`,
    `environment="SORTIE_SUBMISSION_ID=${submission}"`,
    `command="sh ${folder}/session"`,
  ];
  return `${options.join(',')} ${keys.user.public_key}\n`;
};

/** By options that a release of 2016 knows. mpirun opens many connections at once, of which sshd would drop some. */
const serverConfig = ({ own, folder, user }: Login): string => `Port ${PORT}
ListenAddress ${own}
HostKey ${folder}/host_key
PidFile ${folder}/sshd.pid
AuthorizedKeysFile ${folder}/authorized_keys
AllowUsers ${user}
AuthenticationMethods publickey
PasswordAuthentication no
KbdInteractiveAuthentication no
PermitRootLogin prohibit-password
UsePAM no
StrictModes no
PermitUserEnvironment yes
AllowTcpForwarding no
AllowStreamLocalForwarding no
AllowAgentForwarding no
X11Forwarding no
PermitTunnel no
UseDNS no
PrintMotd no
MaxStartups 200
MaxSessions 200
ClientAliveInterval 30
ClientAliveCountMax 4
`;

/** Every other host is reached as if none of this were there: git over ssh, for instance. */
const clientConfig = ({ nodes, own, folder, user }: Login): string => `Host ${nodes.join(' ')}
  Port ${PORT}
  User ${user}
  BindAddress ${own}
  IdentityFile ${folder}/user_key
  IdentitiesOnly yes
  UserKnownHostsFile ${folder}/known_hosts
  GlobalKnownHostsFile /dev/null
  StrictHostKeyChecking yes
  BatchMode yes
  ConnectTimeout 30
  ServerAliveInterval 30
  ServerAliveCountMax 4
  LogLevel ERROR
Host * ${nodes.map((node) => `!${node}`).join(' ')}
  Include ~/.ssh/config
  Include /etc/ssh/ssh_config
`;

/** What came by ssh has the variables of the node's own commands, which sshd would not give it. */
const session = ({ folder }: Login): string => `set -- "\${SHELL:-/bin/sh}" "$SSH_ORIGINAL_COMMAND"
. ${folder}/environment
unset SSH_ORIGINAL_COMMAND
[ -z "$2" ] || exec "$1" -c "$2"
exec "$1"
`;
