"""Follows a directory with python-ldap's syncrepl client and prints what it is told, one line each, as JSON."""
import json
import sys

import ldap
from ldap.ldapobject import SimpleLDAPObject
from ldap.syncrepl import SyncreplConsumer


class Client(SimpleLDAPObject, SyncreplConsumer):
    cookie = None

    def syncrepl_get_cookie(self):
        return self.cookie

    def syncrepl_set_cookie(self, cookie):
        self.cookie = cookie

    def tell(self, *what):
        print(json.dumps(what), flush=True)

    def syncrepl_entry(self, dn, attributes, uuid):
        self.tell("entry", dn, uuid, sorted(attributes))

    def syncrepl_delete(self, uuids):
        for uuid in uuids:
            self.tell("delete", uuid)

    def syncrepl_present(self, uuids, refreshDeletes=False):
        self.tell("present", uuids, refreshDeletes)

    def syncrepl_refreshdone(self):
        self.tell("refreshed")


url, name, password, base, mode, *cookie = sys.argv[1:]
client = Client(url)
client.simple_bind_s(name, password)
client.cookie = cookie[0] if cookie else None
search = client.syncrepl_search(base, ldap.SCOPE_SUBTREE, mode=mode, filterstr="(objectClass=*)")
while client.syncrepl_poll(msgid=search, all=1):
    pass
client.tell("cookie", client.cookie)
