"""Who acts: options that every command shares which writes into a case."""

from collections.abc import Callable
from typing import Any, TypeVar

import click

from witnessmark.model.evidence import Actor

F = TypeVar("F", bound=Callable[..., Any])


def actor_options(function: F) -> F:
    """`--actor` and `--role`."""
    name = click.option(
        "--actor", envvar="WITNESSMARK_ACTOR", default="", help="Who acts: a name or pseudonym. [$WITNESSMARK_ACTOR]"
    )
    role = click.option("--role", default="", help="In which role: collector, reviewer, editor …")
    return name(role(function))


def actor_of(actor: str, role: str) -> Actor:
    """The record; an empty name is recorded as `not stated`."""
    return Actor(name=actor, role=role) if actor else Actor(role=role)
