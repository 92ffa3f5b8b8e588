"""The manifest of onboarding."""

from ocapi.kernel.access.data import Cell, Operation, Surface
from ocapi.kernel.registry.data import ALL_KINDS, Audience, Manifest, Mount, Navigation, Title
from ocapi.kernel.registry.extensions import content_loaders, import_formats
from ocapi.modules.onboarding.adapters.packs import ProcessesLoader
from ocapi.modules.onboarding.adapters.process_reference import ProcessReference

OPERATIONS = (
    Operation(
        name="onboarding.read_processes",
        surface=Surface.DESK,
        resource="reference process",
        cells={
            "anonymous": Cell.LOGIN,
            "citizen_self": Cell.DENY,
            "clerk": Cell.ALLOW,
            "policy_maker": Cell.ALLOW,
            "dpo": Cell.ALLOW,
            "tenant_admin": Cell.ALLOW,
            "collective_admin": Cell.ALLOW,
        },
    ),
)

MANIFEST = Manifest(
    name="onboarding",
    title=Title(nl="Aansluiten", en="Onboarding"),
    purpose="What a local authority does, as reference processes to follow or deviate from.",
    layer="journeys",
    kinds=ALL_KINDS,
    mounts=(Mount(prefix="desk/processen/", urls="ocapi.modules.onboarding.urls", audience=Audience.DESK),),
    operations=OPERATIONS,
    navigation=(
        Navigation(
            audience=Audience.DESK,
            title=Title(nl="Processen", en="Processes"),
            url_name="onboarding:processes",
            operation="onboarding.read_processes",
            order=80,
            icon="list",
            hint=Title(
                nl="Alle processen van een lokaal bestuur.",
                en="All processes of a local authority.",
            ),
        ),
    ),
    provides=((content_loaders, ProcessesLoader), (import_formats, ProcessReference)),
    content=("reference-processes",),
)
