"""The pages of exchange: practices as files; and files that are looked at, taken in and undone."""

from django.contrib.auth.decorators import login_required
from django.core.exceptions import SuspiciousOperation
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from koinon.base.governance import governed
from koinon.base.languages import DEFAULT, ENDONYMS
from koinon.base.paging import page_of
from koinon.base.visitor import HttpRequest, require
from koinon.journal.models import Entry
from koinon.network.models import Organisation
from koinon.people.step_up import with_passkey
from koinon.practices.actions.writing import MOST_AT_ONCE
from koinon.practices.exchange import actions, export, tables
from koinon.practices.exchange.columns import COLUMNS, ONLY_OUT, SIM
from koinon.practices.exchange.permissions import exported, may_import, may_look, may_try, organisations
from koinon.practices.models import Import, ImportedRow, Practice, Version
from koinon.practices.permissions import may_write

MOST_WRONG = 200
MOST_ROWS = 20
A_PAGE = MOST_AT_ONCE
LANGUAGES = list(ENDONYMS.items())


@governed("D4")
@require_safe
def export_page(request: HttpRequest) -> HttpResponse:
    """What each column means, and the files: `?format=csv|xlsx|json`, `?shape=sim` under SIM's headings."""
    form, shape = request.GET.get("format", ""), request.GET.get("shape", "")
    if form not in {"", *export.FORMATS} or shape not in {"", "sim"}:
        raise SuspiciousOperation(f"format is one of {', '.join(export.FORMATS)}, shape is sim or nothing")
    if form:
        listing = export.sim() if shape else export.full(form)
        if (answer := listing.answer(request, export.public())) is not None:
            return answer
    context = {
        "columns": COLUMNS,
        "only_out": ", ".join(ONLY_OUT),
        "sim": [(heading, ", ".join(names)) for heading, names in SIM],
        "formats": export.FORMATS,
        "organisations": exported(request.visitor),
        "may_take_in": organisations(request.visitor).exists(),
    }
    return render(request, "practices/export.html", context)


def _format(name: str) -> str:
    if name not in export.FORMATS:
        raise SuspiciousOperation(f"format is one of {', '.join(export.FORMATS)}")
    return name


@governed("H7", POST="X")
@require_POST
@login_required
@with_passkey
def export_organisation(request: HttpRequest) -> HttpResponse:
    """All of an organisation's practices that one may read, drafts too. There is no address at which the file would lie."""
    chosen, form = request.POST.get("organisation", ""), _format(request.POST.get("format", ""))
    if not (chosen.isascii() and chosen.isdecimal() and len(chosen) < 10):
        raise SuspiciousOperation("organisation is a number")
    organisation = get_object_or_404(Organisation.objects.seen_by(request.visitor), pk=int(chosen))
    return export.full(form).file(actions.take_out(organisation, by=request.visitor), form)


@governed("H1", GET="X")
@require_safe
@login_required
def mine_file(request: HttpRequest, ending: str) -> HttpResponse:
    """All that I wrote, whatever its state."""
    if ending not in export.FORMATS:
        raise Http404
    return export.full(ending).file(export.of_person(request.visitor), ending)


@governed("P1")
@require_safe
def template(request: HttpRequest, ending: str) -> HttpResponse:
    """A file with the headings, to be filled in."""
    if ending not in {"csv", "xlsx"}:
        raise Http404
    content, kind = export.template(ending)
    headers = {"Content-Disposition": f'attachment; filename="koinon-practices-template.{ending}"'}
    return HttpResponse(content, content_type=kind, headers=headers)


@governed("H6", GET="C", POST="C")
@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def import_page(request: HttpRequest) -> HttpResponse:
    """Send a file to be looked at; and what one sent before."""
    mine = {str(one.pk): one for one in organisations(request.visitor)}
    require(bool(mine))
    context = {
        "organisations": list(mine.values()),
        "all_languages": LANGUAGES,
        "spoken": get_language() or DEFAULT,
        "before": Import.objects.filter(by=request.visitor.person_id)
        .select_related("organisation")
        .defer("content")[:20],
        "wrong": "",
    }
    if request.method != "POST":
        return render(request, "practices/import.html", context)
    chosen = request.POST.get("organisation", "")
    require(not chosen or chosen in mine)
    organisation, language, file = (
        mine.get(chosen),
        request.POST.get("language", ""),
        request.FILES.get("file"),
    )
    context |= {"chosen": chosen, "spoken": language}
    try:
        if organisation is None or language not in ENDONYMS or file is None:
            raise tables.Refused(_("Choose an organisation, a language and a file."))
        if (file.size or 0) > tables.MOST_BYTES:
            raise tables.Refused(_("The file is larger than 10 MB. Send it in parts."))
        run = actions.begin(
            file.read(),
            by=request.visitor,
            organisation=organisation,
            name=_name(file.name or ""),
            language=language,
        )
    except tables.Refused as wrong:
        return render(request, "practices/import.html", context | {"wrong": str(wrong)}, status=422)
    return redirect("practices:imported", run.pk)


def _name(name: str) -> str:
    return "".join(sign for sign in name if sign.isprintable())[-120:]


