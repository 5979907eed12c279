"""Stands in for OpenAI, Anthropic and Google, so that the example can be tried with no key.

python provider.py pytest --model candidate    # run a command against it
python provider.py                             # print its addresses, serve until killed
"""

import json
import os
import subprocess
import sys
import time

from pytest_modelpin.demo.provider_server import ProviderServer, Question
from pytest_modelpin.providers import Reply

# What each id is served by; an id that is not here is served by itself.
ALIASES = {"claude-haiku-4-5": "claude-haiku-4-5-20251001"}

TICKETS = {
    "charged my card twice": {"team": "billing", "urgency": 3, "needs_person": False},
    "where is my parcel": {"team": "shipping", "urgency": 2, "needs_person": False},
    "password reset mail": {"team": "account", "urgency": 2, "needs_person": False},
    "My lawyer": {"team": "technical", "urgency": 3, "needs_person": True},
}

SUMMARIES = {
    "gemini-3.5-flash-lite": (
        "The customer paid 39.90 EUR twice for order A-1042. The bank was asked to send one "
        "payment back a week ago, and nothing has come."
    ),
    "gemini-3.8-flash": (
        "Order A-1042 was charged twice at 39.90 EUR. A refund was requested from the bank a week "
        "ago but has not arrived, and the customer is asking again."
    ),
}


def answer(question: Question) -> str | Reply:
    """What the version asked says to one of the questions that the tests put."""
    if question.provider == "openai":
        return triage(question)
    if question.provider == "anthropic":
        return reply(question)
    return SUMMARIES[question.served]


def triage(question: Question) -> str:
    """The ticket's team; the newer version takes a lost password less seriously."""
    found = next(found for words, found in TICKETS.items() if words in question.text)
    if question.served == "gpt-5.6-terra" and found["team"] == "account":
        found = {**found, "urgency": 1}
    return json.dumps(found)


def reply(question: Question) -> str | Reply:
    """An order is looked up first, once."""
    looked_up = '"state"' in question.text
    if "A-1077" in question.text:
        return (
            "Thank you for your patience! Order A-1077 is on its way and should reach you on "
            "24 November 2026. Write again if it does not, and we will trace it."
            if looked_up
            else Reply(tools=[("find_order", {"number": "A-1077"})])
        )
    if "B-9999" in question.text:
        return (
            "I could not find an order B-9999. Could you check the number? It stands at the top of "
            "the confirmation mail, and with it I can look into your refund."
            if looked_up
            else Reply(tools=[("find_order", {"number": "B-9999"})])
        )
    return (
        "I am sorry that your parcel has not arrived. Could you send me the order number? It "
        "stands at the top of the confirmation mail."
    )


def main(command: list[str]) -> int:
    """Serve while the command runs; its exit status. Without one: for an hour."""
    with ProviderServer(answer, ALIASES) as server:
        found_at = {
            "OPENAI_BASE_URL": f"{server.url}/v1",
            "ANTHROPIC_BASE_URL": server.url,
            "GOOGLE_GEMINI_BASE_URL": server.url,
            # The SDKs want a key to be there; nobody looks at it.
            "OPENAI_API_KEY": "none-needed",
            "ANTHROPIC_API_KEY": "none-needed",
            "GEMINI_API_KEY": "none-needed",
        }
        if command:
            return subprocess.run(command, env={**os.environ, **found_at}, check=False).returncode
        print(*(f"{name}={value}" for name, value in found_at.items()), sep="\n", flush=True)
        # A night is over long before; one that was killed leaves nothing running for good.
        time.sleep(3600)
        return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
