"""A crash while sending leaves a draft or a submission, never both. Not covered here: power loss."""

import pytest

from ocapi.kernel.tenants.testing import NOW, a_citizen, another_process, ended
from ocapi.lib import crashpoint
from ocapi.modules.forms import api
from ocapi.modules.forms.data import DraftNotFound
from ocapi.modules.forms.tests.factories import ADDRESS, loaded

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
            draft=draft.uuid,
            section=section,
            raw=RAW,
            actor=citizen,
            now=NOW,
            address_form="formal",
            revision=draft.revision,
        ).draft

    def send():
        api.submit(draft=draft.uuid, actor=citizen, now=NOW, address_form="formal")

    assert ended(another_process(send, crash=f"forms.submit.{place}:1")) == crashpoint.STATUS
    if is_sent:
        with pytest.raises(DraftNotFound):
            api.get_draft(draft=draft.uuid, actor=citizen, now=NOW)
    else:
        assert api.get_draft(draft=draft.uuid, actor=citizen, now=NOW).revision == draft.revision
    sent = api.submit(draft=draft.uuid, actor=citizen, now=NOW, address_form="formal")
    assert api.read_submission(submission=sent.uuid, actor=citizen, now=NOW) == sent
