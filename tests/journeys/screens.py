"""Every page template with the ways to see it: the list that axe, html-validate and the layout checks walk.

A new page without a line here fails in `test_accessibility.py`. Whoever adds a page adds a `Screen`.
"""

from dataclasses import dataclass, field, replace
from typing import Any

from tests.journeys import acts
from tests.journeys.acts import Act
from tests.journeys.people import (
    AALTER,
    ADMINISTRATOR,
    CITIZEN,
    CLERK,
    INTEGRATOR,
    OFFICER,
    POLICY_MAKER,
)

NOOR, STAF = "noor-waterval.citizen", "staf-boomgaard.citizen"


@dataclass(frozen=True, slots=True, kw_only=True)
class Screen:
    """One state of one page.

    name: unique, also of its image. route: the name of its URL, empty for error pages. template: the file it
    draws. path: its address, with names of the scene in braces. act: what the visitor does there first.
    image: name of its picture in docs/images, empty for none.
    """

    name: str
    template: str
    path: str
    route: str = ""
    person: str = ""
    key: str = AALTER
    status: int = 200
    act: Act | None = None
    image: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Scene:
    """What has to exist before the pages can be seen: addresses by name."""

    places: dict[str, str] = field(default_factory=dict)


LOADS = "/desk/sensoren/inlezen/"


def _at(name: str, route: str, template: str, path: str, **more: Any) -> Screen:
    return Screen(name=name, route=route, template=template, path=path, **more)


def _public() -> tuple[Screen, ...]:
    return (
        _at("home", "home", "portal/home.html", "/", image="portal-home"),
        _at("home-of-collective", "home", "portal/organization.html", "/", key="koepel"),
        _at("services", "portal:services", "portal/services.html", "/diensten"),
        _at("service", "portal:service", "portal/service.html", "/dienst/kapvergunning", image="service"),
        _at("figures", "figures:indicators", "insight/indicators_public.html", "/cijfers/", image="figures"),
        _at("figures-narrowed", "figures:indicators", "insight/indicators_public.html",
            "/cijfers/?domein=energy"),
        _at("figure", "figures:indicator", "insight/indicator_public.html",
            "/cijfers/planned-investment-per-inhabitant/"),
        _at("figure-without-data", "figures:indicator", "insight/indicator_public.html",
            "/cijfers/no2-since-1990/"),
        _at("figure-lineage", "figures:lineage", "insight/lineage_public.html",
            "/cijfers/bike-trend/herkomst/"),
        _at("dashboards-public", "figures:dashboards", "insight/dashboards_public.html",
            "/cijfers/dashboards/"),
        _at("dashboard-public", "figures:dashboard", "insight/dashboard_public.html",
            "/cijfers/dashboards/start-burger/"),
        _at("figure-dataset", "figures:dataset", "insight/dataset_public.html",
            "/cijfers/gegevens/population/"),
        _at("open-data", "opendata:catalog", "opendata/catalog.html", "/open-data/"),
        _at("open-data-narrowed", "opendata:catalog", "opendata/catalog.html",
            "/open-data/?q=bomen&thema=envi&formaat=CSV&pagina=2"),
        _at("open-data-nothing", "opendata:catalog", "opendata/catalog.html", "/open-data/?q=qqqxzw"),
        _at("open-data-empty", "opendata:catalog", "opendata/catalog.html", "/open-data/", key="koepel"),
        _at("dataset", "opendata:dataset", "opendata/dataset.html", "/open-data/fietstellers-in-aalter"),
        _at("dataset-gone", "opendata:dataset", "opendata/gone.html", "/open-data/oude-laadpalen",
            status=410),
        _at("search", "search", "web/search.html", "/zoeken?q=verhuizen"),
        _at("search-suggests", "search", "web/search.html", "/zoeken?q=kapverguning", image="search"),
        _at("search-finds-nothing", "search", "web/search.html", "/zoeken?q=qqqxzw"),
        _at("search-empty", "search", "web/search.html", "/zoeken"),
        _at("council", "council:overview", "council/overview.html", "/besluiten/", image="decisions"),
        _at("council-meeting", "council:meeting", "council/meeting.html", "{council_meeting}"),
        _at("council-document", "council:document", "council/document.html", "{council_document}"),
        _at("council-version", "council:version", "council/document.html", "{council_version}"),
        _at("council-mandates", "council:mandates", "council/mandates.html", "/besluiten/mandatarissen"),
        _at("standards-empty", "linkeddata:standards", "linkeddata/standards.html", "/standaarden/",
            key="koepel"),
        _at("data-old-code", "linkeddata:identified", "linkeddata/identifier.html", "/id/nis/44029",
            key="koepel"),
        _at("service-version", "service-feed:version", "services/version.html", "{service_version}"),
        _at("contact", "contact", "web/contact.html", "/contact"),
        _at("privacy", "privacy", "web/privacy.html", "/privacy"),
        _at("privacy-of-collective", "privacy", "web/privacy.html", "/privacy", key="koepel"),
        _at("accessibility", "accessibility", "web/accessibility.html", "/toegankelijkheidsverklaring"),
        _at("form-start-unknown", "portal:start", "portal/start.html", "/loket/kapvergunning/"),
        _at("sign-in-failed", "openid_connect_callback", "accounts/refused.html",
            "/account/oidc/acm/login/callback/?state=x&code=y", status=502),
        _at("sign-in-asked", "accounts:sign-in", "accounts/ask.html", "/contact",
            act=acts.be_led_to_sign_in_by_another_page),
        _at("choose-person", "", "demo_idp/choose.html", "/account/aanmelden/"),
        _at("not-found", "", "ui/problem.html", "/bestaat-niet", status=404),
    )


