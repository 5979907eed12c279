"""The application."""

from fastapi import FastAPI

from app.support import category_of, reply_to

app = FastAPI()


@app.post("/ask")
def ask(message: str) -> dict[str, str]:
    """A customer's question, answered and sorted."""
    return {"answer": reply_to(message), "category": category_of(message)}
