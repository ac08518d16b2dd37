/** One field, for the reference and for editors: how it is written, its value where it is left out, and its meaning. */
export interface FieldReference {
  readonly notation: string;
  /** `null`: it has to be given. */
  readonly otherwise: string | null;
  readonly meaning: string;
}

const field = (notation: string, otherwise: string | null, meaning: string): FieldReference => ({
  notation,
  otherwise,
  meaning,
});

const placing = {
  backends: field('`[aws]`', '`[aws]`', 'dstack’s list of clouds. Only `aws` is accepted.'),
  regions: field(
    'list of regions',
    'the deployment’s region',
    'Instances are launched in these regions only.',
  ),
  availability_zones: field('list of zones', 'all zones', 'Instances are launched in these zones only.'),
  instance_types: field(
    'list of EC2 instance types',
    'all types',
    'Only these instance types are considered.',
  ),
};

const resources = {
  cpu: field('`4`, `4..8`, `x86:4`, `arm:8..`', '`2..`', 'vCPUs, and the architecture.'),
  memory: field('`16GB`, `16GB..64GB`', '`8GB..`', 'Memory of the instance.'),
  gpu: field(
    '`24GB`, `A100:2`, `A10G,L4:24GB..`',
    'none needed',
    'GPUs: vendor, names, memory of each, count, in any order.',
  ),
  disk: field('`200GB`, `100GB..`', '`100GB..`', 'Size of the root volume (gp3).'),
  shm_size: field('`8GB`', 'the engine’s default', 'Size of `/dev/shm` in the job’s container.'),
};

