# Starts one submission at most once, and returns when its commands run or when it is known why they cannot.
umask 066 # directories 0711: a job's user may pass through to its own directory and see nothing else
# No colon in braces: serverless.yml would take it for a variable of its own.
home=${SORTIE_HOME-/var/lib/sortie}
submission='{{ submission }}'
job=$home/jobs/$submission

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

runner=$home/runner/@RUNNER_HASH@.cjs
if [ ! -f "$runner" ]; then
  "$node" -e '
    const packed = Buffer.from(fs.readFileSync(0, "latin1"), "base64");
    fs.writeFileSync(process.argv[1], zlib.brotliDecompressSync(packed));
  ' "$runner.$$" <<'RUNNER' 2>/dev/null && mv "$runner.$$" "$runner" || {
@RUNNER_BASE64@
RUNNER
    rm -f "$runner.$$"
    refuse 'cannot write the runner: is the disk full?'
  }
fi
mkfifo "$job/output" || refuse "cannot make a FIFO in the job's directory"

# A session of its own: the agent ends its commands by process group. Where there is no setsid, job control must do.
detach=setsid
command -v setsid >/dev/null || { detach=; set -m; }
# The URL by stdin, since a command line is everybody's to read. The substitution ends when the supervisor closes
# descriptor 3, or is dead.
word=$(
  $detach "$node" "$runner" "$job" 3>&1 >/dev/null 2>>"$job/supervisor.log" <<'URL' &
{{ bundleUrl }}
URL
)
case $word in
  started) echo started ;;
  '') refuse 'the runner did not start; its supervisor.log on the instance says why' ;;
  *) printf '%s\n' "$word"; exit 1 ;;
esac

# The disk keeps the newest jobs. Afterwards and aside: no job waits for it.
(
  # A start-job that was killed while it wrote the runner.
  find "$home/runner" -name '*.cjs.*' -mmin +10 -exec rm -f {} +
  ls -1t "$home/jobs" | tail -n +@KEPT_JOBS@ | while read -r old; do
    [ -f "$home/jobs/$old/exit" ] || continue
    read -r pid <"$home/jobs/$old/supervisor.pid" && grep -qs "$old" "/proc/$pid/cmdline" && continue
    rm -rf "$home/jobs/$old"
  done
) </dev/null >/dev/null 2>&1 &
exit 0
