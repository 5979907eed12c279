"""What a live run says of how far it is, and where."""

import io

import pytest

from pytest_modelpin.report import progress
from pytest_modelpin.report.progress import Progress, ProgressDisplay, sentence


class Terminal(io.StringIO):
    def isatty(self):
        return True


class Clock:
    now = 0.0

    def __call__(self):
        return self.now


def display(stream, **environ):
    clock = Clock()
    return ProgressDisplay(stream, {"COLUMNS": "60", **environ}, clock), clock


@pytest.mark.parametrize(
    ("seen", "seconds", "said"),
    [
        (Progress(0, 40), 5, "0 of 40 tests"),
        (
            Progress(12, 40, 31, 1, 0.123, 5.0),
            60,
            "12 of 40 tests, 31 replies (0.5 a second), $0.123 of $5.00, 1 lost, about 2 min left",
        ),
        (Progress(1, 2, 1, spent=0.5), 10, "1 of 2 tests, 1 reply (0.1 a second), $0.50, "
         "about 10 s left"),
        (Progress(40, 40, 80), 100, "40 of 40 tests, 80 replies (0.8 a second)"),
        (Progress(10, 4000), 60, "10 of 4,000 tests, about 6.7 h left"),
    ],
)  # fmt: skip
def test_a_sentence_tells_what_is_known(seen, seconds, said):
    assert sentence(seen, seconds) == said


def test_on_a_terminal_one_line_is_written_over_and_makes_way_for_what_stays():
    shown, clock = display(stream := Terminal())
    shown.begin()
    shown.show(Progress(1, 4))
    clock.now = 1.0
    shown.show(Progress(2, 4))
    shown.say("claude: 4 cases answered")
    assert stream.getvalue() == (
        "\r\x1b[K  1 of 4 tests, about 1 s left"
        "\r\x1b[K  2 of 4 tests, about 1 s left"
        "\r\x1b[Kclaude: 4 cases answered\n"
    )


def test_a_line_that_is_written_over_never_wraps():
    shown, clock = display(stream := Terminal())
    clock.now = 60.0
    shown.show(Progress(12, 40, 31, 1, 0.123, 5.0))
    assert len(stream.getvalue().removeprefix("\r\x1b[K")) < 60


@pytest.mark.parametrize(
    ("stream", "environ"), [(io.StringIO(), {"CI": "true"}), (Terminal(), {"NO_COLOR": "1"})]
)
def test_in_ci_and_without_colour_there_is_a_plain_line_every_half_minute(stream, environ):
    shown, clock = display(stream, **environ)
    shown.begin()
    for clock.now in range(0, 70, 10):
        shown.show(Progress(1, 4))
    shown.end()
    assert stream.getvalue() == (
        "  1 of 4 tests, about 2 min left\n  1 of 4 tests, about 3 min left\n"
    )


@pytest.mark.parametrize("environ", [{}, {"CI": "false"}])
def test_what_is_piped_hears_nothing_of_it(environ):
    shown, clock = display(stream := io.StringIO(), **environ)
    clock.now = 1000.0
    shown.show(Progress(1, 4))
    shown.say("done")
    assert stream.getvalue() == "done\n"


def test_what_one_process_writes_another_reads(tmp_path):
    seen = Progress(12, 40, 31, 1, 0.123, 5.0)
    progress.write(seen, tmp_path / "here")
    assert progress.read(tmp_path / "here") == seen


@pytest.mark.parametrize("written", [None, "", "{", '{"done": 1}', '{"other": 1}', "[]"])
def test_what_can_not_be_read_is_nothing(tmp_path, written):
    if written is not None:
        (tmp_path / "here").write_text(written)
    assert progress.read(tmp_path / "here") is None