/** The fields of a configuration by their place: `task` and `fleet` at the top, `*` for a place in a list. */
export const fieldReference: Readonly<Record<string, Readonly<Record<string, FieldReference>>>> = {
  task: {
    type: field('`task`', null, 'The type of the configuration.'),
    name: field('name', 'made up', 'The run’s name. An unfinished run keeps its name for itself.'),
    commands: field(
      'list of shell commands',
      'the image’s own program',
      'The commands, in one shell, up to the first that fails.',
    ),
    env: field(
      'list of `NAME=value` or `NAME`, or a map',
      'none',
      'Variables of the commands. `NAME` alone is taken from your environment. Values are sealed: no event and no log has them.',
    ),
    shell: field(
      '`sh`, `bash` or an absolute path',
      '`bash`; with an image `sh`',
      'The shell that runs the commands.',
    ),
    working_dir: field(
      'path; relative, or in the home with `~/`',
      'the job’s folder, or the image’s',
      'The working directory of the commands. It is made where it is missing.',
    ),
    user: field('name or number', 'root on EC2', 'The user that runs the commands.'),
    image: field('`name:tag`', 'none', 'The commands run in a container of this image.'),
    registry_auth: field('map', 'none', 'The credentials for the image’s registry. Sealed.'),
    entrypoint: field(
      '`bash -c` or a list',
      'the shell',
      'The program that gets the commands as its arguments; a shell’s `-c`, as one script. In dstack the first command of several runs alone.',
    ),
    privileged: field(
      '`true`, `false`',
      '`false`',
      'The container gets all capabilities and devices of the instance.',
    ),
    docker: field(
      '`true`, `false`',
      '`false`',
      'Without an image: waits for the instance’s Docker, and runs the commands beside it.',
    ),
    volumes: field(
      'list of `/instance/path:/container/path[:ro]`, or maps',
      'none',
      'Folders of the instance in the container.',
    ),
    container: field('map', 'one for the run', 'How long the container is kept, and how it is started.'),
    nodes: field('1 to 48', '`1`', 'Nodes that start together or not at all.'),
    groups: field(
      'list of maps',
      'none',
      'Nodes that differ, in place of `nodes`, `commands` and `resources`.',
    ),
    startup_order: field(
      '`any`, `master-first`, `workers-first`',
      '`any`',
      'The order in which the nodes’ commands start.',
    ),
    stop_criteria: field('`all-done`, `master-done`', '`all-done`', 'When the run of several nodes is done.'),
    ssh: field('`true`, `false`', '`false`', 'The nodes reach each other’s containers by `ssh ADDRESS`.'),
    ports: field(
      'list of `8080` or `80:8080`',
      'none',
      'Ports of the job. They are checked; nothing is forwarded yet.',
    ),
    files: field(
      'list of `local` or `local:path`',
      'none',
      'Files and folders of yours that each node gets.',
    ),
    repos: field('list of `local` or `local:path`', 'none', 'Your git working copies that each node gets.'),
    resources: field('map', 'see there', 'What each node has to have.'),
    spot_policy: field('`spot`, `on-demand`, `auto`', '`on-demand`', '`auto` takes what is cheaper.'),
    max_price: field(
      'dollars per hour',
      'no limit',
      'The most that an instance may cost, with its disk and its IPv4 address.',
    ),
    cpu_credits: field(
      '`standard`, `unlimited`',
      '`standard`',
      'Of burstable types. The price of `unlimited` includes the surplus.',
    ),
    max_duration: field('`4h`, or `off`', '`off`', 'The commands are stopped after this long.'),
    stop_duration: field('`5m`, or `off`', '`5m`', 'From SIGTERM to SIGKILL. `off`: no SIGKILL.'),
    idle_duration: field(
      '`5m`, or `off`',
      '`5m`',
      'How long an instance launched for the run stays idle after it. `off`: it stays.',
    ),
    retry: field(
      '`true`, or a map',
      '`false`',
      'A run that could not be placed, was interrupted or failed is tried again.',
    ),
    creation_policy: field(
      '`reuse`, `reuse-or-create`',
      '`reuse-or-create`',
      '`reuse` launches no instance.',
    ),
    fleets: field('list of names', '`[default]`', 'The fleets that the run may use.'),
    instances: field('list of ids or names', 'any', 'The run waits for these instances, and launches none.'),
    priority: field('0 to 100', '`0`', 'Waiting runs of a higher priority are served first.'),
    log_limit: field(
      'size',
      '`1GB`',
      'Output that is kept. What comes after it is dropped, and the last line says so.',
    ),
    tags: field('map', 'none', 'Tags of the instances and volumes that are launched for the run.'),
    ...placing,
  },
  fleet: {
    type: field('`fleet`', null, 'The type of the configuration.'),
    name: field('name', null, 'A second `apply` of the same name changes the fleet.'),
    nodes: field('`2`, `0..4`, or a map', '`0..`', 'Nodes that the fleet keeps at least, and has at most.'),
    placement: field('`any`, `cluster`', '`any`', '`cluster`: all instances in one cluster placement group.'),
    blocks: field(
      'number, or `auto`',
      '`1`',
      'Into how many equal blocks an instance is cut. Several runs share it.',
    ),
    health: field(
      '`true`, or a map',
      'none',
      'A node is checked before its first job, and again after a job failed there.',
    ),
    resources: field('map', 'no limit', 'What a run may get here. A resource that is not named is open.'),
    idle_duration: field(
      '`10m`, or `off`',
      'the run’s',
      'How long an instance stays idle before it ends. `off`: it stays.',
    ),
    spot_policy: field('`spot`, `on-demand`, `auto`', 'the run’s', 'The markets that the fleet admits.'),
    max_price: field('dollars per hour', 'no limit', 'The most that one instance may cost.'),
    tags: field('map', 'none', 'Tags of all instances of the fleet.'),
    limits: field('map', 'the deployment’s', 'What the fleet may have at one time, and cost in all.'),
    ...placing,
  },
  resources,
  'resources.cpu': {
    arch: field('`x86`, `arm`', 'any the image has', 'The architecture.'),
    count: field('`4`, `4..8`', '`2..`', 'vCPUs.'),
  },
  'resources.gpu': {
    vendor: field('`nvidia`, `amd`, …', 'any', 'The vendor.'),
    name: field('name, or list of names', 'any', 'Such as `A100`.'),
    count: field('`1`, `1..8`', '`1..`', 'GPUs of one instance.'),
    memory: field('`24GB..`', 'any', 'Memory of each GPU.'),
    total_memory: field('`80GB..`', 'any', 'Memory of all GPUs of the instance.'),
    compute_capability: field('`8.0`', 'any', 'At least this CUDA compute capability.'),
  },
  'resources.disk': { size: field('`100GB..`', '`100GB..`', 'Size of the root volume (gp3).') },
  registry_auth: {
    username: field('text', null, 'May be `${{ env.NAME }}`.'),
    password: field('text', null, 'May be `${{ env.NAME }}`: the value is then in no file.'),
  },
  'volumes.*': {
    instance_path: field('absolute path', null, 'The folder on the instance.'),
    path: field('absolute path', null, 'The folder in the container.'),
    mode: field('`rw`, `ro`', '`rw`', 'Whether the container may write to it.'),
    optional: field('`true`, `false`', '`false`', 'Left out where the instance has no such folder.'),
    create: field(
      '`true`, `false`',
      '`false`',
      'Made where the instance has no such folder, for every user to write in. In dstack each is; here a missing one is an error.',
    ),
  },
  container: {
    lifetime: field(
      '`per_run`, `persistent`, `no_launch`',
      '`per_run`',
      'Whether the container is made for the run, kept for later runs, or has to be there. A run attaches only to a container of its image, `persistent` only with the same volumes, `args`, `env` and `setup_script`.',
    ),
    name: field('name', 'none', 'The container’s name. `persistent` and `no_launch` need one.'),
    setup_script: field(
      'file beside the configuration, or a script after `|`',
      'none',
      'Runs once in each new container, up to its first failing command.',
    ),
    runtime: field('`docker`, `podman`, `enroot`', 'Docker, else Podman', 'The engine.'),
    args: field('map', 'none', 'Options of the engine.'),
    env: field('list or map', 'none', 'Variables of the container itself.'),
    image_tar: field(
      'absolute path',
      'none',
      'The image is loaded from this file of the instance, in place of a pull.',
    ),
    pull_timeout: field('duration', '`15m`', 'How long pulling the image may take.'),
  },
  'container.setup_script': {
    path: field('file', null, 'The script, beside the configuration.'),
    content: field('text', null, 'The script itself.'),
  },
  'container.args': {
    network: field('network', 'the engine’s', 'Such as `host`.'),
    ipc: field('`host`, `private`, …', 'the engine’s', 'The IPC namespace.'),
    privileged: field('`true`, `false`', '`false`', 'All capabilities and devices of the instance.'),
    volumes: field('as `volumes`', 'none', 'Folders of the instance in the container.'),
    devices: field('list of `/dev/…`', 'none', 'Devices of the instance.'),
    cap_add: field('list', 'none', 'Capabilities, such as `SYS_PTRACE`.'),
    security_opt: field('list', 'none', 'Such as `seccomp=unconfined`.'),
    group_add: field('list', 'none', 'Groups of the user, such as `video`.'),
    ulimit: field('list', 'none', 'Such as `memlock=-1`.'),
  },
  'groups.*': {
    name: field('name', 'none', 'The group’s name, in the plan and the output.'),
    nodes: field('number', '`1`', 'Nodes of the group.'),
    commands: field('list of shell commands', 'the image’s own program', 'The commands of its nodes.'),
    ports: field('as `ports`', 'none', 'Ports of its nodes.'),
    resources: field('as `resources`', 'as there', 'What each of its nodes has to have.'),
  },
  'files.*': {
    local_path: field('path', null, 'On your machine, from the folder of the configuration on.'),
    path: field('path', '`local_path`', 'On the node: below `working_dir`, `~/…` or absolute.'),
  },
  'repos.*': {
    local_path: field('path', null, 'A git working copy on your machine.'),
    url: field('URL', 'none', 'Not supported yet.'),
    branch: field('name', 'none', 'Of a `url`.'),
    hash: field('commit', 'none', 'Of a `url`.'),
    path: field('path', '`.`', 'On the node: below `working_dir`, `~/…` or absolute.'),
    if_exists: field('`error`, `skip`', '`error`', 'What to do where something is at `path` already.'),
  },
  'ports.*': {
    local_port: field('1 to 65535', 'the same', 'The port on your machine.'),
    container_port: field('1 to 65535', null, 'The port of the job.'),
  },
  'fleets.*': {
    name: field('name', null, 'The fleet.'),
    project: field('name', '`main`', 'Its project.'),
  },
  'instances.*': {
    fleet: field('name', 'the run’s', 'The fleet of the instance.'),
    instance: field('id or name', null, 'The instance.'),
    hostname: field('name', 'none', 'The instance, as dstack names an SSH host: in place of `instance`.'),
  },
  retry: {
    on_events: field(
      'list of `no-capacity`, `interruption`, `error`',
      'all of them',
      'After which events the run is tried again.',
    ),
    duration: field(
      'duration',
      '`1h`',
      'For how long: for capacity since submission, else since the first failure in a row.',
    ),
  },
  nodes: {
    min: field('number', '`0`', 'Kept without a run.'),
    target: field('number', '`min`', 'Each apply that creates or changes the fleet brings it up to so many.'),
    max: field('number', 'no limit', 'At most so many.'),
  },
  health: {
    checks: field('list of `disk`, `memory`, `gpu`', 'all of them', 'Built-in checks.'),
    script: field('text', 'none', 'Runs with `sh` as root. Anything but exit status 0 is a failure.'),
    timeout: field('`1s` to `10m`', '`30s`', 'For each of the two.'),
  },
  limits: {
    instances: field('number', 'the deployment’s', 'Instances at one time.'),
    vcpus: field('number', 'no limit', 'vCPUs at one time.'),
    price_per_hour: field('dollars', 'no limit', 'What all instances cost in an hour.'),
    budget: field('dollars', 'no limit', 'What the fleet may cost in all.'),
  },
};
