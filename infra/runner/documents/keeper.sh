# Keeps the resident supervisor of one version of the runner alive, and what is on its way to it: sh $H/runner/<hash>.sh
umask 066
base=${0%.sh}
home=${base%/runner/*}
# A machine of its own: out of the agent's cgroup, which systemd ends with a process that runs out of memory in it.
scope='systemd-run --quiet --scope --collect --slice=sortie -p Delegate=yes'
if [ "$home" = /var/lib/sortie ] && [ -d /run/systemd/system ] && [ -z "$SORTIE_SCOPE" ] && $scope true; then
  SORTIE_SCOPE=1 exec $scope sh "$0"
fi

is_keeper() {
  line=
  { kill -0 "$1" && read -r line <"/proc/$1/cmdline"; } 2>/dev/null
  case $line in *"$base"*) return 0 ;; esac
  [ ! -e /proc/self ] && kill -0 "$1" 2>/dev/null
}

echo $$ >"$base.$$.part"
until ln "$base.$$.part" "$base.keeper" 2>/dev/null; do
  other=
  read -r other <"$base.keeper"
  if [ ! -s "$base.$$.part" ] || is_keeper "$other"; then
    rm -f "$base.$$.part"
    exit 0
  fi
  rm -f "$base.keeper"
done
rm -f "$base.$$.part"

read -r node <"$home/ready" || exit 1
exec <>"$base.door"
# Each job gets a cgroup beside this one, whose memory the kernel counts.
if [ -n "$SORTIE_SCOPE" ] && IFS=: read -r _ _ group </proc/self/cgroup && group=/sys/fs/cgroup$group &&
  mkdir -p "$group/runner" && echo 0 >"$group/runner/cgroup.procs" && echo +memory >"$group/cgroup.subtree_control"; then
  export SORTIE_CGROUP="$group"
fi
deaths=0
while :; do
  "$node" --max-old-space-size=192 "$base.cjs" resident-supervisor >/dev/null 2>>"$base.log" && break
  [ "$deaths" -eq 0 ] || sleep "$deaths"
  [ "$deaths" -ge 10 ] || deaths=$((deaths + 1))
done
rm -f "$base.keeper"