def _citizen() -> tuple[Screen, ...]:
    return (
        _at("own", "portal:own", "portal/own.html", "/mijn/", image="own"),
        _at("own-cases", "portal:cases", "portal/cases.html", "/mijn/zaken", image="own-cases"),
        _at("own-case", "portal:case", "portal/case.html", "{new}", image="own-case"),
        _at("own-case-asked", "portal:case", "portal/case.html", "{asked}"),
        _at("own-case-answer-refused", "portal:answer", "portal/case.html", "{asked}", act=acts.refuse_answer,
            status=422),
        _at("own-case-decided", "portal:case", "portal/case.html", "{decided}"),
        _at("own-letter", "portal:letter", "portal/letter.html", "{letter}", image="letter"),
        _at("messages", "portal:messages", "portal/messages.html", "/mijn/berichten", image="messages"),
        _at("my-data", "portal:data", "portal/data.html", "/mijn/gegevens", image="my-data"),
        _at("consultations", "portal:consultations", "portal/consultations.html", "/mijn/raadplegingen",
            image="consultations"),
        _at("form-start", "portal:start", "portal/start.html", "/loket/kapvergunning/"),
        _at("form-step", "portal:section", "portal/section.html", "{draft}applicant/", image="form-step"),
        _at("form-step-questions", "portal:section", "portal/section.html", "{draft}trees/"),
        _at("form-step-files", "portal:section", "portal/section.html", "{draft}attachments/"),
        _at("form-step-refused", "portal:section", "portal/section.html", "{other_draft}trees/",
            person=NOOR, act=acts.press("Volgende stap"), status=422),
        _at("form-rows", "portal:section", "portal/section.html", "/loket/subsidie-vereniging/",
            person=NOOR, act=acts.go_to_rows, image="form-rows"),
        _at("form-two-versions", "portal:section", "portal/conflict.html", "{other_draft}applicant/",
            person=NOOR, act=acts.type_in_two_windows, status=409),
        _at("form-not-right", "portal:incorrect", "portal/incorrect.html",
            "{draft}applicant/klopt-niet/family_name/"),
        _at("form-summary", "portal:summary", "portal/summary.html", "{draft}overzicht/",
            image="form-summary"),
        _at("form-summary-refused", "portal:summary", "portal/summary.html", "{other_draft}overzicht/",
            person=NOOR, act=acts.press("Verstuur"), status=422),
        _at("form-discard", "portal:discard", "portal/discard.html", "{draft}stoppen/"),
        _at("receipt", "portal:receipt", "portal/receipt.html", "{receipt}", image="receipt"),
        _at("answer-unknown", "portal:answered", "ui/problem.html",
            "/loket/ontvangst/antwoord/0192f3c4-5d6e-7f80-9a1b-2c3d4e5f6071", status=404),
        _at("powers", "powers", "web/powers.html", "/mijn/volmachten"),
        _at("power-new", "grant-power", "web/power_grant.html", "/mijn/volmachten/nieuw"),
        _at("power-refused", "grant-power", "web/power_grant.html", "/mijn/volmachten/nieuw",
            act=acts.press("Geef de volmacht"), status=422),
        _at("power-revoke", "revoke-power", "web/power_revoke.html", "{power}"),
        _at("session-warning", "", "portal/own.html", "/mijn/", act=acts.warn_of_session),
        _at("session-over", "", "ui/sign_in_again.html", "/loket/kapvergunning/", person=STAF,
            act=acts.send_after_the_end, status=403),
        _at("no-access", "", "ui/problem.html", "/desk/zaken/", status=403),
    )


