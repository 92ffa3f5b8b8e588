"""The base of every body of this API."""

from ninja import Schema
from pydantic import ConfigDict
from pydantic.alias_generators import to_camel


class Body(Schema):
    """Base of every body: members in lowerCamelCase, unknown ones refused."""

    model_config = ConfigDict(alias_generator=to_camel, populate_by_name=True, extra="forbid")
