"""The manifest of rules."""

from ocapi.kernel.registry.data import ALL_KINDS, Command, Manifest, Title

MANIFEST = Manifest(
    name="rules",
    title=Title(nl="Beslisregels", en="Rules"),
    purpose="Decision tables and expressions, each answer with the rules that gave it.",
    layer="engine 1",
    kinds=ALL_KINDS,
    commands=(
        Command(
            name="tck",
            help="answer the DMN Technology Compatibility Kit in a folder",
            function="ocapi.modules.rules.commands.tck",
            needs_tenant=False,
        ),
    ),
    standards=("DMN 1.5", "FEEL"),
)