def _account() -> tuple[Screen, ...]:
    return (
        _at("capacities", "accounts:capacities", "accounts/capacities.html", "/account/wisselen/",
            person=CLERK),
        _at("sessions", "accounts:sessions", "accounts/sessions.html", "/account/sessies/", person=CLERK),
        _at("second-factor", "accounts:second-factor", "accounts/second_factor.html",
            "/account/tweede-stap/instellen/", person=CLERK),
        _at("second-factor-refused", "accounts:second-factor", "accounts/second_factor.html",
            "/account/tweede-stap/instellen/", person=CLERK, act=acts.type_wrong_code, status=422),
        _at("second-step", "accounts:second-step", "accounts/second_step.html", "/account/tweede-stap/",
            person=OFFICER),
        _at("second-step-refused", "accounts:second-step", "accounts/second_step.html",
            "/account/tweede-stap/", person=OFFICER, act=acts.type_wrong_code, status=422),
    )


def _clerk() -> tuple[Screen, ...]:
    return (
        _at("desk-start", "desk", "web/desk_start.html", "/desk/", image="desk-start"),
        _at("worklist", "cases:worklist", "cases/worklist.html", "/desk/zaken/", image="worklist"),
        _at("worklist-all", "cases:worklist", "cases/worklist.html",
            "/desk/zaken/?status=all&sort=-receivedOn"),
        _at("worklist-empty", "cases:worklist", "cases/worklist.html", "/desk/zaken/?q=99999999"),
        _at("worklist-by-name", "cases:by-name", "cases/worklist.html", "/desk/zaken/",
            act=acts.search_by_name),
        _at("tasks", "processes:tasks", "processes/tasks.html", "/desk/werkstromen/taken/"),
        _at("tasks-own", "processes:tasks", "processes/tasks.html", "/desk/werkstromen/taken/?mijn=1"),
        _at("task", "processes:task", "processes/task.html", "{task}"),
        _at("workflow", "processes:definition", "processes/definition.html", "{workflow}", image="workflow"),
        _at("workflow-start", "processes:start", "processes/start.html", "{workflow}starten/"),
        _at("workflow-start-refused", "processes:start", "processes/start.html", "{workflow}starten/",
            act=acts.press("Start"), status=422),
        _at("run", "processes:instance", "processes/instance.html", "{run}"),
        _at("run-values", "processes:variables", "processes/variables.html", "{run}gegevens/"),
        _at("run-stop", "processes:change-instance", "processes/confirm.html", "{run}stoppen/"),
        _at("run-elsewhere", "processes:relocate", "processes/relocate.html", "{run}verplaatsen/"),
        _at("run-correct", "processes:correct", "processes/correct.html", "{run}verbeteren/"),
        _at("run-correct-refused", "processes:correct", "processes/correct.html", "{run}verbeteren/",
            act=acts.press("Vraag een collega"), status=422),
        _at("repair", "processes:repair", "processes/repair.html", "{repair}"),
        _at("repair-refused", "processes:repair", "processes/repair.html", "{repair}",
            act=acts.press("Ga verder"), status=422),
        _at("stuck", "processes:incidents", "processes/list.html", "/desk/werkstromen/storingen/"),
        _at("desk-not-found", "", "ui/problem_desk.html", "/desk/bestaat-niet", status=404),
        *_meetings(),
        _at("case", "cases:detail", "cases/case.html", "{desk_new}"),
        _at("case-asked", "cases:detail", "cases/case.html", "{desk_asked}"),
        _at("case-decided", "cases:detail", "cases/case.html", "{desk_decided}", image="case"),
        _at("case-ask", "cases:ask", "cases/text.html", "{desk_new}/vraag"),
        _at("case-ask-refused", "cases:ask", "cases/text.html", "{desk_new}/vraag",
            act=acts.press("Stuur de vraag"), status=422),
        _at("case-changed", "cases:ask", "cases/changed.html", "{desk_new}/vraag", act=acts.be_late,
            status=409),
        _at("case-answer", "cases:answer", "cases/text.html", "{desk_asked}/antwoord"),
        _at("case-decide", "cases:decide", "cases/decide.html", "{desk_new}/beslissen", image="decide"),
        _at("case-decide-refused", "cases:decide", "cases/decide.html", "{desk_new}/beslissen",
            act=acts.press("Beslis en verstuur"), status=422),
        _at("case-preview", "cases:decide", "cases/preview.html", "{desk_new}/beslissen",
            act=acts.decide("Bekijk de brief"), image="decision"),
        _at("case-close", "cases:close", "cases/close.html", "{desk_decided}/afsluiten"),
        _at("case-letter", "cases:letter", "cases/letter.html", "{desk_letter}"),
    )


