"""The manifest of processes."""

from ocapi.kernel.registry.data import ALL_KINDS, Command, Manifest, Tier, Title

MANIFEST = Manifest(
    name="processes",
    title=Title(nl="Processen", en="Processes"),
    purpose="Processes drawn in BPMN, carried out step by step: tasks for people, terms, messages, repairs.",
    layer="engine 4",
    kinds=ALL_KINDS,
    commands=(
        Command(
            name="inspect",
            help="tell of BPMN files what of them can be executed, and why the rest can't",
            function="ocapi.modules.processes.commands.inspect",
            needs_tenant=False,
        ),
    ),
    standards=("BPMN 2.0.2", "FEEL", "ISO 8601"),
    tier=Tier.BRONZE,
)
