"""health data is sealed: notes, what vendors sent, samples of what was refused; and every view of it is written down.

What there is, is sealed here, in the transaction that changes the columns: there is no moment at which some is in the
clear and some is not. Going back opens it again.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

import sqlalchemy as sa
from alembic import context, op
from sqlalchemy.dialects import postgresql

from opsconsole.keyring import Keyring, place

revision = "0013"
down_revision = "0012"

SEALED = (
    ("notes", "text"),
    ("note_versions", "text"),
    ("inbox_events", "body"),
    ("rejected_deliveries", "sample"),
)
BATCH = 1000
# A version's words never change. Only the text may be written anew, sealed by another key: sealed by none that the
# console has, or for another row, it would not open.
VERSIONS_ARE_ADDED = (
    "create trigger append_only before delete or truncate on note_versions "
    "for each statement execute function append_only()",
    "create trigger append_only_but_sealed before update of id, created_at, note_id, number, phi on note_versions "
    "for each statement execute function append_only()",
)


def _instant(name: str, **more: object) -> sa.Column[sa.DateTime]:
    return sa.Column(name, sa.DateTime(timezone=True), **more)  # type: ignore[arg-type]


def _now(name: str) -> sa.Column[sa.DateTime]:
    return _instant(name, server_default=sa.text("instant()"), nullable=False)


def _id(name: str) -> sa.Column[str]:
    return sa.Column(name, sa.String(length=40, collation="C"), nullable=False)


def _why_and_who() -> list[sa.Column[str]]:
    sizes = {"field": 40, "purpose": 20, "by": 120, "by_id": 40}
    return [sa.Column(name, sa.String(length=size), nullable=False) for name, size in sizes.items()]


def _keyring() -> Keyring:
    @contextmanager
    def borrow() -> Iterator[sa.Connection]:
        yield op.get_bind()

    return Keyring(context.config.attributes["masters"], borrow)


def _each(table: str, column: str, change: Callable[[bytes, str], bytes]) -> None:
    """Put `change` of what a column holds in its place, row by row."""
    connection, after = op.get_bind(), ""
    of = sa.table(table, sa.column("id", sa.Text), sa.column(column, sa.LargeBinary))
    read = sa.select(of.c.id, of.c[column].label("value")).order_by(of.c.id).limit(BATCH)
    write = of.update().where(of.c.id == sa.bindparam("of_id")).values({column: sa.bindparam("value")})
    while rows := connection.execute(read.where(of.c.id.collate("C") > after)).all():
        new = [{"of_id": id, "value": change(bytes(value), place(table, column, id))} for id, value in rows]
        connection.execute(write, new)
        after = rows[-1].id


def upgrade() -> None:
    op.create_table(
        "data_keys",
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("purpose", sa.String(length=10), nullable=False),
        sa.Column("wrapped", sa.LargeBinary(), nullable=False),
        sa.Column("master", sa.String(length=40), nullable=False),
        _now("created_at"),
        _instant("retired_at", nullable=True),
        sa.PrimaryKeyConstraint("number", name=op.f("data_keys_pkey")),
    )
    op.create_table(
        "key_rotations",
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("places", postgresql.JSONB(), nullable=False),
        sa.Column("resealed", sa.Integer(), nullable=False),
        _now("started_at"),
        _instant("ended_at", nullable=True),
        sa.PrimaryKeyConstraint("number", name=op.f("key_rotations_pkey")),
    )
    op.create_table(
        "phi_views",
        _id("id"),
        _now("at"),
        sa.Column("customer_id", sa.String(length=40), nullable=True),
        sa.Column("subject_id", sa.String(length=40), nullable=False),
        *_why_and_who(),
        sa.Column("trace_id", sa.String(length=40), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("phi_views_pkey")),
    )
    op.create_index("phi_views_customer_idx", "phi_views", ["customer_id", "at", "id"])
    op.create_index("phi_views_by_idx", "phi_views", ["by_id", "at", "id"])
    op.execute(
        "create trigger append_only before update or delete or truncate on phi_views "
        "for each statement execute function append_only()"
    )
    op.create_table(
        "reveals",
        _id("id"),
        _now("created_at"),
        sa.Column("subject_id", sa.String(length=40), nullable=False),
        sa.Column("customer_id", sa.String(length=40), nullable=True),
        *_why_and_who(),
        _instant("expires_at", nullable=False),
        sa.Column("trace_id", sa.String(length=40), nullable=False),
        sa.ForeignKeyConstraint(["customer_id"], ["customers.id"], name=op.f("reveals_customer_id_fkey")),
        sa.PrimaryKeyConstraint("id", name=op.f("reveals_pkey")),
    )
    op.execute("drop trigger append_only on note_versions")
    for table, column in SEALED[:2]:
        op.execute(f"alter table {table} alter column {column} type bytea using convert_to({column}, 'UTF8')")
    keyring = _keyring()
    for purpose in ("seal", "digest"):
        keyring.newest(purpose)  # made here, not by the first who needs one
    for table, column in SEALED:
        _each(table, column, keyring.seal)
    for trigger in VERSIONS_ARE_ADDED:
        op.execute(trigger)


def downgrade() -> None:
    op.execute("drop trigger append_only_but_sealed on note_versions")
    op.execute("drop trigger append_only on note_versions")
    keyring = _keyring()
    for table, column in SEALED:
        _each(table, column, keyring.open)
    for table, column in SEALED[:2]:
        op.execute(
            f"alter table {table} alter column {column} type text using convert_from({column}, 'UTF8')"
        )
    op.execute(
        "create trigger append_only before update or delete or truncate on note_versions "
        "for each statement execute function append_only()"
    )
    op.drop_table("reveals")
    op.drop_table("phi_views")
    op.drop_table("key_rotations")
    op.drop_table("data_keys")
