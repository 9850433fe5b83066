#!/bin/sh
# slaptest of OpenLDAP 2.5.13 (Debian 12) writes a slapd.d that it cannot read itself.
#
# A `limits` line may name limits that the database has anyway. slaptest -f FILE -F DIR takes the file, says that it
# succeeded, and writes the line's value without the limits (`olcLimits: {0}users`). Given the tree, slaptest refuses it.
#
# Seen:
#   from the file: exit 0, olcLimits: {0}users
#   from the tree: exit 1, missing arg(s) in "limits <pattern> <limits>"
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
sizelimit 5
database mdb
suffix ""
directory $folder/data
limits users size=5
EOF
run root/usr/sbin/slapadd -f slapd.conf </dev/null
code=0
run root/usr/sbin/slaptest -f slapd.conf -F tree >first 2>&1 || code=$?
value=$(grep '^olcLimits: ' tree/cn=config/olcDatabase*mdb.ldif)
echo "from the file: exit $code, $value"
[ "$code $value" = '0 olcLimits: {0}users' ]
run root/usr/sbin/slaptest -u -F tree >second 2>&1 && code=0 || code=$?
words=$(grep -o 'missing arg(s) in "limits <pattern> <limits>"' second | head -1)
echo "from the tree: exit $code, $words"
[ "$code $words" = '1 missing arg(s) in "limits <pattern> <limits>"' ]
