"""Ray: the same bytes as here, on two machines, one of which is lost during the run."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from tiny_studies import SYSTEM, Log

from emoanim import study
from emoanim.errors import MissingExtraError
from emoanim.media import digest_of_streams
from emoanim.settings import Settings
from emoanim.study.plan import RunOptions
from emoanim.study.workers.tasks import Done, Task

ray = pytest.importorskip("ray")
pytestmark = [
    pytest.mark.slow,
    pytest.mark.filterwarnings("ignore::DeprecationWarning"),
    pytest.mark.filterwarnings("ignore::FutureWarning"),
    pytest.mark.filterwarnings("ignore::ResourceWarning"),
    pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning"),
]

Plan = Callable[..., dict[str, Any]]


def films(output: Path) -> dict[str, str]:
    return {p.name: digest_of_streams(p) for p in sorted((output / "samples").glob("*.mp4"))}


@pytest.fixture
def cluster(log: Log) -> Iterator[Any]:
    """A head that does no heavy work and two machines that do."""
    from ray.cluster_utils import Cluster

    made = Cluster(initialize_head=True, head_node_args={"num_cpus": 1})
    ray.init(address=made.address, log_to_driver=False, logging_level="ERROR")
    yield made
    ray.shutdown()
    made.shutdown()


def test_two_machines_one_lost(
    plan: Plan, log: Log, cluster: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("EMOANIM_TEST_PAUSE", "0.02")
    values = plan(samples=10, run={"chunk": 10})
    alone = study.run(values, tmp_path / "alone", progress="none")
    assert alone.summary.done == 20
    log.clear()
    machines = [cluster.add_node(num_cpus=2) for _ in range(2)]

    def lose() -> None:
        deadline = time.monotonic() + 120
        while time.monotonic() < deadline and log.counts["animate"] < 4:
            time.sleep(0.05)
        cluster.remove_node(machines[0], allow_graceful=False)

    losing = threading.Thread(target=lose)
    losing.start()
    pools = {stage: {"workers": 2, "cpus": 0.5} for stage in ("speak", "emote", "film", "score")}
    run = {"chunk": 10, "engine": "ray", "workers": 2, "pools": pools}
    result = study.run(plan(samples=10, run=run), tmp_path / "ray", progress="none")
    losing.join()
    deadline = time.monotonic() + 60  # Ray notices some seconds later that a machine is gone
    while (alive := sum(node["Alive"] for node in ray.nodes())) > 2:
        assert time.monotonic() < deadline, "the head and one machine should be left"
        time.sleep(0.2)
    assert alive == 2
    assert (result.summary.status, result.summary.done) == ("complete", 20), result.summary
    assert films(tmp_path / "ray") == films(tmp_path / "alone")
    for name in ("table4_edd.csv", "table1_words.csv", "table3_quality.csv"):
        assert (tmp_path / "ray" / "tables" / name).read_text() == (
            tmp_path / "alone" / "tables" / name
        ).read_text()
    begun = [line for line in log.lines if line.startswith("animate")]
    assert len(set(begun)) == 20
    assert log.counts["speak"] <= 2 + 2, "what samples share is made once, but for what was lost"


def test_a_worker_killed_in_the_middle_of_a_batch_is_replaced(
    clips: list[Path], log: Log, cluster: Any, tmp_path: Path
) -> None:
    cluster.add_node(num_cpus=2)
    lines = [
        {"video": str(clip), "emotion": emotion} for clip in clips for emotion in ("happy", "sad")
    ]
    manifest = tmp_path / "m.jsonl"
    manifest.write_text("".join(json.dumps(line) + "\n" for line in lines))
    dying = {"name": "counting", "options": {"dies_once": str(tmp_path / "died")}}
    settings = Settings().changed(**{**SYSTEM, "animator": dying}, stills=1)
    summary = study.run_batch(
        manifest,
        tmp_path / "out",
        settings=settings,
        options=RunOptions(engine="ray", workers=2),
        progress="none",
    )
    assert (tmp_path / "died").exists()
    assert (summary.status, summary.done) == ("complete", 6), summary.failures
    assert len(list((tmp_path / "out").glob("*.mp4"))) == 6
    assert not list((tmp_path / "out").rglob(".emoanim-*"))


def test_an_address_of_fsspec_holds_a_run(
    plan: Plan, log: Log, cluster: Any, tmp_path: Path
) -> None:
    place = f"file://{tmp_path}/shared"
    run = {"engine": "ray", "workers": 1}
    result = study.run(plan(run=run), place, progress="none")
    assert (result.summary.status, result.summary.done) == ("complete", 4), result.summary
    log.clear()
    again = study.run(plan(run=run), place, progress="none")
    assert (again.summary.kept, log.lines) == (4, [])
    study.run(plan(), tmp_path / "here", progress="none")
    assert films(tmp_path / "shared") == films(tmp_path / "here")


def test_no_ray_is_said(plan: Plan, log: Log, tmp_path: Path, monkeypatch: Any) -> None:
    import sys

    monkeypatch.setitem(sys.modules, "ray", None)
    with pytest.raises(MissingExtraError, match=r"\[ray\]"):
        study.run(plan(run={"engine": "ray"}), tmp_path, progress="none")


def test_stages_share_their_workers_but_for_one_with_a_pool_of_its_own(cluster: Any) -> None:
    from emoanim.study.plan import ScoringOptions
    from emoanim.study.workers.ray_engine import RayEngine

    class Probe:
        """Says which process does a task; defined here so that it travels whole."""

        def __init__(self, *given: Any) -> None:
            import os

            self.name = str(os.getpid())

        def ready(self) -> str:
            return self.name

        def do(self, task: Task) -> Done:
            return Done(task.key, None, worker=self.name)

    pools = {"default": {"cpus": 0}, "film": {"workers": 1, "cpus": 0}}
    options = RunOptions(engine="ray", workers=2, pools=pools)
    engine = RayEngine(options, "out", "cache", ScoringOptions(), Probe)
    item: Any = None
    workers: dict[str, set[str]] = {}

    def work(stage: str) -> None:
        tasks = [Task(stage, f"{stage}{n}", item, {}) for n in range(40)]
        answers = list(engine.map(stage, tasks))
        assert sorted(done.key for done in answers) == sorted(task.key for task in tasks)
        workers[stage] = {done.worker for done in answers}

    threads = [threading.Thread(target=work, args=(s,)) for s in ("pick", "score", "film")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(120)
    engine.close()
    assert set(workers) == {"pick", "score", "film"}
    assert len(workers["pick"] | workers["score"]) <= 2
    assert workers["pick"] & workers["score"], "a worker does whatever stage there is"
    assert len(workers["film"]) == 1
    assert not workers["film"] & (workers["pick"] | workers["score"])


def test_a_finished_run_starts_no_ray(plan: Plan, log: Log, tmp_path: Path) -> None:
    assert study.run(plan(), tmp_path, progress="none").summary.done == 4
    assert not ray.is_initialized()
    run = {"engine": "ray", "workers": 2}
    begun = []
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(ray, "init", lambda **how: begun.append(how))
        again = study.run(plan(run=run), tmp_path, progress="none")
    assert (again.summary.kept, begun) == (4, [])


def test_a_ray_that_is_started_here_has_this_process_priority_and_a_process_per_worker() -> None:
    import os

    from emoanim.study.plan import ScoringOptions
    from emoanim.study.workers.ray_engine import RayEngine

    class Probe:
        def __init__(self, *given: Any) -> None: ...

        def ready(self) -> str:
            return ""

        def do(self, task: Task) -> Done:
            import os

            return Done(task.key, None, worker=str(os.nice(0)))

    pools = {"film": {"workers": 1, "cpus": 0.5}}
    options = RunOptions(engine="ray", workers=2, pools=pools)
    engine = RayEngine(options, "out", "cache", ScoringOptions(), Probe)
    assert not ray.is_initialized(), "nothing is to be done yet"
    item: Any = None
    (done,) = engine.map("film", [Task("film", "key", item, {})])
    assert ray.cluster_resources()["CPU"] == 3
    engine.close()
    assert not ray.is_initialized()
    assert done.worker == str(os.nice(0))
    assert "RAY_worker_niceness" not in os.environ
