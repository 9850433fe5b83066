#!/bin/sh
# slaptest of OpenLDAP 2.5.13 (Debian 12) writes a slapd.d that it cannot read itself.
#
# A `pidfile` may be a path with a blank, in quotes. slaptest -f FILE -F DIR takes the file, says that it succeeded, and writes
# the path without quotes (`olcPidFile: FOLDER/a b.pid`). Given the tree, slaptest refuses it.
#
# Seen:
#   from the file: exit 0, olcPidFile: a b.pid
#   from the tree: exit 1, extra cruft after <file>
#
# Needs apt-get with the sources of Debian 12 and dpkg-deb; nothing is installed on the machine.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
apt-get download -qq slapd=2.5.13+dfsg-5 libldap-2.5-0=2.5.13+dfsg-5 libsasl2-2 libltdl7 libodbc2 libwrap0 libperl5.36 \
  >/dev/null 2>&1
for package in *.deb; do dpkg-deb -x "$package" root; done
libraries=$folder/root/usr/lib/$(dpkg-architecture -qDEB_HOST_MULTIARCH 2>/dev/null || gcc -dumpmachine)
run() {
  LD_LIBRARY_PATH="$libraries:$folder/root/lib" "$@"
}
mkdir tree data
cat >slapd.conf <<EOF
modulepath $folder/root/usr/lib/ldap
moduleload back_mdb
pidfile "$folder/a b.pid"
database mdb
suffix ""
directory $folder/data
EOF
run root/usr/sbin/slapadd -f slapd.conf </dev/null
code=0
run root/usr/sbin/slaptest -f slapd.conf -F tree >first 2>&1 || code=$?
value=$(grep -A 1 '^olcPidFile: ' tree/cn=config.ldif | tr -d '\n' | sed -E 's#^(olcPidFile: ).*/(a b.pid).*#\1\2#')
echo "from the file: exit $code, $value"
[ "$code $value" = '0 olcPidFile: a b.pid' ]
run root/usr/sbin/slaptest -u -F tree >second 2>&1 && code=0 || code=$?
words=$(grep -o 'extra cruft after <file>' second | head -1)
echo "from the tree: exit $code, $words"
[ "$code $words" = '1 extra cruft after <file>' ]
