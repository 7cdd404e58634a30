"""clocks: who works when, and how long things may take where that differs from their rule.

Old code still runs while this does: add first, remove a release later.
"""

from __future__ import annotations

import json

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0046"
down_revision = "0045"

# Name, zone, which holidays are kept, hours of a weekday, a Saturday and a Sunday: what a new console starts with.
CALENDARS = (
    ("company", "America/New_York", "federal", [[540, 1020]], []),
    ("clinic", "America/New_York", "federal", [[480, 1200]], [[540, 900]]),
    ("pharmacy-truepill", "America/Los_Angeles", "major", [[480, 1080]], [[540, 900]]),
    ("pharmacy-honeybee", "America/Los_Angeles", "major", [[540, 1020]], []),
)


def _record() -> list[sa.Column]:
    return [
        sa.Column("id", sa.String(length=40, collation="C"), nullable=False),
        sa.Column(
            "created_at", sa.DateTime(timezone=True), server_default=sa.text("instant()"), nullable=False
        ),
    ]


def upgrade() -> None:
    op.create_table(
        "work_calendars",
        sa.Column("name", sa.String(length=40), nullable=False),
        sa.Column("zone", sa.String(length=60), nullable=False),
        sa.Column("hours", JSONB(), nullable=False),
        sa.Column("holidays", sa.String(length=16), nullable=False),
        sa.Column("days_off", JSONB(), nullable=False),
        *_record(),
        sa.CheckConstraint(
            "holidays in ('federal', 'major', 'none')", name=op.f("work_calendars_holidays_check")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("work_calendars_pkey")),
        sa.UniqueConstraint("name", name=op.f("work_calendars_name_key")),
    )
    op.create_index("work_calendars_created_idx", "work_calendars", ["created_at", "id"], unique=False)
    for number, (name, zone, holidays, weekday, saturday) in enumerate(CALENDARS, 1):
        op.execute(
            sa.text(
                "insert into work_calendars (id, name, zone, hours, holidays, days_off) "
                "values (:id, :name, :zone, cast(:hours as jsonb), :holidays, '[]')"
            ).bindparams(
                id=f"wcl_{number:026}",
                name=name,
                zone=zone,
                holidays=holidays,
                hours=json.dumps([*[weekday] * 5, saturday, []]),
            )
        )
    op.create_table(
        "service_levels",
        sa.Column("code", sa.String(length=40), nullable=False),
        sa.Column("pharmacy_id", sa.String(length=40, collation="C"), nullable=True),
        sa.Column("sku", sa.String(length=60), nullable=True),
        sa.Column("warn_minutes", sa.Integer(), nullable=False),
        sa.Column("breach_minutes", sa.Integer(), nullable=False),
        sa.Column("calendar", sa.String(length=40), nullable=True),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("why", sa.String(length=500), nullable=False),
        sa.Column("by", sa.String(length=120), nullable=False),
        *_record(),
        sa.CheckConstraint("warn_minutes <= breach_minutes", name=op.f("service_levels_minutes_check")),
        sa.CheckConstraint("active = (ended_at is null)", name=op.f("service_levels_ended_check")),
        sa.ForeignKeyConstraint(
            ["pharmacy_id"], ["pharmacies.id"], name=op.f("service_levels_pharmacy_id_fkey")
        ),
        sa.ForeignKeyConstraint(
            ["calendar"], ["work_calendars.name"], name=op.f("service_levels_calendar_fkey")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("service_levels_pkey")),
    )
    op.create_index(
        "service_levels_active_key",
        "service_levels",
        ["code", "pharmacy_id", "sku"],
        unique=True,
        postgresql_where="active",
        postgresql_nulls_not_distinct=True,
    )
    op.create_index("service_levels_created_idx", "service_levels", ["created_at", "id"], unique=False)


def downgrade() -> None:
    op.drop_table("service_levels")
    op.drop_table("work_calendars")
