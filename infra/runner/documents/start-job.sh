# Starts one submission at most once, and returns when its commands run or when it is known why they cannot.
# Directories 0711: a job's user may pass through to its own directory and see nothing else.
umask 066
# No colon in braces: serverless.yml would take it for a variable of its own.
home=${SORTIE_HOME-/var/lib/sortie}
submission='{{ submission }}'
url='{{ bundleUrl }}'
job=$home/jobs/$submission
base=$home/runner/@RUNNER_HASH@

# User data leaves the path of Node here, last of all. Before that nothing can start, and no trace is left of the try.
node=
{ read -r node <"$home/ready"; } 2>/dev/null
if [ ! -x "$node" ]; then
  echo 'not ready: user data has not finished on this instance'
  exit 75
fi

# By what the instance lacks, which is not the job's fault: another may do. Commands that may have begun are another matter.
refuse() {
  cause=instance
  [ ! -e "$job/commands.pid" ] || cause=setup
  printf '{"at":"%s","cause":"'$cause'","status":null,"signal":null,"log_bytes":0,"message":"%s"}\n' \
    "$(date -u +%Y-%m-%dT%H:%M:%SZ)" "$1" >"$job/.exit" && mv "$job/.exit" "$job/exit" || rm -f "$job/.exit"
  echo "$1"
  exit 1
}

[ -d "$home/jobs" ] || mkdir -p "$home/runner" "$home/jobs" || { echo "cannot make $home/jobs: is the disk full?"; exit 1; }
touch "$home/contact"
if ! mkdir "$job" 2>/dev/null; then
  if [ -d "$job" ]; then
    echo 'already there'
    exit 0
  fi
  echo "cannot make $job: is the disk full?"
  exit 1
fi

if [ ! -f "$base.cjs" ]; then
  # A start-job may have been killed while it wrote them.
  find "$home/runner" -name '*.part' -mmin +10 -exec rm -f {} +
  "$node" -e '
    const [, base] = process.argv, part = base + "." + process.pid + ".part";
    try {
      const digits = [...fs.readFileSync(0, "latin1").replace(/\s/g, "")].map((c) => {
        const other = "!#%".indexOf(c);
        return other < 0 ? c.charCodeAt() - 40 : [52, 56, 83][other];
      });
      const packed = Buffer.alloc(digits.length / 5 * 4);
      for (let i = 0; i < digits.length; i += 5)
        packed.writeUInt32BE(digits.slice(i, i + 5).reduce((n, digit) => n * 85 + digit, 0), i / 5 * 4);
      for (const [end, text] of Object.entries(JSON.parse(zlib.brotliDecompressSync(packed)))) {
        fs.writeFileSync(part, text);
        fs.renameSync(part, base + end);
      }
    } catch {
      fs.rmSync(part, { force: true });
      process.exit(1);
    }
  ' "$base" <<'FILES' || refuse 'cannot write the runner: is the disk full?'
@FILES@
FILES
fi
mkfifo "$job/output" "$job/word" || refuse "cannot make a FIFO in the job's directory"
[ -p "$base.door" ] || mkfifo "$base.door" 2>/dev/null

# A session of its own: the agent ends its commands by process group. Where there is no setsid, job control must do.
detach=setsid
command -v setsid >/dev/null || { detach=; set -m; }

resident_lives() {
  line=
  { read -r keeper <"$base.keeper" && kill -0 "$keeper" && read -r line <"/proc/$keeper/cmdline"; } 2>/dev/null
  case $line in *"$base"*) return 0 ;; esac
  [ ! -e /proc/self ] && [ -n "$keeper" ] && kill -0 "$keeper" 2>/dev/null
}
if [ -p "$base.door" ] && ! resident_lives; then
  $detach sh "$base.sh" </dev/null >/dev/null 2>&1 &
fi

# Both FIFOs are held open from here on: nothing is lost if the resident supervisor dies or has not begun. A line that
# fits the FIFO comes whole, and no command line shows the URL.
word=again
if [ -p "$base.door" ] && [ "${#url}" -lt 3500 ]; then
  exec 4<>"$base.door" 5<>"$job/word"
  printf '%s %s\n' "$submission" "$url" >&4
  (trap 'kill $sleep; exit' TERM; sleep 20 & sleep=$!; wait $sleep; echo late >&5) </dev/null >/dev/null 2>&1 &
  watch=$!
  while read -r word <&5; do
    [ "$word" = late ] || break
    # Whoever makes it goes on with the job: this script, if the resident supervisor has not come by now.
    mkdir "$job/claimed" 2>/dev/null && word=again && break
  done
  kill "$watch" 2>/dev/null
  exec 4>&- 5>&-
fi
if [ "$word" = again ]; then
  if [ "$home" = /var/lib/sortie ] && [ -d /run/systemd/system ]; then
    detach="systemd-run --quiet --scope --collect --slice=sortie -p Delegate=yes $detach"
  fi
  # A supervisor of its own. The substitution ends when it closes descriptor 3, or is dead.
  word=$(
    $detach "$node" "$base.cjs" "$job" 3>&1 >/dev/null 2>>"$job/supervisor.log" <<URL &
$url
URL
  )
fi
case $word in
  started) echo started ;;
  '' | broken) refuse 'the runner did not start; its supervisor.log on the instance says why' ;;
  *) printf '%s\n' "$word"; exit 1 ;;
esac
exit 0