def _meetings() -> tuple[Screen, ...]:
    desk, form = "/desk/zittingen/", "council/form.html"
    return (
        _at("meetings", "council-desk:meetings", "council/meetings.html", desk),
        _at("meeting-plan", "council-desk:plan", form, f"{desk}nieuw"),
        _at("meeting-plan-refused", "council-desk:plan", form, f"{desk}nieuw",
            act=acts.press("Plan de zitting"), status=422),
        _at("meeting-coming", "council-desk:meeting", "council/desk.html", "{desk_coming}", image="meeting"),
        _at("meeting-held", "council-desk:meeting", "council/desk.html", "{desk_held}"),
        _at("point-new", "council-desk:add-item", form, "{desk_coming}punt"),
        _at("point-refused", "council-desk:add-item", form, "{desk_coming}punt",
            act=acts.press("Bewaar het punt"), status=422),
        _at("point-change", "council-desk:change-item", form, "{desk_point}"),
        _at("attendance", "council-desk:attendance", form, "{desk_coming}aanwezigheid"),
        _at("meeting-open", "council-desk:open", form, "{desk_coming}open"),
        _at("meeting-close", "council-desk:close", form, "{desk_coming}sluit"),
        _at("decision-write", "council-desk:decide", form, "{desk_point}/besluit"),
        _at("vote-write", "council-desk:vote", form, "{desk_vote}"),
        _at("release", "council-desk:release", "council/release.html", "{desk_release}"),
        _at("bodies", "council-desk:bodies", "council/bodies.html", f"{desk}organen"),
        _at("body-new", "council-desk:add-body", form, f"{desk}organen/nieuw"),
        _at("term-new", "council-desk:add-term", form, "{add_term}"),
        _at("holder-new", "council-desk:add-holder", form, "{add_holder}"),
        _at("holder-end", "council-desk:end-holder", form, "{end_holder}"),
    )


