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
    [ ! -e /proc/self ] || grep -qs -e "$1" -e resident-supervisor "/proc/$pid/cmdline"
  else
    [ -n "$(find "$1" -maxdepth 0 -mmin -2)" ]
  fi
}

# Its supervisor died, and another goes on with it: its commands run, or have left their status.
adoptable() {
  [ -f "$1/supervision" ] || return 1
  [ ! -f "$1/status" ] || return 0
  read -r pid 2>/dev/null <"$1/commands.pid" && kill -0 "$pid" 2>/dev/null || return 1
  [ ! -e /proc/self ] || grep -qs -e "$1" "/proc/$pid/cmdline"
}

# A keeper that is there already ends at once.
revive() {
  detach=setsid
  command -v setsid >/dev/null || { detach=; set -m; }
  for keeper in "$home"/runner/*.sh; do
    $detach sh "$keeper" </dev/null >/dev/null 2>&1 &
  done
}

# The JSON in a file. A full disk may have left it empty or cut: a line ends with its newline.
json() { { read -r json <"$1"; } 2>/dev/null && [ -n "$json" ]; }

printed=0 revived=
ls -1t | head -n 100 | while read -r job; do
  started=null exit=null bytes=0
  json "$job/started" && started=$json
  state=lost
  if supervised "$job"; then
    state=running
  elif adoptable "$job"; then
    state=running
    [ "$revived" ] || revive
    revived=yes
  fi
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
