import pytest
from fastapi.testclient import TestClient
from service.app import app


@pytest.mark.parametrize(
    ("text", "queue", "urgent"),
    [
        ("I was charged twice, and my lawyer knows.", "billing", True),
        ("Where is my parcel?", "shipping", False),
    ],
)
def test_a_ticket_goes_to_its_queue(text, queue, urgent):
    with TestClient(app) as client:
        answer = client.post("/triage", json={"user": "ada", "text": text})
    assert answer.json()["sorted"] == {"queue": queue, "urgent": urgent}
