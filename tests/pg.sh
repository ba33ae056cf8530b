#!/bin/sh
# A PostgreSQL server of one's own, unprivileged, in one folder, reached through a socket in it.
# pg.sh start DIR          makes and starts it; prints the URI of its first database
# pg.sh createdb DIR NAME  prints the URI of a fresh database
# pg.sh stop DIR
set -eu

usage() {
	echo "usage: pg.sh start DIR | createdb DIR NAME | stop DIR" >&2
	exit 2
}
[ $# -ge 2 ] || usage
command=$1
mkdir -p "$2"
dir=$(cd "$2" && pwd)
bin=$(ls -d /usr/lib/postgresql/*/bin 2>/dev/null | sort -V | tail -1)
[ -n "$bin" ] || { echo "pg.sh: no PostgreSQL server is installed" >&2; exit 1; }
user=$(id -un)
[ "$(id -u)" -ne 0 ] || user=nobody

# The server refuses to run as root.
as_user() {
	if [ "$(id -u)" -ne 0 ]; then
		(cd "$dir" && "$@")
		return
	fi
	(cd "$dir" && HOME=$dir setpriv --reuid="$user" --regid="$(id -g "$user")" --clear-groups "$@")
}

uri() {
	printf 'postgresql:///%s?host=%s&user=samtykke\n' "$1" "$(printf %s "$dir" | sed 's/%/%25/g; s/ /%20/g; s/&/%26/g')"
}

case $command in
start)
	[ "$(id -u)" -ne 0 ] || chown "$user" "$dir"
	if [ ! -d "$dir/data" ]; then
		as_user "$bin/initdb" -D "$dir/data" -U samtykke -A trust -E UTF8 --locale=C.UTF-8 >"$dir/initdb.log" 2>&1 ||
			{ cat "$dir/initdb.log" >&2; exit 1; }
	fi
	as_user "$bin/pg_ctl" -D "$dir/data" -w -t 60 -l "$dir/server.log" \
		-o "-c listen_addresses='' -c unix_socket_directories='$dir' ${PG_OPTIONS:-}" start >"$dir/ctl.log" 2>&1 ||
		{ cat "$dir/ctl.log" "$dir/server.log" >&2; exit 1; }
	uri postgres
	;;
createdb)
	[ $# -eq 3 ] || usage
	"$bin/createdb" -h "$dir" -U samtykke -T template0 "$3"
	uri "$3"
	;;
stop)
	as_user "$bin/pg_ctl" -D "$dir/data" -w -t 60 -m fast stop >/dev/null
	;;
*)
	usage
	;;
esac
