/**
 * The `shutdown` of a local instance: `shutdown [-h|-P|-H|-r|-c] [now|+MINUTES] [message]`, a minute from now unless told,
 * as shutdown(8). It leaves a mark that tells a shutdown from a crash, and ends the agent, and with it the instance.
 */
export const shutdownScript = `#!/bin/sh
here=$(CDPATH= cd -- "$(dirname -- "$0")/.." && pwd) || exit 1
when=
for word in "$@"; do
  case $word in
    -c) [ -f "$here/shutdown.pending" ] && kill "$(cat "$here/shutdown.pending")"; rm -f "$here/shutdown.pending"; exit 0 ;;
    -*) ;;
    now) [ -n "$when" ] || when=0 ;;
    +*[!0-9]*) echo "shutdown: not a time: $word" >&2; exit 1 ;;
    +?*) [ -n "$when" ] || when=\${word#+} ;;
    *) [ -n "$when" ] || { echo "shutdown: not a time: $word (now or +MINUTES)" >&2; exit 1; } ;;
  esac
done
power_off() {
  : > "$here/shutdown"
  kill -TERM "$(cat "$here/agent.pid")"
}
minutes=\${when:-1}
if [ "$minutes" -eq 0 ]; then power_off; exit; fi
( trap '' HUP; sleep $((minutes * 60)); power_off ) </dev/null >/dev/null 2>&1 &
echo $! > "$here/shutdown.pending"
`;
