"""flag_rules with their first version, reminders, how long visits may take, photos of answers.

Old code still runs while this does: add first, remove a release later.
"""

from __future__ import annotations

import json
from typing import Any

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0041"
down_revision = "0040"


def _answer(question: str, value: Any, asks: str = "=") -> dict[str, Any]:
    return {"about": "answer", "question": question, "is": asks, "value": value}


def _case(about: str, value: Any, asks: str = "=") -> dict[str, Any]:
    return {"about": about, "is": asks, "value": value}


def _rule(
    code: str, kind: str, severity: str, effect: str, says: str, *when: dict[str, Any], all_of: bool = True
) -> dict[str, Any]:
    return {
        "code": code, "kind": kind, "severity": severity, "effect": effect, "says": says, "when": list(when),
        "when_all": all_of,
    }  # fmt: skip


FIRST_RULES = [
    _rule(
        "pregnancy", "pregnancy", "high", "block",
        "Pregnant, or trying to be, and one of the products may not be taken then.",
        _answer("pregnant", True), _case("not_in_pregnancy", True),
    ),
    _rule(
        "breastfeeding", "pregnancy", "moderate", "review", "Breastfeeding.", _answer("breastfeeding", True),
    ),
    _rule("allergy", "allergy", "high", "review", "Told us of an allergy.", _answer("allergies", True)),
    _rule(
        "interaction", "interaction", "high", "block",
        "Takes, or has taken lately, what does not go with a retinoid.", _answer("isotretinoin", True),
    ),
    _rule("age", "age", "high", "block", "Younger than 18.", _case("age", 18, "<")),
    _rule(
        "hydroquinone_duration", "hydroquinone_duration", "moderate", "block",
        "Four months or more of hydroquinone without a break.",
        _answer("hydroquinone_months", 4, ">="), _case("ingredient", "hydroquinone"),
    ),
    _rule("photo_quality", "photo_quality", "moderate", "review", "Fewer than two photos.", _case("photos", 2, "<")),
    _rule(
        "renewal_answers_changed", "renewal_answers_changed", "moderate", "review",
        "Answers differ from the visit before.",
        _case("visit", "renewal"), {"about": "changed", "question": "*", "is": "exists", "value": True},
    ),
]  # fmt: skip


def _instant(name: str, *, now: bool = False, nullable: bool = False) -> sa.Column[Any]:
    default = sa.text("instant()") if now else None
    return sa.Column(name, sa.DateTime(timezone=True), server_default=default, nullable=nullable)


def _id() -> sa.Column[Any]:
    return sa.Column("id", sa.String(length=40, collation="C"), nullable=False)


def _of(name: str, nullable: bool = False) -> sa.Column[Any]:
    return sa.Column(name, sa.String(length=40, collation="C"), nullable=nullable)


