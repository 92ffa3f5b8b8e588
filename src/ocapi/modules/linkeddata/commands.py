"""Subcommands `ocapi linkeddata …`."""

import argparse
import sys
from collections import Counter
from pathlib import Path

from ocapi.lib import clock
from ocapi.lib.actor import Actor, Capacity
from ocapi.lib.ldes.following import FeedBroken
from ocapi.lib.profile.reader import NotAProfile
from ocapi.lib.rdf.index import IndexBusy
from ocapi.modules.linkeddata import api, fetching
from ocapi.modules.linkeddata.data import (
    Access,
    ProfileRefused,
    ServiceExists,
    ServiceNotFound,
    ThingsRefused,
    ViewKind,
)

OPERATOR = Actor(capacity=Capacity.SYSTEM, application="linkeddata.create")
CHECK_NOTHING = "shapesCheckNothing"
SHOWN = 20  # findings of one kind that are printed


def create_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the options of `create`."""
    source = parser.add_mutually_exclusive_group(required=True)
    source.add_argument("--profile", type=Path, metavar="DIR", help="folder with the profile")
    source.add_argument("--shipped", metavar="CODE", help="a profile of the product, such as adressen")
    parser.add_argument("--code", default="", help="name in addresses; that of the folder when left out")
    parser.add_argument("--title", default="", help="name for people; that of the profile when left out")
    parser.add_argument("--access", choices=[each.value for each in Access], default=Access.OPEN.value)


def create(options: argparse.Namespace) -> int:
    """Make a data service of a profile; exit code 1 when the profile can't carry one."""
    if options.shipped:
        return _create_shipped(options.shipped)
    try:
        made = api.create_service(
            folder=options.profile,
            code=options.code,
            title=options.title,
            may_read=Access(options.access),
            actor=OPERATOR,
            now=clock.now(),
        )
    except ServiceExists as refused:
        print(f"there is a service {refused} already", file=sys.stderr)
        return 1
    except ProfileRefused as refused:
        print(f"no service made: {refused}", file=sys.stderr)
        if any(code == CHECK_NOTHING for code, _where, _detail in refused.findings):
            print("take the shapes out of the folder to go by the context alone", file=sys.stderr)
        return 1
    except (NotAProfile, ValueError) as refused:
        print(f"no service made: {refused}", file=sys.stderr)
        return 1
    print(
        f"{made.code}: {len(made.classes)} classes, {made.access}, sha256 {made.digest[:16]},"
        f" {made.fallback_share:.0%} of the shapes by pySHACL"
    )
    for code, count in made.warnings:
        print(f"  {code}: {count}")
    return 0


def _create_shipped(code: str) -> int:
    try:
        done = api.create_shipped(code=code, now=clock.now())
    except KeyError:
        print(f"no profile {code} is shipped; see content/data-services", file=sys.stderr)
        return 1
    print(f"{code}: {'made' if done.written else 'there already'}")
    return 0


def lint_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the options of `lint`."""
    parser.add_argument("profiles", type=Path, nargs="+", metavar="DIR", help="folders with a profile each")


def lint(options: argparse.Namespace) -> int:
    """Print what is wrong in profiles and how many can carry a service; exit code 1 for one unread."""
    usable = unread = 0
    for folder in options.profiles:
        try:
            is_usable, share, findings = api.lint_profile(folder=folder)
        except NotAProfile as refused:
            unread += 1
            print(str(refused), file=sys.stderr)
            continue
        usable += is_usable
        print(f"{folder.name}: {'usable' if is_usable else 'refused'}, {share:.0%} by pySHACL")
        shown: Counter[str] = Counter()
        for code, where, detail, is_fatal in findings:
            shown[code] += 1
            if shown[code] <= SHOWN:
                print(f"  {'fatal ' if is_fatal else ''}{code} {where} {detail}".rstrip())
        for code, count in shown.items():
            if count > SHOWN:
                print(f"  {code}: {count - SHOWN} more")
    print(f"{usable} of {len(options.profiles)} profiles can carry a data service")
    return 1 if unread else 0


def load_authorities(options: argparse.Namespace) -> int:
    """Fill the service of public bodies with all that the shipped registers know; 2 without it."""
    try:
        changed, same = api.load_public_bodies(actor=OPERATOR, now=clock.now())
    except ServiceNotFound:
        print(f"there is no service {api.BODIES} yet: `ocapi --tenant KEY content load` makes it",
              file=sys.stderr)
        return 2
    except ThingsRefused as some:
        print(f"not all were taken: {some}", file=sys.stderr)
        return 1
    print(f"{changed} public bodies made or renewed, {same} as they were")
    return 0


def follow_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the options of `follow`."""
    parser.add_argument("--service", required=True, help="code of the service that is filled")
    parser.add_argument("--feed", required=True, metavar="URL", help="address of the feed or of a page of it")
    parser.add_argument("--internal", action="store_true", help="allow plain HTTP and private addresses")


