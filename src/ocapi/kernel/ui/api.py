"""Door of the design system: answer with a page, check a brand, make its stylesheet."""

from dataclasses import replace
from urllib.parse import quote

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, QueryDict
from django.template.loader import render_to_string
from django.urls import get_script_prefix, reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext

from ocapi.kernel.accounts import api as accounts
from ocapi.kernel.files.data import FileContent
from ocapi.kernel.ui import charts, maps, parking, pictures, shells, themes
from ocapi.kernel.ui.data import Chart, ContrastProblem, Map, Message, ShellContext, Tokens
from ocapi.lib import clock

INPUT_STATUSES = (400, 409, 422)  # answers to what the reader typed: their title starts with "Fout:"


def page(request: HttpRequest, template: str, *, status: int = 200, **context: object) -> HttpResponse:
    """Answer with a template that extends one of the shells, rendered with the shell of this request.

    template: a file that extends `ui/shell_public.html`, `ui/shell_citizen.html` or `ui/shell_desk.html`.
    status: 400, 409 and 422 put "Fout:" before the title. context: plain values; `shell` may override.
    """
    shell = context.pop("shell", None) or shells.shell_of(request)
    if request.method == "GET" and isinstance(asked := context.get("fields"), tuple):
        typed = take_parked(request)
        if typed is not None:
            assert isinstance(shell, ShellContext)
            context["fields"] = parking.restore(asked, typed)
            text = gettext("What was typed before the session ended is still here. Check it and go on.")
            shell = replace(shell, messages=(*shell.messages, Message(text=text, tone="success")))
    values = {**context, "shell": shell, "title_says_error": status in INPUT_STATUSES}
    return HttpResponse(render_to_string(template, values, request=request), status=status)


def shell(request: HttpRequest) -> ShellContext:
    """Give the shell of this request as the sources fill it, for views that change a part of it."""
    return shells.shell_of(request)


def picture(chart: Chart) -> str:
    """Draw a chart with its title, legend and source as the text of an SVG file that stands alone."""
    return pictures.picture(chart)


def map_picture(of: Map) -> str:
    """Draw a map with its title, legend and source as the text of an SVG file that stands alone."""
    return maps.picture(of)


def map_in_words(of: Map) -> str:
    """Say what a map shows, for readers who do not see it."""
    return maps.description(of)


def in_words(chart: Chart) -> str:
    """Say what a chart shows, for readers who do not see it."""
    return charts.description(chart)


def redirect(to: str, *args: object, **kwargs: object) -> HttpResponse:
    """Answer 302 to a named URL with its arguments, or to an address that starts with `/` or `?`.

    An address that a browser would read as another host raises ValueError; an unknown name NoReverseMatch.
    """
    if not to.startswith(("/", "?")):
        return HttpResponseRedirect(reverse(to, args=args, kwargs=kwargs))
    if not url_has_allowed_host_and_scheme(to, allowed_hosts=None):
        raise ValueError("redirect stays on this site")
    return HttpResponseRedirect(to)


def address(request: HttpRequest, path: str) -> str:
    """Give the whole address of a path of the bound organization, also where a demo has it below `/o/KEY`."""
    return request.build_absolute_uri(_below(path))


def see_other(path: str) -> HttpResponse:
    """Answer 303 to a path of the bound organization, also where a demo serves it below `/o/KEY`."""
    response = HttpResponse(status=303)
    response["Location"] = _below(path)
    return response


def _below(path: str) -> str:
    before = get_script_prefix().rstrip("/")
    return path if path.startswith(f"{before}/") else f"{before}{path}"


def download(file: FileContent) -> HttpResponse:
    """Answer with a released file as an attachment that no browser runs: sandboxed, its type not guessed."""
    response = HttpResponse(file.content, content_type=file.file.media_type.value)
    response["Content-Disposition"] = f"attachment; filename*=UTF-8''{quote(file.file.name)}"
    response["Content-Security-Policy"] = "sandbox; default-src 'none'"
    response["X-Content-Type-Options"] = "nosniff"
    return response