def _policy_maker() -> tuple[Screen, ...]:
    return (
        _at("principles", "governance:principles", "governance/principles.html", "/desk/principes/",
            image="principles"),
        _at("processes", "onboarding:processes", "onboarding/processes.html", "/desk/processen/",
            image="processes"),
        _at("insight", "insight:overview", "insight/overview.html", "/desk/beleid/", image="dashboard"),
        _at("insight-narrowed", "insight:overview", "insight/overview.html", "/desk/beleid/?domain=mobility"),
        _at("insight-domain", "insight:domain", "insight/detail.html", "/desk/beleid/domein/environment/"),
        _at("insight-service", "insight:service", "insight/detail.html",
            "/desk/beleid/dienst/kapvergunning/"),
        _at("comparison", "insight:comparison", "insight/comparison.html", "/desk/beleid/gemeenten/"),
        _at("indicators", "insight:indicators", "insight/indicators.html", "/desk/beleid/indicatoren/",
            image="indicators"),
        _at("indicator", "insight:indicator", "insight/indicator.html",
            "/desk/beleid/indicatoren/bike-trend/"),
        _at("indicator-target-refused", "insight:indicator", "insight/indicator.html",
            "/desk/beleid/indicatoren/no2-month/?doel=veel"),
        _at("lineage", "insight:lineage", "insight/lineage.html",
            "/desk/beleid/indicatoren/planned-investment-per-inhabitant/herkomst/"),
        _at("desk-dataset", "insight:dataset", "insight/dataset.html", "/desk/beleid/gegevens/energy_use/"),
        _at("dataset-of-persons", "insight:dataset", "insight/dataset.html",
            "/desk/beleid/gegevens/service_requests/"),
        _at("indicator-new", "insight:editor", "insight/editor.html", "/desk/beleid/indicator-maken/"),
        _at("outlines-refused", "insight:outlines", "insight/outlines.html", "/desk/beleid/kaart/",
            status=422, act=acts.press("Laad het bestand op")),
        _at("dashboards", "insight:dashboards", "insight/dashboards.html", "/desk/beleid/dashboards/"),
        _at("dashboard", "insight:dashboard", "insight/dashboard.html",
            "/desk/beleid/dashboards/start-schepen/"),
        _at("dashboard-new-refused", "insight:dashboard_new", "insight/dashboard_new.html",
            "/desk/beleid/dashboard-maken/", act=acts.press("Kies indicatoren"), status=422),
        _at("dashboard-edit", "insight:dashboard_edit", "insight/dashboard_edit.html",
            "/desk/beleid/dashboards/start-data/samenstellen/"),
        _at("explorer", "insight:explorer", "insight/explorer.html", "/desk/beleid/verkenner/",
            act=acts.press("Antwoord"), image="explorer"),
        _at("explorer-refused", "insight:explorer", "insight/explorer.html",
            "/desk/beleid/verkenner/?sql=drop", status=422),
        _at("open-data-desk", "opendata:desk", "opendata/desk.html", "/desk/open-data/"),
        _at("open-data-offer", "opendata:offer", "opendata/offer.html", "{offer}"),
        _at("open-data-offer-refused", "opendata:offer", "opendata/offer.html", "{offer}",
            act=acts.press("Deel met iedereen"), status=422),
        _at("open-data-waits", "opendata:desk-dataset", "opendata/desk_dataset.html", "{proposed}"),
        _at("open-data-own", "opendata:desk-dataset", "opendata/desk_dataset.html", "{shared}"),
        _at("open-data-withdraw", "opendata:withdraw", "opendata/confirm.html", "{shared}intrekken/"),
        _at("streams", "capture:streams", "capture/streams.html", "/desk/sensoren/"),
        _at("stream", "capture:stream", "capture/stream.html", "{stream}", image="bike-series"),
    )


FORMS = "/desk/formulieren/"
TREES, GRANT = f"{FORMS}kapvergunning/", f"{FORMS}subsidie-vereniging/"