def upgrade() -> None:
    op.create_table(
        "flag_rules",
        sa.Column("rules", JSONB(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("why", sa.String(length=500), nullable=False),
        sa.Column("by", sa.String(length=120), nullable=False),
        sa.Column("trace_id", sa.String(length=40), nullable=True),
        sa.Column("status", sa.String(length=24), nullable=False),
        _instant("status_since", now=True),
        _id(),
        _instant("created_at", now=True),
        sa.CheckConstraint("number > 0", name=op.f("flag_rules_number_check")),
        sa.CheckConstraint(
            "status in ('draft', 'active', 'superseded', 'withdrawn')", name=op.f("flag_rules_status_check")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("flag_rules_pkey")),
    )
    op.create_index("flag_rules_number_key", "flag_rules", ["number"], unique=True)
    op.create_index(
        "flag_rules_active_key", "flag_rules", ["status"], unique=True, postgresql_where="status = 'active'"
    )
    op.create_index("flag_rules_created_idx", "flag_rules", ["created_at", "id"])
    op.create_index("flag_rules_status_created_idx", "flag_rules", ["status", "created_at", "id"])
    op.execute(
        sa.text(
            "insert into flag_rules (id, number, status, rules, why, by) values ('frl_00000000000000000000000001', 1, "
            "'active', cast(:rules as jsonb), 'What a new console starts with', 'the console')"
        ).bindparams(rules=json.dumps(FIRST_RULES))
    )
    op.create_table(
        "reminders",
        _of("visit_id"),
        _of("customer_id"),
        _instant("began_at"),
        sa.Column("step", sa.Integer(), nullable=False),
        sa.Column("last", sa.Boolean(), nullable=False),
        sa.Column("zone", sa.String(length=40), nullable=False),
        _instant("due_at"),
        _of("message_id", nullable=True),
        sa.Column("why", sa.String(length=200), nullable=False),
        sa.Column("status", sa.String(length=24), nullable=False),
        _instant("status_since", now=True),
        _id(),
        _instant("created_at", now=True),
        sa.CheckConstraint("step > 0", name=op.f("reminders_step_check")),
        sa.CheckConstraint(
            "status in ('planned', 'done', 'sent', 'skipped', 'canceled')",
            name=op.f("reminders_status_check"),
        ),
        sa.ForeignKeyConstraint(["visit_id"], ["visits.id"], name=op.f("reminders_visit_id_fkey")),
        sa.ForeignKeyConstraint(["customer_id"], ["customers.id"], name=op.f("reminders_customer_id_fkey")),
        sa.ForeignKeyConstraint(["message_id"], ["messages.id"], name=op.f("reminders_message_id_fkey")),
        sa.PrimaryKeyConstraint("id", name=op.f("reminders_pkey")),
    )
    op.create_index("reminders_step_key", "reminders", ["visit_id", "began_at", "step"], unique=True)
    op.create_index("reminders_due_idx", "reminders", ["due_at", "id"], postgresql_where="status = 'planned'")
    op.create_index("reminders_created_idx", "reminders", ["created_at", "id"])
    op.create_index("reminders_customer_idx", "reminders", ["customer_id", "created_at"])
    op.create_index(
        "reminders_message_idx", "reminders", ["message_id"], postgresql_where="message_id is not null"
    )
    op.create_table(
        "visit_policy",
        sa.Column("single", sa.Boolean(), server_default="true", nullable=False),
        sa.Column("days", JSONB(), nullable=False),
        sa.Column("closes_on_day", sa.Integer(), nullable=False),
        sa.Column("quiet_from", sa.Time(), nullable=False),
        sa.Column("quiet_until", sa.Time(), nullable=False),
        sa.Column("due_hours", sa.Integer(), nullable=False),
        sa.Column("reaction_hours", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "single and closes_on_day > 0 and quiet_from <> quiet_until and due_hours > 0 and reaction_hours > 0",
            name=op.f("visit_policy_sensible_check"),
        ),
        sa.PrimaryKeyConstraint("single", name=op.f("visit_policy_pkey")),
    )
    op.execute(
        "insert into visit_policy (days, closes_on_day, quiet_from, quiet_until, due_hours, reaction_hours) "
        "values ('[1, 3, 7]', 30, '21:00', '08:00', 24, 4)"
    )
    op.create_table(
        "answer_photos",
        _of("answers_id"),
        _of("visit_id", nullable=True),
        _of("customer_id"),
        sa.Column("question", sa.String(length=255), nullable=False),
        sa.Column("place", sa.LargeBinary(), nullable=False),
        _of("attachment_id", nullable=True),
        _id(),
        _instant("created_at", now=True),
        sa.ForeignKeyConstraint(
            ["answers_id"], ["visit_answers.id"], name=op.f("answer_photos_answers_id_fkey")
        ),
        sa.ForeignKeyConstraint(["visit_id"], ["visits.id"], name=op.f("answer_photos_visit_id_fkey")),
        sa.ForeignKeyConstraint(
            ["customer_id"], ["customers.id"], name=op.f("answer_photos_customer_id_fkey")
        ),
        sa.ForeignKeyConstraint(
            ["attachment_id"], ["attachments.id"], name=op.f("answer_photos_attachment_id_fkey")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("answer_photos_pkey")),
    )
    op.create_index("answer_photos_answers_idx", "answer_photos", ["answers_id", "created_at"])
    op.create_index("answer_photos_created_idx", "answer_photos", ["created_at", "id"])


def downgrade() -> None:
    for table in ("answer_photos", "visit_policy", "reminders", "flag_rules"):
        op.drop_table(table)
