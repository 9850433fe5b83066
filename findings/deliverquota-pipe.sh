#!/bin/sh
# deliverquota of Courier (courier-base 1.0.16-3, Debian 12) refuses mail over quota with two exit codes: 77 where its standard
# input is a file, 75 where it is a pipe.
#
# Its manual page knows 77 alone. Postfix's pipe(8) hands mail over by a pipe, and takes 75 as "try again later" and 77 as
# final, so that mail over quota stays in the queue where the page says that it bounces.
#
# Seen:
#   from a file: exit 77, Mail quota exceeded.
#   from a pipe: exit 75, Mail quota exceeded.
#
# Needs apt-get with the sources of Debian 12 and dpkg-deb; nothing is installed on the machine.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
apt-get download -qq courier-base=1.0.16-3+b6 >/dev/null 2>&1
dpkg-deb -x courier-base_*.deb root
deliverquota=$(find root -name 'deliverquota.courier' -type f)
mkdir -p maildir/cur maildir/new maildir/tmp
{
  printf 'Subject: larger than the quota\n\n'
  head -c 50000 /dev/zero | tr '\0' x
} >message
code=0
words=$("$deliverquota" maildir 40960S <message 2>&1) || code=$?
echo "from a file: exit $code, $words"
[ "$code $words" = '77 Mail quota exceeded.' ]
code=0
words=$(cat message | "$deliverquota" maildir 40960S 2>&1) || code=$?
echo "from a pipe: exit $code, $words"
[ "$code $words" = '75 Mail quota exceeded.' ]
