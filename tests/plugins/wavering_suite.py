"""A suite whose model answers otherwise each time: of three samples a case, some fail.

`SAID` has what is said one time after the other; what is not in it is said by who uses the suite.
"""

PIN, SECOND = "gpt-4o-2024-08-06", "gpt-4o-mini-2024-07-18"
SUITE = f"""
import os
import httpx

def ask(model, text):
    asked = {{"model": model, "messages": [{{"role": "user", "content": text}}]}}
    url = os.environ["OPENAI_BASE_URL"] + "/chat/completions"
    return httpx.post(url, json=asked, timeout=30).json()["choices"][0]["message"]["content"]

def test_fee(model_snapshot):
    said = ask("{PIN}", "fee?")
    assert said == model_snapshot
    assert "$42" in said

class TestGraded:
    def test_plan(self):
        graded = ask("{SECOND}", "graded: " + ask("{PIN}", "plan?"))
        assert "graded" in graded and "Basic" in graded
"""
SAID = {
    "fee?": ["It is free.", "You pay $42.", "It is $42 a month."],
    "plan?": ["Take Pro.", "Pro suits you.", "Take Basic."],
}
