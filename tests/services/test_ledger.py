"""What calls cost, and the budget."""

from __future__ import annotations

import json
import re
import tomllib
from concurrent.futures import ThreadPoolExecutor
from contextvars import copy_context
from pathlib import Path

import pytest

from emoanim import registry
from emoanim.errors import BudgetError, SettingsError
from emoanim.services import Charge, Price, Usage, accounting, current_ledger, price_of
from emoanim.services.prices import is_local
from emoanim.settings import Settings

PRICE = Price(characters=1.0)


def draft(characters: int) -> Charge:
    return Charge("it", "speak", "m", Usage(characters=characters), None)


def spend(characters: int, most: int | None = None) -> None:
    with current_ledger().reserved(draft(most or characters), PRICE) as made:
        made.append(draft(characters))


def test_it_adds_up() -> None:
    with accounting() as ledger:
        spend(500, most=900)
        spend(250)
    assert ledger.usd == pytest.approx(0.75)
    assert ledger.usage == Usage(0, 0, 750)
    record = ledger.to_dict()
    assert record["calls"] == 2
    assert record["usd"] == 0.75
    json.dumps(record)


def test_nobody_reads_what_is_spent_outside() -> None:
    spend(500)
    with accounting() as ledger:
        pass
    assert ledger.calls == 0
    assert ledger.usd == 0.0


def test_a_budget_counts_the_most_that_a_call_can_cost() -> None:
    with accounting(budget=1.0) as ledger:
        spend(100, most=1000)
        spend(100, most=900)
        with pytest.raises(BudgetError, match=r"\$0\.9000; \$0\.8000 of the budget of \$1 is left"):
            spend(100, most=900)
        spend(800)
    assert ledger.usd == pytest.approx(1.0)


def test_ledgers_within_ledgers() -> None:
    with accounting(budget=1.0) as whole:
        with accounting() as first:
            spend(600)
        with accounting(budget=5.0) as second, pytest.raises(BudgetError):
            spend(600)
    assert (whole.calls, first.calls, second.calls) == (1, 1, 0)


def test_calls_at_the_same_time_share_a_budget() -> None:
    def one() -> bool:
        try:
            spend(300)
        except BudgetError:
            return False
        return True

    with accounting(budget=1.0) as ledger, ThreadPoolExecutor(4) as pool:
        done = [pool.submit(copy_context().run, one) for _ in range(12)]
        assert sum(d.result() for d in done) == 3
    assert ledger.usd == pytest.approx(0.9)


def test_an_unknown_price() -> None:
    with accounting() as ledger, current_ledger().reserved(draft(3), None) as made:
        made.append(draft(3))
    assert ledger.usd is None
    assert ledger.to_dict()["usd"] is None
    with (
        accounting(budget=1.0),
        pytest.raises(BudgetError, match="not known"),
        current_ledger().reserved(draft(3), None),
    ):
        pass


@pytest.mark.parametrize("budget", [-1.0, float("nan")])
def test_no_such_budget(budget: float) -> None:
    with pytest.raises(SettingsError), accounting(budget):
        pass


def test_prices() -> None:
    assert price_of("gpt-4", None) == Price(30.0, 60.0)
    assert price_of("anything", "http://localhost:8080/v1") == Price()
    assert price_of("gpt-4o-mini-tts", "http://localhost:8000/v1") == Price()
    assert price_of("anything", "https://models.example/v1") is None
    assert is_local("http://127.0.0.1:1/v1")
    assert not is_local("http://127.evil.example/v1")
    assert not is_local(None)
    assert Price(2.0, 8.0).of(Usage(1000, 500)) == pytest.approx(0.006)


def test_prices_of_your_own_as_the_page_shows_them(monkeypatch: pytest.MonkeyPatch) -> None:
    page = (Path(__file__).parents[2] / "docs" / "services.md").read_text(encoding="utf-8")
    (block,) = re.findall(r"```toml\n(.*?)```", page, re.DOTALL)
    settings = Settings.of(tomllib.loads(block))
    for key in ("OPENAI_API_KEY", "ELEVENLABS_API_KEY"):
        monkeypatch.setenv(key, "none")
    emoter = registry.backend("text_emoter", "gpt4", **settings.text_emoter.options)
    voice = registry.backend("voice", "elevenlabs", **settings.voice.options)
    assert emoter._price == Price(2.5, 10.0)
    assert voice._price == Price(characters=0.1)