def _designer() -> tuple[Screen, ...]:
    return (
        _at("forms", "forms:overview", "forms/overview.html", FORMS, image="forms"),
        _at("form-new", "forms:begin", "forms/properties.html", f"{FORMS}nieuw/"),
        _at("form-new-refused", "forms:begin", "forms/properties.html", f"{FORMS}nieuw/",
            act=acts.press("Bewaar"), status=422),
        _at("form-import", "forms:import", "forms/import.html", f"{FORMS}inladen/"),
        _at("form-import-refused", "forms:import", "forms/import.html", f"{FORMS}inladen/",
            act=acts.press("Controleer en neem over"), status=422),
        _at("form-design", "forms:design", "forms/design.html", TREES, image="form-designer"),
        _at("form-design-empty", "forms:design", "forms/design.html", "{design}"),
        _at("form-settings", "forms:settings", "forms/properties.html", f"{TREES}instellingen/"),
        _at("form-section", "forms:section", "forms/properties.html", f"{TREES}deel/trees/"),
        _at("form-section-new", "forms:add-section", "forms/properties.html", f"{TREES}deel/"),
        _at("form-field", "forms:field", "forms/properties.html", f"{TREES}vraag/owner/"),
        _at("form-field-refused", "forms:field", "forms/properties.html", f"{TREES}vraag/owner/",
            act=acts.press_save_without_a_text, status=422),
        _at("form-field-new", "forms:add-field", "forms/properties.html", f"{TREES}deel/trees/vraag/"),
        _at("form-repeat", "forms:field", "forms/properties.html", f"{GRANT}vraag/activity/"),
        _at("form-cell", "forms:cell", "forms/properties.html", f"{GRANT}vraag/activity/rij/activity_date/"),
        _at("form-cell-new", "forms:add-cell", "forms/properties.html", f"{GRANT}vraag/activity/rij/"),
        _at("form-try", "forms:try-out", "forms/try_out.html", f"{GRANT}uitproberen/"),
        _at("form-try-refused", "forms:try-out", "forms/try_out.html", f"{GRANT}uitproberen/",
            act=acts.press("Verstuur uw aanvraag"), status=422),
        _at("form-publish", "forms:publish", "forms/publish.html", "{design}publiceren/"),
        _at("form-versions", "forms:versions", "forms/versions.html", f"{TREES}versies/"),
        _at("form-differences", "forms:differences", "forms/differences.html", f"{TREES}verschillen/"),
        _at("design-discard", "forms:discard", "forms/confirm.html", "{design}weggooien/"),
        _at("form-conflict", "forms:section", "forms/properties.html", f"{GRANT}deel/activities/",
            act=acts.design_in_two_windows, status=409),
        _at("form-advice", "forms:design", "forms/design.html", f"{FORMS}evenement/vraag/streets/",
            act=acts.name_an_unknown_question),
    )


