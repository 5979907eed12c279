"""The one audit hook of a process."""

import subprocess
import sys

LATE = """
import sys
from pytest_modelpin.intercept.unseen import audit

class Listener:
    def hear(self, event, arguments):
        print(event)

audit.listen(Listener())
sys.audit("os.fork")
# What Python does with a module's names as the process ends.
vars(audit).update({name: None for name in vars(audit) if not name.startswith("__")})
sys.audit("os.fork")
"""


def test_what_happens_as_the_process_ends_makes_no_noise():
    done = subprocess.run([sys.executable, "-c", LATE], capture_output=True, text=True, check=False)
    assert (done.stdout, done.stderr) == ("os.fork\n", "")
