"""Operations of the platform itself, for screens and commands that no module owns."""

from ocapi.kernel.access.data import Cell, Leaf, Operation, Surface

STAFF = {"clerk": Cell.ALLOW, "policy_maker": Cell.ALLOW, "dpo": Cell.ALLOW, "tenant_admin": Cell.ALLOW,
         "collective_admin": Cell.ALLOW, "supplier": Cell.ALLOW}

OPERATIONS = (
    Operation(name="web.desk", surface=Surface.DESK, resource="start",
              cells={"anonymous": Cell.LOGIN, **STAFF}),
    Operation(name="web.search", surface=Surface.PUBLIC, resource="search",
              cells={"anonymous": Cell.ALLOW, "citizen_self": Cell.ALLOW, "represented": Cell.ALLOW, **STAFF}),
    Operation(name="registry.save_setting", surface=Surface.DESK, resource="setting",
              cells={"anonymous": Cell.LOGIN, "tenant_admin": Cell.ALLOW, "collective_admin": Cell.ALLOW},
              leaf=Leaf.CHANGE, note="brand, address form, name and settings of modules"),
    Operation(name="registry.import_content", surface=Surface.COMMAND, resource="content",
              cells={"tenant_admin": Cell.ALLOW, "collective_admin": Cell.ALLOW}, leaf=Leaf.CHANGE),
)
