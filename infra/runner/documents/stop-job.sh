# Leaves the order to stop, which the supervisor looks for.
umask 066
# No colon in braces: serverless.yml would take it for a variable of its own.
home=${SORTIE_HOME-/var/lib/sortie}
job=$home/jobs/'{{ submission }}'
touch "$home/contact"

if [ ! -d "$job" ]; then
  echo unknown
  exit 0
fi
pid=
[ -f "$job/supervisor.pid" ] && read -r pid <"$job/supervisor.pid"
# Where there is a `supervision`, a supervisor that has died is followed by another.
if [ -f "$job/exit" ] || { [ -n "$pid" ] && ! [ -f "$job/supervision" ] && ! kill -0 "$pid" 2>/dev/null; }; then
  echo 'not running'
  exit 0
fi
if ! printf '{"mode":"%s","reason":"%s"}\n' '{{ mode }}' '{{ reason }}' >"$job/.stop.$$" ||
  ! mv "$job/.stop.$$" "$job/stop"; then
  rm -f "$job/.stop.$$"
  echo "cannot write $job/stop: is the disk full?"
  exit 1
fi
# Hastens the look. CONT, since it harms nobody: the supervisor may not have set its handler yet.
[ -n "$pid" ] && kill -CONT "$pid" 2>/dev/null
echo stopping
exit 0
