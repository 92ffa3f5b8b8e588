"""`ocapi tenant succeed` and `resolve`: the words of an operator around who takes the place of whom."""

import argparse
import os
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

from ocapi.main.carrying import refuse

if TYPE_CHECKING:
    from ocapi.kernel.registry.succeeding import Standing
    from ocapi.kernel.tenants.data import Succession

REMEDIES = {
    "itself": "give two organizations",
    "otherKind": "a municipality is followed by a municipality, a public social welfare centre by another: "
                 "plan one for each",
    "otherPlan": "take that plan back first: ocapi tenant succeed OLD --undo",
    "circle": "an organization can't follow itself over others: look at `ocapi tenant list`",
    "successorEnds": "choose who takes the place of that one, or take its plan back first",
    "noPlan": "plan it first: ocapi tenant succeed OLD --by NEW --on DATE",
    "secondPerson": "the policy wants four eyes: somebody else signs in on this machine with an account of "
                    "their own and confirms",
    "inForce": "it can't be undone any more: the other organization has been the one since",
    "registerDiffers": "give what the register says, or correct content/local-authorities where it is wrong",
    "notInRegister": "the shipped register knows no end of this authority; if it was decided since, repeat "
                     "with --not-in-register",
}
"""What to do about each reason that a succession is refused for."""
UNSET = (1 << 32) - 1  # what the kernel gives where nobody signed in


def add(tenant: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add `succeed` and `resolve` to the commands of `ocapi tenant`."""
    succeed = tenant.add_parser("succeed", help="let an organization take the place of another from a day")
    succeed.add_argument("key", metavar="OLD")
    succeed.add_argument("--by", default="", metavar="NEW", help="who takes its place")
    succeed.add_argument("--on", default="", metavar="DATE", help="first day of the successor, as 2025-01-01")
    succeed.add_argument("--not-in-register", action="store_true", help="the register lacks it still")
    act = succeed.add_mutually_exclusive_group()
    act.add_argument("--dry-run", action="store_true", help="tell what would follow, and write nothing")
    act.add_argument("--confirm", action="store_true", help="let the plan hold; by another account")
    act.add_argument("--undo", action="store_true", help="take the plan back, before its day")
    succeed.set_defaults(handler=_succeed)
    resolve = tenant.add_parser("resolve", help="what a key, host, IRI, NIS, KBO or OVO code stands for")
    resolve.add_argument("value")
    resolve.set_defaults(handler=_resolve)


def account() -> str:
    """Give the account that signed in on this machine, also behind sudo; else the one that runs this."""
    try:
        login = int(Path("/proc/self/loginuid").read_text())
    except (OSError, ValueError):
        login = UNSET
    return f"uid {os.getuid() if login == UNSET else login}"


def _succeed(options: argparse.Namespace) -> int:
    from ocapi.kernel.tenants.data import SuccessionRefused

    try:
        if options.confirm or options.undo:
            if options.by or options.on:
                return refuse("--confirm and --undo take what was planned: leave --by and --on out")
            return _confirm(options.key) if options.confirm else _undo(options.key)
        return _plan(options)
    except SuccessionRefused as refusal:
        return refuse(f"{refusal}\n{REMEDIES[refusal.fault.value]}")


def _plan(options: argparse.Namespace) -> int:
    from ocapi.kernel.registry import api as registry
    from ocapi.lib import clock

    try:
        on = date.fromisoformat(options.on)
    except ValueError:
        return refuse(f"--on {options.on!r} is no day: write it as 2025-01-01")
    if not options.by:
        return refuse("say who takes its place: --by NEW")
    now = clock.now()
    if options.dry_run:
        registry.rehearse_succession(
            old=options.key, new=options.by, on=on, is_beyond_register=options.not_in_register
        )
        print(f"{options.key}: would be replaced by {options.by} from {_when(on)}; nothing was written")
        _follows(options.key)
        return 0
    made = registry.plan_succession(
        old=options.key, new=options.by, on=on, by=account(), now=now,
        is_beyond_register=options.not_in_register,
    )
    print(f"{options.key}: planned, replaced by {options.by} ({made.new_name}) from {_when(made.on)}")
    _follows(options.key)
    print(f"Nothing happens until: ocapi tenant succeed {options.key} --confirm")
    return 0


def _follows(key: str) -> None:
    from ocapi.kernel.tenants import api as tenants

    former = tenants.by_key(key)
    print(f"  from then on the home page of {', '.join(former.hosts) or key} leads to the successor, and its "
          "other pages say who took its place")
    print(f"  every IRI under {former.base_iri} goes on, here or at the successor that holds the thing")
    print("  nothing can be changed in it any more; who may read it now still may")


def _when(on: date) -> str:
    from ocapi.lib import clock

    return f"{on.isoformat()} ({'at once' if on <= clock.local_day(clock.now()) else 'in Brussels'})"


def _confirm(key: str) -> int:
    from ocapi.kernel.registry import api as registry
    from ocapi.lib import clock

    print(f"{key}: {_told(registry.confirm_succession(old=key, by=account(), now=clock.now()))}")
    return 0


def _told(made: "Succession") -> str:
    begins = made.begins_at.isoformat() if made.begins_at else ""
    return f"replaced by {made.new_name} from {begins}, confirmed by {made.confirmed_by}"


def _undo(key: str) -> int:
    from ocapi.kernel.registry import api as registry
    from ocapi.lib import clock

    registry.undo_succession(old=key, now=clock.now())
    print(f"{key}: the plan was taken back")
    return 0


def _resolve(options: argparse.Namespace) -> int:
    from ocapi.kernel.registry import api as registry
    from ocapi.lib import clock

    found = registry.list_standings(value=options.value, now=clock.now())
    if not found:
        return refuse(f"{options.value!r} is no key, uuid, host, IRI, NIS, KBO or OVO code known here")
    for each in found:
        print(_line(each))
    return 0


def _line(each: "Standing") -> str:
    since = f" since {each.valid_from.isoformat()}" if each.valid_from else ""
    until = f" until {each.valid_to.isoformat()}" if each.valid_to else ""
    here = "" if each.is_here else " (not in this installation)"
    heirs = f" -> {', '.join(each.heirs)}" if each.heirs else ""
    return f"{each.scheme} {each.value}: {each.organization}{since}{until}{here}{heirs}"
