# One line of JSON per job directory, newest first: what the disk knows.
# No colon in braces: serverless.yml would take it for a variable of its own.
home=${SORTIE_HOME-/var/lib/sortie}
touch "$home/contact" 2>/dev/null
if ! cd "$home/jobs" 2>/dev/null; then
  # No job has begun here yet. Before user data has finished none can: what is it at?
  [ ! -f "$home/ready" ] || exit 0
  booting='user data has not begun'
  [ ! -f "$home/booting" ] || read -r booting <"$home/booting"
  printf '{"booting":"%s"}\n' "$booting"
  exit 0
fi
# Lengths are bytes.
LC_ALL=C

# A pid may be another's by now, after a reboot for certain. A directory of this minute may not have one yet.
supervised() {
  if [ -f "$1/supervisor.pid" ]; then
    read -r pid <"$1/supervisor.pid" && kill -0 "$pid" 2>/dev/null || return 1
    [ ! -e /proc/self ] || grep -qs "$1" "/proc/$pid/cmdline"
  else
    [ -n "$(find "$1" -maxdepth 0 -mmin -2)" ]
  fi
}

# The JSON in a file. A full disk may have left it empty or cut: a line ends with its newline.
json() { { read -r json <"$1"; } 2>/dev/null && [ -n "$json" ]; }

printed=0
ls -1t | head -n 100 | while read -r job; do
  started=null exit=null bytes=0
  json "$job/started" && started=$json
  if supervised "$job"; then state=running; else state=lost; fi
  # After the look at the supervisor, which writes its last words before it ends.
  if json "$job/exit"; then
    state=exited
    exit=$json
    bytes=${exit##*'"log_bytes":'}
    bytes=${bytes%%[!0-9]*}
  elif [ -f "$job/log" ]; then
    bytes=$(wc -c <"$job/log")
  fi
  line="{\"submission\":\"$job\",\"state\":\"$state\",\"started\":$started,\"exit\":$exit,\"log_bytes\":$((bytes))}"
  # SSM cuts an output at 24,000 bytes: whole lines only.
  printed=$((printed + ${#line} + 1))
  [ "$printed" -lt 24000 ] || break
  printf '%s\n' "$line"
done
exit 0