def _administrator() -> tuple[Screen, ...]:
    return (
        _at("desk-settings", "desk-settings", "web/desk_settings.html", "/desk/instellingen/"),
        _at("stream-new-refused", "capture:new", "capture/edit.html", "/desk/sensoren/nieuw/",
            act=acts.press("Bewaar"), status=422),
        _at("stream-edit", "capture:edit", "capture/edit.html", "{stream}/wijzigen/"),
        _at("loads", "capture:loads", "capture/loads.html", LOADS),
        _at("load-columns", "capture:load", "capture/load_columns.html", LOADS, act=acts.send_readings),
        _at("load-found", "capture:load", "capture/load.html", LOADS, act=acts.have_readings_checked,
            image="readings-found"),
        _at("load-stop", "capture:load-stop", "capture/load_stop.html", LOADS, act=acts.throw_readings_away),
        _at("stream-opening", "capture:opening", "capture/opening.html", "{stream}/openbaar/"),
        _at("stream-calibrate", "capture:calibrate", "capture/edit.html", "{stream}/ijking/"),
        _at("staff", "staff", "web/staff.html", "/desk/medewerkers/", image="staff"),
        _at("role-new", "grant-role", "web/staff_grant.html", "/desk/medewerkers/rol-geven"),
        _at("role-refused", "grant-role", "web/staff_grant.html", "/desk/medewerkers/rol-geven",
            act=acts.press("Geef de rol"), status=422),
        _at("staff-member", "staff-member", "web/staff_member.html", "{member}"),
        _at("member-suspend", "suspend-member", "web/staff_confirm.html", "{member}/schorsen"),
        _at("role-end", "end-role", "web/staff_confirm.html", "{end_role}"),
        _at("workflows", "processes:overview", "processes/overview.html", "/desk/werkstromen/"),
        _at("workflow-load", "processes:deploy", "processes/deploy.html", "/desk/werkstromen/inladen/"),
        _at("workflow-refused", "processes:deploy", "processes/deploy.html", "/desk/werkstromen/inladen/",
            act=acts.press("Kijk na"), status=422),
        _at("drawings", "processes:drawings", "processes/drawings.html", "/desk/werkstromen/tekenen/"),
        _at("drawing-new", "processes:new-drawing", "processes/new_drawing.html",
            "/desk/werkstromen/tekenen/nieuw/"),
        _at("drawing-new-refused", "processes:new-drawing", "processes/new_drawing.html",
            "/desk/werkstromen/tekenen/nieuw/", act=acts.press("Begin"), status=422),
        _at("drawing", "processes:draw", "processes/draw.html", "{drawing}", act=acts.when_drawn),
        _at("drawing-not-saved", "processes:save-drawing", "processes/not_saved.html", "{drawing}",
            act=acts.load_nothing, status=422),
        _at("drawing-publish", "processes:publish-drawing", "processes/publish.html", "{drawing}publiceren/"),
        _at("drawing-trial", "processes:trial", "processes/trial.html", "{drawing}proef/",
            act=acts.press("Start met")),
        _at("drawing-trial-refused", "processes:trial", "processes/trial_refused.html", "{unready}proef/",
            status=409),
        _at("drawing-discard", "processes:discard-drawing", "processes/confirm.html", "{drawing}weg/"),
        _at("drawing-difference", "processes:compare", "processes/difference.html", "{difference}"),
        _at("migrations", "processes:migrations", "processes/migrations.html", "{migrations}"),
        _at("migrate", "processes:migrate", "processes/migrate.html", "{migrate}"),
        _at("migration", "processes:migration", "processes/migration.html", "{migration}"),
        _at("planned", "processes:planned", "processes/list.html", "/desk/werkstromen/gepland/"),
        _at("groups", "processes:groups", "processes/groups.html", "/desk/werkstromen/groepen/"),
        _at("group", "processes:group", "processes/group.html",
            "/desk/werkstromen/groepen/wijzigen/?proces=woonstcontrole&groep=Wijkwerking"),
        _at("connections", "processes:connections", "processes/connections.html",
            "/desk/werkstromen/verbindingen/"),
        _at("connection-new", "processes:new-connection", "processes/connection.html",
            "/desk/werkstromen/verbindingen/nieuw/"),
        _at("connection-refused", "processes:new-connection", "processes/connection.html",
            "/desk/werkstromen/verbindingen/nieuw/", act=acts.press("Bewaar"), status=422),
        _at("connection", "processes:connection", "processes/connection.html",
            "/desk/werkstromen/verbindingen/proefsysteem/"),
        _at("connection-remove", "processes:remove-connection", "processes/confirm.html",
            "/desk/werkstromen/verbindingen/proefsysteem/weg/"),
        _at("tables", "rules:overview", "rules/overview.html", "/desk/beslistabellen/"),
        _at("table-new", "rules:new-draft", "rules/new.html", "/desk/beslistabellen/nieuw/"),
        _at("table-new-refused", "rules:new-draft", "rules/new.html", "/desk/beslistabellen/nieuw/",
            act=acts.press("Begin"), status=422),
        _at("table", "rules:draft", "rules/draft.html", "{table}"),
        _at("table-discard", "rules:discard-draft", "rules/confirm.html", "{table}weg/"),
        _at("table-model", "rules:model", "rules/model.html", "{model}"),
        _at("data-services", "linkeddata:overview", "linkeddata/overview.html", "/data/"),
        _at("data-service", "linkeddata:service", "linkeddata/service.html", "/data/bestuurseenheden/"),
        _at("data-objects", "linkeddata:objects", "linkeddata/objects.html",
            "/data/bestuurseenheden/Bestuurseenheid/"),
        _at("data-object", "linkeddata:document", "linkeddata/object.html", "{public_body}"),
        _at("data-object-ended", "linkeddata:document", "linkeddata/object.html", "{merged_body}"),
        _at("data-object-version", "linkeddata:version", "linkeddata/object.html", "{merged_body}/1"),
        _at("data-report-choice", "linkeddata:report", "linkeddata/report_choice.html",
            "{public_body}/melden", person=CITIZEN),
        _at("data-report", "linkeddata:report", "linkeddata/report.html", "{public_body}/melden",
            person=CITIZEN, act=acts.press("Verder")),
        _at("data-report-refused", "linkeddata:report", "linkeddata/report.html", "{public_body}/melden",
            person=CITIZEN, act=acts.report_nothing, status=422),
        _at("data-reported", "linkeddata:report", "linkeddata/reported.html", "{public_body}/melden",
            person=CITIZEN, act=acts.report),
        _at("data-layers", "linkeddata:layers", "linkeddata/layers.html", "/geo/"),
        _at("data-layer", "linkeddata:collection", "linkeddata/layer.html",
            "/geo/collections/adressen.Adres"),
        _at("data-question", "linkeddata:question", "linkeddata/question.html", "/vraag-de-data/"),
        _at("data-question-refused", "linkeddata:question", "linkeddata/question.html",
            "/vraag-de-data/?query=DELETE", status=422),
        _at("dataset-faulty", "opendata:dataset", "opendata/dataset.html", "{faulty}"),
        _at("harvest-sources", "opendata:sources", "opendata/sources.html", "/desk/open-data/bronnen/"),
        _at("harvest-source", "opendata:source", "opendata/source.html", "{source}"),
        _at("harvest-source-new", "opendata:add-source", "opendata/add_source.html",
            "/desk/open-data/bronnen/nieuw/"),
        _at("harvest-source-refused", "opendata:add-source", "opendata/add_source.html",
            "/desk/open-data/bronnen/nieuw/", act=acts.press("Voeg de bron toe"), status=422),
        _at("harvest-source-stop", "opendata:stop-source", "opendata/confirm.html", "{source}stoppen/"),
        _at("catalog", "services:catalog", "services/catalog.html", "/desk/diensten/"),
        _at("catalog-entry", "services:entry", "services/entry.html", "{entry}"),
        _at("own-versions", "services:instances", "services/instances.html", "/desk/diensten/eigen/"),
        _at("own-version", "services:instance", "services/instance.html", "{own_version}"),
        _at("own-version-write", "services:write-instance", "services/write.html", "{own_version}tekst"),
    )


