"""What is wrong with an address, and what came of a try, in plain words."""

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

REFUSED: dict[str, str | Promise] = {
    "malformed": _("This is no address as a browser takes it: https://name.example/path."),
    "not_https": _("The address begins with https://."),
    "number": _("Write the name of the server, not its number."),
    "inside": _("This leads inside a private network. The server has to stand in the open internet."),
    "ourselves": _("This is this site itself."),
    "port": _("Only the ports 443 and 8443 are spoken to."),
    "no_such_name": _("No server is found under this name."),
}
TROUBLES: dict[str, str | Promise] = {
    **REFUSED,
    "inside": _("The name now leads inside a private network, so nothing was sent."),
    "redirect": _(
        "It answered that it is elsewhere. Nothing is followed: write the address at which it takes things."
    ),
    "status": _("It did not take it."),
    "timeout": _("It did not answer in time."),
    "unreachable": _("Nobody answers there."),
    "certificate": _("Its certificate is not in order."),
    "tls": _("No safe connection came about."),
    "broken": _("What it answered cannot be understood."),
    "fault": _("Something went wrong on our side. It is tried again."),
}