def _mine(request: HttpRequest, pk: int) -> Import:
    """An import of one's own; else the 404 of what is not there. Who has lost the role is told so."""
    if pk >= 2**31:
        raise Http404
    run = get_object_or_404(Import.objects.select_related("organisation"), pk=pk)
    if not may_look(request.visitor, run):
        raise Http404
    require(may_try(request.visitor, run.organisation))
    return run


@governed("H6", GET="C", POST="C")
@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def imported(request: HttpRequest, pk: int) -> HttpResponse:
    """What would come of each row, and which heading means what; afterwards, what came of it."""
    run = _mine(request, pk)
    if request.method == "POST":
        mapping = {}
        for column in COLUMNS:
            typed = request.POST.get(f"column-{column.name}", "")
            if typed.isascii() and typed.isdecimal() and int(typed[:4]) < tables.MOST_COLUMNS:
                mapping[column.name] = int(typed[:4])
        language = request.POST.get("language", "")
        if language not in ENDONYMS:
            raise SuspiciousOperation("language is one of the 24")
        actions.arrange(run, by=request.visitor, mapping=mapping, language=language)
        return redirect("practices:imported", run.pk)
    return _page(request, run)


def _page(request: HttpRequest, run: Import, *, wrong: str = "", status: int = 200) -> HttpResponse:
    context = {"run": run, "may_import": may_import(request.visitor, run.organisation), "said": wrong}
    if run.state == Import.State.LOOKED_AT:
        table, plan = actions.plan_of(run, by=request.visitor)
        unused = [
            header for at, header in enumerate(table.headers) if header and at not in run.mapping.values()
        ]
        context |= {
            "headers": list(enumerate(table.headers)),
            "columns": [(one, run.mapping.get(one.name)) for one in COLUMNS],
            "unused": unused,
            "all_languages": LANGUAGES,
            "counts": plan.counts,
            "to_do": plan.counts["new"] + plan.counts["changed"],
            "is_cut": plan.is_cut,
            "all": len(table.rows),
            "wrong": plan.wrong[:MOST_WRONG],
            "more_wrong": max(len(plan.wrong) - MOST_WRONG, 0),
            "rows": plan.rows[:MOST_ROWS],
            "more_rows": max(len(plan.rows) - MOST_ROWS, 0),
        }
    else:
        page = page_of(request, run.rows.select_related("practice__shown"), A_PAGE)
        made = _told(request, list(page))
        deeds = {Import.State.DONE: "practice.imported", Import.State.UNDONE: "practice.import_undone"}
        context |= {
            "page": page,
            "made": made,
            "can_send": any(may_send for *_row, may_send in made),
            "all_ticked": request.GET.get("tick") == "all",
            "here": run.get_absolute_url(),
            "entry": Entry.objects.filter(
                verb=deeds[Import.State(run.state)], thing=f"practices.import:{run.pk}"
            ).first(),
        }
    return render(request, "practices/imported.html", context, status=status)


def _told(
    request: HttpRequest, rows: list[ImportedRow]
) -> list[tuple[ImportedRow, Practice, Version | None, bool]]:
    """The rows, what came of each as far as one may see it, and whether it can be sent in."""
    seen = Practice.objects.seen_by(request.visitor).filter(pk__in=[row.practice_id for row in rows])
    latest = {
        version.practice_id: version
        for version in Version.objects.filter(practice__in=seen.values("pk")).order_by("number")
    }
    told = []
    for row in rows:
        practice, version = row.practice, row.practice.shown or latest.get(row.practice_id)
        if version is not None:
            version.practice = practice
        may_send = version is not None and may_write(request.visitor, version)
        told.append((row, practice, version, may_send))
    return told


@governed("H6", POST="C")
@require_POST
@login_required
def take_in(request: HttpRequest, pk: int) -> HttpResponse:
    """All rows become drafts, or none does."""
    run = _mine(request, pk)
    require(may_import(request.visitor, run.organisation))
    try:
        actions.take_in(run, by=request.visitor)
    except actions.StillWrong:
        return _page(request, run, wrong=_("Nothing was taken in: rows are wrong."), status=422)
    except actions.NotAsItWas:
        said = _("Nothing was taken in: somebody saved one of the drafts at this moment. Look again.")
        return _page(request, run, wrong=said, status=409)
    return redirect("practices:imported", run.pk)


@governed("H6", POST="C")
@require_POST
@login_required
def undo(request: HttpRequest, pk: int) -> HttpResponse:
    """All that came in is taken back, or nothing."""
    run = _mine(request, pk)
    require(may_import(request.visitor, run.organisation))
    try:
        actions.undo(run, by=request.visitor)
    except actions.NotAsItWas as wrong:
        if wrong.rows:
            said = _(
                "Nothing was undone: what came of these rows was changed or sent in since: %(rows)s."
            ) % {"rows": ", ".join(map(str, wrong.rows))}
        else:
            said = _("Nothing was undone: some of what came in was deleted since.")
        return _page(request, run, wrong=said, status=409)
    return redirect("practices:imported", run.pk)
