"""Answers of accounts as pages; drawn by `ui` when it is there, else by the template alone."""

import logging

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from ocapi.kernel.accounts.extensions import page_makers

log = logging.getLogger("ocapi.sign_in")

STATUS_OF_REFUSAL = {
    "Cancelled": 200,
    "PlainConnection": 403,
    "ProviderFailed": 502,
    "ClaimsRefused": 403,
    "IdentityConflict": 409,
    "NationalNumberTaken": 409,
    "InvalidIdentifier": 403,
    "CapacityRefused": 403,
    "ProviderMissing": 503,
}
"""Why somebody could not sign in, with the HTTP status; the template has the sentence for each."""


def page(request: HttpRequest, template: str, *, status: int = 200, **context: object) -> HttpResponse:
    """Answer with a page; never kept by a cache."""
    maker = page_makers.find("ui")
    if maker is None:
        response = render(request, template, context, status=status)
    else:
        response = maker.page(request, template, status=status, **context)
    response["Cache-Control"] = "no-store"
    return response


def refused(request: HttpRequest, reason: str) -> HttpResponse:
    """Answer why the sign-in did not work and how to go on, and leave a line of it."""
    log.warning("sign-in refused", extra={"reason": reason})
    return page(request, "accounts/refused.html", status=STATUS_OF_REFUSAL[reason], reason=reason)
