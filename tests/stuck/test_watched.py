"""What whoever watches the machinery is told of what is stuck."""

from __future__ import annotations

from opsconsole.db import now
from opsconsole.models import Stuck
from opsconsole.services import stuck, transaction, watch
from opsconsole.services.stuck._watched import measures

from ..conftest_parts import AsNew
from ..house import House
from ..statements import statements
from .plant import Plant
from .test_rules import world


def measured() -> dict[str, dict[tuple[str, ...], float]]:
    return {name: {tuple(labels): number for labels, number in rows} for name, _, _, rows in watch.measured()}


def test_metrics_tell_what_the_board_tells(house: House) -> None:
    assert "opsconsole_diagnosis_age_seconds +Inf" in metrics(house), "nobody has looked yet"
    with house.app.app_context(), transaction():
        plant = Plant(now())
        subjects = [world("PHA.NO_ACK").firing(plant) for _ in range(4)] + [world("REF.FAILED").firing(plant)]
        stuck.diagnose(stuck.Scope(plant.now))
        about = {subject: stuck.of(subject) for subject in subjects}
        first, second, third, behind, refund = (one for one in about.values() if one)
        for one, breach_at, ended_at in (
            (first, plant.ahead(hours=1), None),  # worth a look
            (second, plant.ago(hours=1), None),  # too long, and it lasts
            (third, plant.ago(hours=1), plant.ago(minutes=5)),  # too late, and over
            (refund, plant.ago(hours=1), plant.ago(hours=30)),  # in time, a day ago
        ):
            one.warn_at, one.breach_at, one.ended_at = plant.ago(hours=2), breach_at, ended_at
            one.status, one.began_at = ("cleared" if ended_at else "stuck"), plant.ago(hours=31)
        behind.behind_id, behind.warn_at, behind.breach_at = (
            first.id,
            plant.ago(hours=2),
            plant.ahead(hours=1),
        )
        team = first.team
    with house.app.app_context():
        told = measured()
        board = stuck.board()
    assert told["stuck_open"] == {
        ("PHA.NO_ACK", "pharmacy", "warn"): 1,
        ("PHA.NO_ACK", "pharmacy", "breach"): 1,
    }
    assert sum(told["stuck_open"].values()) == board.total
    assert told["stuck_began_last_hour"] == {("PHA.NO_ACK",): 1}, "the one behind: the rest began long ago"
    assert told["stuck_ended_last_hour"] == {("PHA.NO_ACK",): 1}
    assert told["service_level_ratio"] == {(team,): 0, ("finance",): 1}
    text = metrics(house)
    assert 'opsconsole_stuck_open{ball="pharmacy",code="PHA.NO_ACK",level="breach"} 1.0' in text
    assert "opsconsole_cases_open{" in text


def test_the_age_is_that_of_the_last_look_at_everything(house: House) -> None:
    with house.app.app_context():
        stuck.look()
        assert stuck.age() < 60
    house.advance(660)
    with house.app.app_context():
        assert 660 <= stuck.age() < 720


def test_each_measure_reads_an_index_however_much_was_stuck_before(house: House, as_new: AsNew) -> None:
    with house.app.app_context(), transaction():
        plant = Plant(now())
        world("PHA.NO_ACK").firing(plant)
        stuck.diagnose(stuck.Scope(plant.now))
    with statements(house) as sent, house.app.app_context():
        measures()
    asked = [(query, values) for query, values in sent if "from stuck" in query.lower()]
    assert len(asked) == 5
    with as_new.cluster._connect(as_new.name) as connection:
        columns = ", ".join(column.name for column in Stuck.__table__.columns if column.name not in PAST)
        connection.execute(
            f"insert into stuck (id, status, began_at, ended_at, {columns}) select 'stk_' || n, 'cleared',"  # type: ignore[arg-type]
            f" began_at - n * interval '1 hour', began_at - n * interval '59 min', {columns}"
            " from stuck, generate_series(200, 5000) n"
        )
        connection.execute("analyze stuck")
        for query, values in asked:
            plan = "\n".join(row[0] for row in connection.execute(f"explain {query}", values))
            assert "stuck_cursor" in query or ("Seq Scan" not in plan and "stuck_" in plan), plan


PAST = ("id", "status", "began_at", "ended_at")


def metrics(house: House) -> str:
    return house.app.test_client().get("/metrics").get_data(as_text=True)