def problem_page(request: HttpRequest, *, status: int, reference: str) -> HttpResponse:
    """Answer with the error page of a status: what happened, search, contact, the way back and the reference.

    reference: the trace id, which support can look up. Statuses without a text of their own read as 500.
    """
    return _problem_page(request, "ui/problem.html", status=status, reference=reference)


def desk_problem_page(request: HttpRequest, *, status: int, reference: str) -> HttpResponse:
    """Answer a member of staff at the desk with the same page, beside the menu of the desk."""
    return _problem_page(request, "ui/problem_desk.html", status=status, reference=reference)


def _problem_page(request: HttpRequest, template: str, *, status: int, reference: str) -> HttpResponse:
    title, text = _problem(status)
    return page(request, template, status=status, title=title, text=text, reference=reference, code=status)


def sign_in_page(request: HttpRequest, *, href: str, text: str) -> HttpResponse:
    """Answer a form that was sent after its session ended: a page with a link to sign in, never a redirect.

    The content security policy stops a form whose answer leads to another site, as the identity provider is.
    href: where signing in begins. text: what became of what was typed. Status 403.
    """
    return page(request, "ui/sign_in_again.html", status=403, href=href, text=text)


def typed_of(posted: QueryDict) -> dict[str, list[str]]:
    """Give what a person typed: all that was posted but the page's own fields (CSRF, revision, buttons)."""
    return parking.typed_of(posted)


def park(request: HttpRequest, *, path: str) -> bool:
    """Keep what was just posted until the one whose session ended is back on the page with this path.

    Encrypted, for 30 minutes, without files. Tells whether it was kept: more than 200 kB is not.
    """
    return parking.park(
        request,
        parking.Parked(
            path=path,
            at=clock.now(),
            typed=parking.typed_of(request.POST),
            person=accounts.person_before(request),
        ),
    )


def take_parked(request: HttpRequest) -> dict[str, list[str]] | None:
    """Give what the reader had typed on this page when the session ended, once; None when there is nothing.

    `page` does this by itself for pages with `fields`.
    """
    if not parking.is_held(request):
        return None
    return parking.take(request, person=accounts.actor_of(request).person, now=clock.now())


def _problem(status: int) -> tuple[str, str]:
    if status == 400:
        return gettext("We cannot read this request"), gettext(
            "Go back and try again. What you typed is still there."
        )
    if status == 403:
        return gettext("No access to this page"), gettext(
            "You need other rights, or another capacity, to see this page."
        )
    if status in (404, 410):
        return gettext("We cannot find this page"), gettext(
            "The page has moved or no longer exists. Check the address, or search below."
        )
    if status == 409:
        return gettext("Somebody changed this in the meantime"), gettext(
            "Open the page again to see the newest version."
        )
    if status == 413:
        return gettext("This file is too large"), gettext("Choose a smaller file and send it again.")
    if status == 429:
        return gettext("Too many requests"), gettext("Wait a minute and try again.")
    if status == 503:
        return gettext("This page is closed for a moment"), gettext(
            "We are working on it. Try again in a few minutes."
        )
    return gettext("Something went wrong on our side"), gettext("We know about it. Try again later.")


def check_tokens(tokens: Tokens) -> list[ContrastProblem]:
    """List each pair of tokens with too little contrast, with a proposal; an empty list may be saved.

    Source: WCAG 2.2 criteria 1.4.3 (text 4.5:1) and 1.4.11 (components 3:1).
    """
    return list(themes.problems(tokens))


def stylesheet_for(tokens: Tokens) -> tuple[str, bytes]:
    """Make the stylesheet of a brand: its file name by hash, and the bytes to serve as text/css for ever.

    Holds custom properties `--ocapi-color-…` for light and, derived and checked, for dark.
    """
    return themes.stylesheet(tokens)
