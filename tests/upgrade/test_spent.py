"""What a run cost: the night's confirmations get what is left."""

import pytest

from modelpin_runtime.registry.models import Settings
from pytest_modelpin.providers.reply import Reply, Usage
from pytest_modelpin.results.case import Call, Case, Sample
from pytest_modelpin.results.run import Run
from pytest_modelpin.upgrade.nightly.confirming import spent

SETTINGS = Settings(prices={"house-1": {"input": 1.0, "output": 2.0}})


def call(served="house-1", fresh=True):
    return Call("a", Reply(usage=Usage(1_000_000, 500_000), served_model=served), fresh, 0.1)


def run_of(calls=(), judging=()):
    return Run({}, (Case("t", (Sample("passed", calls=calls, judging=judging),)),))


@pytest.mark.parametrize(
    ("run", "dollars"),
    [
        (run_of(), 0),
        (run_of(calls=(call(), call())), 4),
        (run_of(calls=(call(),), judging=(call(),)), 4),
        (run_of(calls=(call(fresh=False),)), 0),
        (run_of(calls=(call(served="nobody-knows"),)), 0),
    ],
)
def test_live_replies_count_and_unknown_prices_do_not(run, dollars):
    assert spent(run, SETTINGS) == dollars
