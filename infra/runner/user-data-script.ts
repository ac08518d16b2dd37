/** What an instance does when it boots, in POSIX sh; `user-data.ts` fills in the names between @. */
export const userDataScript = String.raw`#!/bin/sh
home=@HOME@
export SORTIE_HOME="$home"
umask 066
mkdir -p "$home"
printf '%s\n' '@IDENTITY@' >"$home/instance.json"
touch "$home/contact"
umask 022

# The dead-man timer: where no Sortie comes back, nothing may run on. It counts what it sees itself: the clock of a
# machine jumps when it is first set, and so does that of a laptop that slept.
cat >"$home/deadman.sh" <<'DEADMAN'
seen= quiet=0
while sleep @STEP@; do
  now=$(stat -c %Y "$SORTIE_HOME/contact" 2>/dev/null || stat -f %m "$SORTIE_HOME/contact" 2>/dev/null)
  if [ "$now" = "$seen" ]; then quiet=$((quiet + @STEP@)); else seen=$now quiet=0; fi
  [ "$quiet" -lt @DEADMAN@ ] || shutdown -h now
done
DEADMAN
own_machine() { [ "$(id -u)" = 0 ] && [ -d /run/systemd/system ] && [ "$home" = /var/lib/sortie ]; }
if own_machine; then
  # A unit, so that it outlives a reboot: user data runs once.
  cat >/etc/systemd/system/sortie-deadman.service <<'UNIT'
[Unit]
Description=Ends this instance when Sortie does not come back
[Service]
Environment=SORTIE_HOME=/var/lib/sortie
ExecStart=/bin/sh /var/lib/sortie/deadman.sh
Restart=always
[Install]
WantedBy=multi-user.target
UNIT
  systemctl daemon-reload
  systemctl enable --now sortie-deadman.service
else
  detach=setsid
  command -v setsid >/dev/null || { detach=; set -m; }
  $detach sh "$home/deadman.sh" </dev/null >/dev/null 2>&1 &
fi

node_is_new() { [ "$(node -p 'Number(process.versions.node.split(".")[0]) >= 18' 2>/dev/null)" = true ]; }
if ! node_is_new && command -v dnf >/dev/null; then
  for package in nodejs24 nodejs22 nodejs20; do dnf install -y "$package" && break; done
elif ! node_is_new && command -v apt-get >/dev/null; then
  apt-get update
  DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends -o DPkg::Lock::Timeout=120 nodejs
fi
# Ubuntu 22.04 packages Node 12. A snap is newer, but not on the PATH of every service.
if ! node_is_new && command -v snap >/dev/null; then
  snap install node --classic --channel=22/stable && ln -sf /snap/bin/node /usr/local/bin/node
fi
node_is_new || { echo 'sortie: this image has no Node 18 or newer, and none could be installed' >&2; exit 1; }

# Ready means that a command would arrive. Ubuntu has the agent as a snap.
agent_runs() {
  systemctl is-active --quiet amazon-ssm-agent || systemctl is-active --quiet snap.amazon-ssm-agent.amazon-ssm-agent
}
if own_machine; then until agent_runs; do sleep 1; done; fi

# What start-job waits for: its last line is the path of Node.
command -v node >"$home/.ready" && mv "$home/.ready" "$home/ready"

node - '@REPORT_URL@' "$home" <<'READY'
// Until it is heard: where nobody wants this instance, sync or the dead-man timer ends it.
const fs = require('node:fs');
const [url, home] = process.argv.slice(2);
const { nonce } = JSON.parse(fs.readFileSync(home + '/instance.json', 'utf8'));
const client = require(url.startsWith('https:') ? 'node:https' : 'node:http');
function report(pause) {
  const again = (why) => {
    console.error('sortie: not yet reported ready: ' + why);
    setTimeout(report, pause, Math.min(2 * pause, 15000));
  };
  const headers = { 'content-type': 'application/json' };
  const request = client.request(url, { method: 'POST', headers, timeout: 35000 }, (reply) => {
    reply.resume();
    reply.on('end', () => {
      if (reply.statusCode !== 200) return again('HTTP ' + reply.statusCode);
      fs.utimesSync(home + '/contact', new Date(), new Date());
    });
  });
  request.on('timeout', () => request.destroy(new Error('no reply')));
  request.on('error', (error) => again(error.message));
  request.end(JSON.stringify({ nonce, ready: { at: new Date().toISOString() } }));
}
report(200);
READY
`;
