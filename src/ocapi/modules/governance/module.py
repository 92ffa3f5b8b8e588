"""The manifest of governance."""

from ocapi.kernel.access.data import Cell, Operation, Surface
from ocapi.kernel.registry.data import ALL_KINDS, Audience, Manifest, Mount, Navigation, Title
from ocapi.kernel.registry.extensions import content_loaders
from ocapi.modules.governance.adapters.packs import PrinciplesLoader

OPERATIONS = (
    Operation(
        name="governance.read_principles",
        surface=Surface.DESK,
        resource="principle",
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
    name="governance",
    title=Title(nl="Principes en bestuur", en="Governance"),
    purpose="The principles a city steers by, each with the fact that measures it.",
    layer="domains",
    kinds=ALL_KINDS,
    mounts=(Mount(prefix="desk/principes/", urls="ocapi.modules.governance.urls", audience=Audience.DESK),),
    operations=OPERATIONS,
    navigation=(
        Navigation(
            audience=Audience.DESK,
            title=Title(nl="Principes", en="Principles"),
            url_name="governance:principles",
            operation="governance.read_principles",
            order=70,
            icon="check",
            hint=Title(
                nl="Waarop de gemeente stuurt.",
                en="What the municipality steers by.",
            ),
        ),
    ),
    provides=((content_loaders, PrinciplesLoader),),
    content=("principles",),
)