def _integrator() -> tuple[Screen, ...]:
    return (
        _at("applications", "exchange:applications", "exchange/applications.html", "/desk/koppelingen/"),
        _at("application-new", "exchange:register-application", "exchange/register.html",
            "/desk/koppelingen/nieuw/"),
        _at("application-refused", "exchange:register-application", "exchange/register.html",
            "/desk/koppelingen/nieuw/", act=acts.press("Registreer"), status=422),
        _at("application", "exchange:application", "exchange/application.html", "{application}"),
        _at("application-revoke", "exchange:revoke-application", "exchange/confirm.html",
            "{application}intrekken/"),
        _at("standards-load", "linkeddata:load-standards", "linkeddata/load_standards.html",
            "/desk/standaarden/", act=acts.press("Laad dit register"), status=422),
        _at("webhooks", "exchange:webhooks", "exchange/webhooks.html", "/desk/webhooks/"),
        _at("webhook-new", "exchange:subscribe", "exchange/subscribe.html", "/desk/webhooks/nieuw/"),
        _at("webhook-refused", "exchange:subscribe", "exchange/subscribe.html", "/desk/webhooks/nieuw/",
            act=acts.press("Voeg"), status=422),
        _at("webhook-again", "exchange:replay", "exchange/confirm.html",
            "/desk/webhooks/leveringen/0192f3c4-5d6e-7f80-9a1b-2c3d4e5f6071/opnieuw/"),
        _at("webhook-end", "exchange:unsubscribe", "exchange/confirm.html", "{subscription}"),
    )


def _of(person: str, screens: tuple[Screen, ...]) -> tuple[Screen, ...]:
    return tuple(each if each.person else replace(each, person=person) for each in screens)


SCREENS = (
    *_public(), *_of(CITIZEN, _citizen()), *_account(), *_of(CLERK, _clerk()),
    *_of(POLICY_MAKER, _policy_maker()), *_of(ADMINISTRATOR, _administrator()),
    *_of(ADMINISTRATOR, _designer()),
    *_of(INTEGRATOR, _integrator()),
)
