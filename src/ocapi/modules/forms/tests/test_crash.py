"""A crash while sending leaves a draft or a submission, never both. Not covered here: power loss of the disk."""

import os
import subprocess
import sys

import pytest

from ocapi.kernel.tenants import api as tenants
from ocapi.kernel.tenants.testing import NOW, a_citizen
from ocapi.lib import crashpoint
from ocapi.modules.forms import api
from ocapi.modules.forms.data import DraftNotFound
from ocapi.modules.forms.tests.factories import ADDRESS, loaded

CHILD = """
import sys
from uuid import UUID
import django
django.setup()
from ocapi.kernel.tenants import api as tenants
from ocapi.kernel.tenants.testing import NOW, a_citizen
from ocapi.modules.forms import api
key, draft, person = sys.argv[1:]
with tenants.bind(key):
    api.submit(draft=UUID(draft), actor=a_citizen(person=UUID(person)), now=NOW, address_form="formal")
"""
RAW = {
    "family_name": ["Peeters"],
    "email": ["a@b.be"],
    "occupied": ["false"],
    "since": ["01/09/2026"],
    **ADDRESS,
}


@pytest.mark.parametrize(("place", "is_sent"), [("before_commit", False), ("after_commit", True)])
def test_a_crash_while_sending_leaves_it_whole_and_repeatable(committed_tenant, place, is_sent):
    citizen = a_citizen()
    loaded()
    draft = api.start(form="proef", actor=citizen, now=NOW)
    for section in ("who", "move"):
        draft = api.save_section(
            draft=draft.uuid, section=section, raw=RAW, actor=citizen, now=NOW, address_form="formal",
            revision=draft.revision,
        ).draft  # fmt: skip
    ended = subprocess.run(
        [sys.executable, "-c", CHILD, tenants.current().key, str(draft.uuid), str(citizen.person)],
        env={**os.environ, crashpoint.VARIABLE: f"forms.submit.{place}:1"}, timeout=60, check=False,
    )  # fmt: skip
    assert ended.returncode == crashpoint.STATUS
    if is_sent:
        with pytest.raises(DraftNotFound):
            api.get_draft(draft=draft.uuid, actor=citizen, now=NOW)
    else:
        assert api.get_draft(draft=draft.uuid, actor=citizen, now=NOW).revision == draft.revision
    sent = api.submit(draft=draft.uuid, actor=citizen, now=NOW, address_form="formal")
    assert api.read_submission(submission=sent.uuid, actor=citizen, now=NOW) == sent
