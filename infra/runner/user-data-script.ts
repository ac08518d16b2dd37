/** What an instance does when it boots, in POSIX sh; `user-data.ts` fills in the names between @. */
export const userDataScript = String.raw`#!/bin/sh
home=@HOME@
export SORTIE_HOME="$home"
umask 066
until mkdir -p "$home"; do sleep 5; done
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
  # Jobs and their containers do not reach the node's credentials. Not by uid: most jobs are root.
  cat >/etc/systemd/system/sortie.slice <<'UNIT'
[Unit]
Description=Jobs of Sortie
[Slice]
IPAddressDeny=169.254.169.254 fd00:ec2::254
UNIT
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

# With whatever the image has. Each image that EC2 offers has one of these.
if command -v curl >/dev/null; then
  post() { curl -sSf --max-time 35 -H 'content-type: application/json' -d "$2" "$1"; }
  get() { curl -sSf --connect-timeout 10 --speed-limit 1000 --speed-time 30 -o "$2" "$1"; }
elif command -v wget >/dev/null; then
  post() { wget -q -T 35 -O - --header 'content-type: application/json' --post-data "$2" "$1" || failed "$1"; }
  get() { wget -q -T 30 -O "$2" "$1" || failed "$1"; }
else
  fetch() { python3 -c 'import shutil, sys, urllib.request as u
url, data, to = sys.argv[1:]
r = u.Request(url, data.encode() or None, {"content-type": "application/json"})
with u.urlopen(r, timeout=35) as a: shutil.copyfileobj(a, open(to, "wb"))' "$@"; }
  post() { fetch "$1" "$2" /dev/stdout; }
  get() { fetch "$1" '' "$2"; }
fi
failed() { echo "wget: no answer, or a refusal, from $(echo "$1" | cut -d / -f 3)" >&2; return 1; }

# What it fails at is said where it can be heard: to the API, on the console, and to whoever probes the disk.
said=
say() {
  text=$(printf '%s' "$1" | tr -c 'A-Za-z0-9 ._:;()@+=#/,-' ' ' | cut -c 1-300)
  [ "$text" != "$said" ] || return 0
  said=$text
  echo "sortie: $text" >&2
  printf '%s\n' "$text" >"$home/.booting" && mv "$home/.booting" "$home/booting"
  post '@API@/report' '{"nonce":@NONCE@,"booting":{"at":"'"$(date -u +%Y-%m-%dT%H:%M:%SZ)"'","message":"'"$text"'"}}' >/dev/null 2>&1
}
# 1, 2, 4 to 30 s, for as long as the instance is let live.
pause=1
again() {
  say "$1: $(tail -n 1 "$home/boot.log")"
  sleep "$pause"
  pause=$((pause * 2))
  [ "$pause" -le 30 ] || pause=30
}

# Node, from the deployment's own bucket: no mirror of a distribution need be in reach, or be well.
case $(uname -m) in
  x86_64 | amd64) arch=x64 ;;
  aarch64 | arm64) arch=arm64 ;;
  *) arch=$(uname -m) ;;
esac
sum() { if command -v sha256sum >/dev/null; then sha256sum "$1"; else shasum -a 256 "$1"; fi | cut -d ' ' -f 1; }
bring_node() {
  answer=$(post '@API@/node' '{"nonce":@NONCE@,"arch":"'"$arch"'"}') || return
  { read -r version && read -r sha256 && read -r url; } <<ANSWER
$answer
ANSWER
  place=$home/node-$version
  node=$place/bin/node
  # In the image already, or from before a reboot.
  [ ! -x "$node" ] || return 0
  mkdir -p "$place/bin" && get "$url" "$place/node.gz" || return
  [ "$(sum "$place/node.gz")" = "$sha256" ] || { echo 'what came has another SHA-256 than the deployment said' >&2; return 1; }
  gzip -dc "$place/node.gz" >"$place/node" && rm "$place/node.gz" && chmod 755 "$place/node" || return
  "$place/node" -e 0 && mv "$place/node" "$node"
}
until bring_node 2>"$home/boot.log"; do again 'cannot bring Node'; done

# Ready means that a command would arrive. Ubuntu has the agent as a snap.
agent_runs() {
  systemctl is-active --quiet amazon-ssm-agent || systemctl is-active --quiet snap.amazon-ssm-agent.amazon-ssm-agent
}
looks=0
if own_machine; then
  until agent_runs; do
    sleep 1
    looks=$((looks + 1))
    [ "$looks" -ne 20 ] || say 'the SSM agent does not run: has the image one?'
  done
fi

# What start-job waits for: Node's path, and with it the end of all that is done here.
printf '%s\n' "$node" >"$home/.ready" && mv "$home/.ready" "$home/ready"
pause=1
# Until it is heard: where nobody wants this instance, sync or the dead-man timer ends it.
until post '@API@/report' '{"nonce":@NONCE@,"ready":{"at":"'"$(date -u +%Y-%m-%dT%H:%M:%SZ)"'"}}' >/dev/null 2>"$home/boot.log"; do
  again 'cannot report that it is ready'
done
touch "$home/contact"
`;
