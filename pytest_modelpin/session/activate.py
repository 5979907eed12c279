"""From the options to a session and the hooks that this process needs."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from pytest_modelpin.intercept.interceptor import JOBS
from pytest_modelpin.intercept.unseen.alarm import POLICIES, Policy
from pytest_modelpin.providers.catalogue import remembered, use_own
from pytest_modelpin.session import final_reports
from pytest_modelpin.session.controller_hooks import ControllerHooks
from pytest_modelpin.session.final_reports import FinalReports
from pytest_modelpin.session.opening import SessionOptions, open_session
from pytest_modelpin.session.redacting import RedactingFiles, RedactingHooks
from pytest_modelpin.session.run_processes import (
    WorkerReport,
    is_worker,
    registry_read,
    runs_tests,
    worker_count,
)
from pytest_modelpin.session.sampling import Samples, TimeLimits, samples_of
from pytest_modelpin.session.session import Session
from pytest_modelpin.session.shared_fixtures import RenewingHooks, SharedFixtures
from pytest_modelpin.session.whole_suite import WholeSuiteHooks
from pytest_modelpin.session.worker_hooks import WorkerHooks
from pytest_modelpin.snapshot import hide_from_other_extensions

if TYPE_CHECKING:
    from pytest_modelpin.judge.asking import JudgeRequest
    from pytest_modelpin.providers.wire import Reply
    from pytest_modelpin.results.case import Judged


def activate(config: pytest.Config) -> Session:
    """Register the hooks: with pytest-xdist, workers run tests and the controller gathers.

    Raises ModelpinError or pytest.UsageError, a sentence, where options or models.yml are wrong.
    """
    option = config.option
    if option.model_report:
        from pytest_modelpin.session.own_options import go_by_no_earlier_run, refuse_others

        refuse_others(option)
        go_by_no_earlier_run(config.pluginmanager)
    hide_from_other_extensions(config)
    samples = 1 if option.model_samples is None else option.model_samples
    if samples < 1:
        raise pytest.UsageError("--model-samples must be a whole number from 1.")
    own = samples_of(option.model_samples_of)
    config.add_cleanup(remembered())  # for the session that this one may run in
    _know_own_providers(config)
    options = SessionOptions(
        root=config.rootpath,
        folder=config.invocation_params.dir,
        registry=config.getini("modelpin_registry") or None,
        read=registry_read(config),
        wanted=option.model,
        record=option.model_record,
        recordings=option.model_recordings,
        accepts=bool(getattr(option, "update_snapshots", False)),
        ignore_fields=config.getini("modelpin_ignore_fields"),
        reported=bool(option.model or option.model_report or option.model_html),
        unseen=_unseen(config),
        tolerant=option.model_tolerant,
    )
    session = open_session(options, _judge_answer)
    session.takes_any_snapshot = config.pluginmanager.has_plugin("modelpin-snapshot")
    _limit_live_calls(config, session)
    seen = WorkerReport()
    config.pluginmanager.register(RedactingHooks(session), "modelpin-redacting")
    config.pluginmanager.register(RedactingFiles(config, session), "modelpin-redacting-files")
    shared = SharedFixtures(session, config.rootpath)
    config.pluginmanager.register(shared, "modelpin-shared-fixtures")
    worker = WorkerHooks(config, session, shared, Samples(samples, own), seen)
    config.pluginmanager.register(worker, "modelpin-worker")
    config.pluginmanager.register(FinalReports(config, worker.see_report), final_reports.NAME)
    config.pluginmanager.register(TimeLimits(), "modelpin-time-limits")
    if option.model_tolerant and session.interceptor.sends:
        config.pluginmanager.register(RenewingHooks(shared, seen), "modelpin-renewing")
    if session.is_reported and runs_tests(config):
        whole = WholeSuiteHooks(config, session, seen)
        config.pluginmanager.register(whole, "modelpin-whole-suite")
    if not is_worker(config):
        controller = ControllerHooks(config, session, samples, seen)
        config.pluginmanager.register(controller, "modelpin-controller")
    return session


def _know_own_providers(config: pytest.Config) -> None:
    """Those that the hook `pytest_modelpin_providers` brings, in place of an earlier session's."""
    use_own([each for listed in config.hook.pytest_modelpin_providers() for each in listed])


def _unseen(config: pytest.Config) -> Policy:
    given: str = config.getini("modelpin_unseen")
    for policy in POLICIES:
        if given == policy:
            return policy
    raise pytest.UsageError(f"modelpin_unseen = {given}: choose one of {', '.join(POLICIES)}.")


def _limit_live_calls(config: pytest.Config, session: Session) -> None:
    jobs = JOBS if config.option.model_jobs is None else config.option.model_jobs
    if jobs < 1:
        raise pytest.UsageError("--model-jobs must be a whole number from 1.")
    usd = config.option.model_budget
    if usd is not None and not 0 <= usd < float("inf"):
        raise pytest.UsageError("--model-budget must be a number of US dollars from 0.")
    seconds = config.option.model_timeout
    if seconds is not None and not 0 < seconds < float("inf"):
        raise pytest.UsageError("--model-timeout must be a number of seconds above 0.")
    if not session.interceptor.sends:
        return
    from pytest_modelpin.live.throttle import Budget

    def price(reply: Reply) -> float | None:
        from pytest_modelpin.providers.prices import price

        return price(reply, session.pins.settings.prices)

    workers = worker_count(config)
    budget = Budget(usd and usd / workers, price)
    session.interceptor.limit(max(1, jobs // workers), budget, seconds)


def _judge_answer(request: JudgeRequest) -> Judged:
    from pytest_modelpin.judge.criterion import judge_answer

    return judge_answer(request)