def follow(options: argparse.Namespace) -> int:
    """Bring what a feed has new into a service; exit code 1 when it stopped before the end."""
    fetch = fetching.fetcher(options.feed, is_internal=options.internal)
    try:
        done = api.follow_feed(
            service=options.service, address=options.feed, fetch=fetch, actor=OPERATOR, now=clock.now()
        )
    except (FeedBroken, fetching.FeedUnavailable, ServiceNotFound) as stopped:
        print(f"stopped: {stopped}; run it again to go on", file=sys.stderr)
        return 1
    print(f"{done.taken} versions taken, {len(done.refused)} refused, {len(done.gaps)} pages gone")
    for name, reason in done.refused[:SHOWN]:
        print(f"  {name}: {reason}")
    return 0


def add_view_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the options of `add-view`."""
    parser.add_argument("--service", required=True, help="code of the service")
    parser.add_argument(
        "--by", required=True, choices=[each.value for each in ViewKind], help="how versions are divided"
    )


def add_view(options: argparse.Namespace) -> int:
    """Give the feed of a service one more view; again it goes on where it was stopped."""
    try:
        taken = api.add_view(service=options.service, kind=ViewKind(options.by), now=clock.now())
    except ServiceNotFound:
        print(f"there is no feed of {options.service}; `linkeddata show` lists the services", file=sys.stderr)
        return 1
    print(f"{taken} versions of before are on its pages")
    return 0


def upgrade_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the options of `upgrade`."""
    parser.add_argument("--service", required=True, help="code of the service")
    parser.add_argument("--profile", type=Path, metavar="DIR", help="folder; without it that of the product")
    parser.add_argument("--apply", action="store_true", help="take it into use; without it nothing changes")


def upgrade(options: argparse.Namespace) -> int:
    """Print what another version of a profile means, and take it into use with --apply."""
    try:
        found = api.upgrade_service(
            service=options.service,
            folder=options.profile,
            is_applied=options.apply,
            actor=OPERATOR,
            now=clock.now(),
        )
    except (NotAProfile, ProfileRefused, ServiceNotFound, KeyError) as refused:
        print(f"not upgraded: {refused}", file=sys.stderr)
        return 1
    for change in found.changes:
        breaking = "  breaking" if change.is_breaking else ""
        print(f"  {change.kind} {change.where} {change.before} -> {change.after}{breaking}")
    refused_count = sum(1 for _ in found.examples)
    print(f"{found.fitting} objects fit, {'some' if refused_count else 'none'} do not")
    for where, why, count in found.reasons:
        print(f"  {count} x {why} at {where}")
    for iri, where in found.examples:
        print(f"  {iri}: {where}")
    print("in use now" if options.apply else "nothing was changed; add --apply to take it into use")
    return 0


def rebuild_arguments(parser: argparse.ArgumentParser) -> None:
    """`rebuild` has no options."""


def rebuild(options: argparse.Namespace) -> int:
    """Make features and index anew; exit code 1 while another process writes the index."""
    try:
        made = api.rebuild(now=clock.now())
    except IndexBusy:
        print("another process writes the index now; try again in a moment", file=sys.stderr)
        return 1
    print(f"{made.features} features and {made.statements} statements made anew")
    return 0


def show_arguments(parser: argparse.ArgumentParser) -> None:
    """`show` has no options."""


def show(options: argparse.Namespace) -> int:
    """Print the data services of the organization."""
    for each in api.list_services(actor=OPERATOR):
        count = sum(part.count for part in each.classes)
        print(f"{each.code:30} {each.access:14} {count:8} objects  {each.profile}  {each.title}")
    return 0
